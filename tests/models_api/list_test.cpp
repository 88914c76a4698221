// Lists: each row of the table of resourceVersions (kubernetes.md §1.13), pages that survive writes,
// refusals.
#include <rapidcheck.h>

#include "models/apiserver/continue_token.hpp"
#include "tests/models_api/cluster.hpp"

namespace racebed::models::tests {
namespace {

asio::awaitable<void> rows(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");  // revision 2
  co_await cluster.set("x", "1");        // 3
  co_await cluster.set("y", "1");        // 4
  co_await cluster.set("x", "2");        // 5
  co_await cluster.unset("y");           // 6
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "6: x=2@5"},
      {"?resourceVersion=0", "6: x=2@5"},
      {"?resourceVersion=0&limit=1", "6: x=2@5"},
      {"?resourceVersion=4", "6: x=2@5"},
      {"?resourceVersion=4&resourceVersionMatch=NotOlderThan", "6: x=2@5"},
      {"?resourceVersion=4&resourceVersionMatch=NotOlderThan&limit=1", "6: x=2@5"},
      {"?resourceVersion=0&resourceVersionMatch=NotOlderThan", "6: x=2@5"},
      {"?resourceVersion=4&resourceVersionMatch=Exact", "4: x=1@3 y=1@4"},
      {"?resourceVersion=3&resourceVersionMatch=Exact", "3: x=1@3"},
      {"?resourceVersion=2&resourceVersionMatch=Exact", "2:"},
      {"?resourceVersion=4&limit=5", "4: x=1@3 y=1@4"},
      {"?resourceVersion=4&limit=1", "4: x=1@3"},
      {"?resourceVersion=99", "504 Timeout Timeout: Too large resource version: 99, current: 6"},
      {"?resourceVersion=99&resourceVersionMatch=Exact",
       "504 Timeout Timeout: Too large resource version: 99, current: 6"},
      {"?resourceVersion=99&limit=1", "504 Timeout Timeout: Too large resource version: 99, current: 6"},
      {"/x?resourceVersion=0", "x=2@5"},
      {"/x?resourceVersion=4", "x=2@5"},
      {"/y", "404 NotFound configmaps \"y\" not found"},
      {"/x?resourceVersion=99", "504 Timeout Timeout: Too large resource version: 99, current: 6"},
      {"/x?resourceVersion=q",
       "500  resourceVersion: Invalid value: \"q\": strconv.ParseUint: parsing \"q\": invalid syntax"},
      {"?limit=x", "400 BadRequest strconv.ParseInt: parsing \"x\": invalid syntax"},
      {"?timeoutSeconds=", "400 BadRequest strconv.ParseInt: parsing \"\": invalid syntax"},
      {"?labelSelector=a%3D%3D%3Dx",
       "400 BadRequest unable to parse requirement: found '=', expected: identifier"},
      {"?fieldSelector=x", "400 BadRequest invalid selector: 'x'; can't understand 'x'"},
      {"?fieldSelector=data.v%3D1",
       "400 BadRequest \"data.v\" is not a known field selector: only \"metadata.name\", "
       "\"metadata.namespace\""},
      {"?fieldSelector=metadata.name%3Dx", "6: x=2@5"},
      {"?fieldSelector=metadata.name!%3Dx", "6:"},
      {"?fieldSelector=metadata.namespace%3Db", "6:"},
      {"?watch=0", "6: x=2@5"},
      {"?watch=False", "6: x=2@5"}};
  for (const auto& [query, want] : table) {
    const std::string got = co_await cluster.list(query);
    INFO(query);
    CHECK(got == want);
  }
}

TEST_CASE("a list shows what its resourceVersion asks for") {
  in_world(1, rows);
}

asio::awaitable<void> validation(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  const std::string name = "ListOptions.meta.k8s.io \"\" is invalid: ";
  const std::string match = "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden ";
  const std::vector<std::pair<std::string, std::string>> table{
      {"?resourceVersionMatch=Exact", match + "unless resourceVersion is provided"},
      {"?resourceVersionMatch=Exact&resourceVersion=2&continue=x", match + "when continue is provided"},
      {"?resourceVersionMatch=Newest&resourceVersion=2",
       "resourceVersionMatch: Unsupported value: \"Newest\": supported values: \"Exact\", \"NotOlderThan\", "
       "\"\""},
      {"?resourceVersionMatch=Exact&resourceVersion=0",
       "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion "
       "\"0\""},
      {"?sendInitialEvents=true", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"},
      {"?watch=1&sendInitialEvents=true",
       "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to "
       "NotOlderThan"},
      {"?watch=1&resourceVersionMatch=NotOlderThan",
       match + "for watch unless sendInitialEvents is provided"}};
  for (const auto& [query, want] : table) {
    const ApiHttpResponse answer = co_await cluster.call("GET", kConfigMaps + query);
    INFO(query);
    CHECK(Cluster::tell(answer) == "422 Invalid " + name + want);
    CHECK((*answer.body)["details"]["kind"] == "ListOptions");
    CHECK((*answer.body)["details"]["group"] == "meta.k8s.io");
  }
}

TEST_CASE("options that contradict each other are refused, each with its cause") {
  in_world(1, validation);
}

asio::awaitable<void> too_large_details(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  const Instant begin = runtime.clock.steady_now();
  const ApiHttpResponse answer = co_await cluster.call("GET", kConfigMaps + "?resourceVersion=7");
  CHECK(runtime.clock.steady_now() - begin == 3s);
  CHECK((*answer.body)["details"] ==
        Json{{"causes", {{{"message", "Too large resource version"}, {"reason", "ResourceVersionTooLarge"}}}},
             {"retryAfterSeconds", 1}});
  CHECK(answer.retry_after == Duration(1s));
}

asio::awaitable<void> awaited_revision(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");  // 2
  TaskGroup tasks(runtime);
  tasks.spawn("writer", [](Cluster& c) -> asio::awaitable<void> {
    co_await c.runtime.clock.sleep_for(1s);
    co_await c.set("x", "1");  // 3
    co_await c.make_namespace("b");
  }(cluster));
  const Instant begin = runtime.clock.steady_now();
  const std::string list = co_await cluster.list("?resourceVersion=4");
  CHECK(list == "4: x=1@3");  // a revision of another kind counts too
  CHECK(runtime.clock.steady_now() - begin == 1s);
  co_await tasks.join();
}

TEST_CASE("a revision from the future is waited for, 3 s at most") {
  in_world(1, too_large_details);
  in_world(1, awaited_revision);
}

std::string token_of(const ApiHttpResponse& answer) {
  return metadata_text(*answer.body, "continue");
}

asio::awaitable<void> pages(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  for (const char* name : {"n1", "n2", "n3", "n4", "n5"}) co_await cluster.set(name, "1");  // 3 to 7
  const ApiHttpResponse first = co_await cluster.call("GET", kConfigMaps + "?limit=2");
  CHECK(Cluster::tell(first) == "7: n1=1@3 n2=1@4");
  CHECK((*first.body)["metadata"]["remainingItemCount"] == 3);
  co_await cluster.unset("n3");
  co_await cluster.set("n4", "2");
  co_await cluster.set("n22", "1");
  co_await cluster.set("n6", "1");
  const ApiHttpResponse second =
      co_await cluster.call("GET", kConfigMaps + "?limit=2&continue=" + token_of(first));
  CHECK(Cluster::tell(second) == "7: n3=1@5 n4=1@6");
  CHECK((*second.body)["metadata"]["remainingItemCount"] == 1);
  const std::string third = co_await cluster.list("?limit=2&continue=" + token_of(second));
  CHECK(third == "7: n5=1@7");
  const std::string late = co_await cluster.list("?continue=" + token_of(first) + "&resourceVersion=5");
  CHECK(late == "400 BadRequest specifying resource version is not allowed when using continue");
  // Compacted while paging: the page says so, and how to go on without consistency.
  cluster.store.compact(cluster.store.revision());
  const ApiHttpResponse gone =
      co_await cluster.call("GET", kConfigMaps + "?limit=2&continue=" + token_of(first));
  CHECK(gone.status == 410);
  CHECK((*gone.body)["reason"] == "Expired");
  const std::string rest = co_await cluster.list("?limit=2&continue=" + token_of(gone));
  CHECK(rest == "11: n22=1@10 n4=2@9");
  const std::string exact = co_await cluster.list("?resourceVersion=7&resourceVersionMatch=Exact");
  CHECK(exact == "410 Expired The resourceVersion for the provided list is too old.");
}

TEST_CASE("pages show one snapshot whatever is written in between, until it is compacted") {
  in_world(1, pages);
}

asio::awaitable<void> filtered_pages(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  co_await cluster.set("n1", "1", "app=x");
  co_await cluster.set("n2", "1");
  const ApiHttpResponse first = co_await cluster.call("GET", kConfigMaps + "?limit=1&labelSelector=app%3Dx");
  CHECK(Cluster::tell(first) == "4: n1=1@3");
  // The server has not looked whether n2 matches, so it promises a further page, without a count.
  CHECK_FALSE((*first.body)["metadata"].contains("remainingItemCount"));
  const std::string second =
      co_await cluster.list("?limit=1&labelSelector=app%3Dx&continue=" + token_of(first));
  CHECK(second == "4:");
}

TEST_CASE("with a selector a full page promises another, which may be empty") {
  in_world(1, filtered_pages);
}

std::vector<std::string> forged_tokens() {
  return {"x", "!!!!", "e30", to_text(ContinueToken{0, "a/x"}), to_text(ContinueToken{2, "a/../b/x"})};
}

asio::awaitable<void> bad_tokens(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  for (const std::string& token : forged_tokens()) {
    INFO(token);
    const ApiHttpResponse answer = co_await cluster.call("GET", kConfigMaps + "?limit=1&continue=" + token);
    CHECK(answer.status == 400);
    CHECK(answer.body->value("message", "").starts_with("invalid continue token: continue key is not valid"));
  }
  const std::string from_the_future = to_text(ContinueToken{99, "a/x"});
  const std::string future = co_await cluster.list("?continue=" + from_the_future);
  CHECK(future.starts_with("504"));
}

TEST_CASE("a token that the server did not make is refused") {
  in_world(1, bad_tokens);
}

asio::awaitable<void> page_law(Runtime& runtime, std::vector<std::pair<int, int>> writes, int limit) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  std::size_t next = 0;
  const auto write = [&]() {
    const auto [what, name] = writes[next++ % writes.size()];
    return std::pair{what, fmt::format("n{}", name)};
  };
  for (std::size_t i = 0; i < writes.size() / 2; ++i) {
    const auto [what, name] = write();
    if (what == 0) co_await cluster.unset(name);
    if (what != 0) co_await cluster.set(name, std::to_string(next));
  }
  const std::string whole = co_await cluster.list("");
  std::string paged;
  std::string token;
  for (bool more = true; more;) {
    const ApiHttpResponse page = co_await cluster.call(
        "GET", fmt::format("{}?limit={}{}{}", kConfigMaps, limit, token.empty() ? "" : "&continue=", token));
    const std::string told = Cluster::tell(page);
    paged += token.empty() ? told : told.substr(told.find(':') + 1);
    token = token_of(page);
    more = !token.empty();
    for (int i = 0; i < 3; ++i) {
      const auto [what, name] = write();
      if (what == 0) co_await cluster.unset(name);
      if (what != 0) co_await cluster.set(name, std::to_string(next));
    }
  }
  RC_ASSERT(paged == whole);
}

TEST_CASE("the pages of a list, put together, are the list that was there at its beginning") {
  const bool holds = rc::check("paging law", [] {
    const auto writes = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 3), rc::gen::inRange(0, 9))));
    const int limit = *rc::gen::inRange(1, 4);
    in_world(1, [&](Runtime& runtime) { return page_law(runtime, writes, limit); });
  });
  CHECK(holds);
}

asio::awaitable<void> kinds(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  const JsonPtr secret = shared({{"metadata", {{"name", "s"}}}, {"type", "kubernetes.io/tls"}});
  co_await cluster.call("POST", "/api/v1/namespaces/a/secrets", secret);
  const JsonPtr event = shared({{"metadata", {{"name", "e"}}},
                                {"involvedObject", {{"kind", "Pod"}, {"name", "p"}, {"namespace", "a"}}},
                                {"reason", "Started"},
                                {"type", "Normal"},
                                {"reportingComponent", "kubelet"}});
  co_await cluster.call("POST", "/api/v1/namespaces/a/events", event);
  const std::vector<std::tuple<std::string, std::string, std::size_t>> table{
      {"/api/v1/namespaces", "status.phase%3DActive", 1},
      {"/api/v1/namespaces", "status.phase%3DTerminating", 0},
      {"/api/v1/secrets", "type%3Dkubernetes.io/tls", 1},
      {"/api/v1/secrets", "type%3DOpaque", 0},
      {"/api/v1/events", "involvedObject.kind%3DPod,involvedObject.name%3Dp,reason%3DStarted", 1},
      {"/api/v1/events", "involvedObject.uid%3D", 1},
      {"/api/v1/events", "source%3Dkubelet,type!%3DWarning", 1},
      {"/api/v1/events", "reportingComponent%3Dx", 0}};
  for (const auto& [path, selector, count] : table) {
    const ApiHttpResponse answer = co_await cluster.call("GET", path + "?fieldSelector=" + selector);
    INFO(path << " " << selector);
    REQUIRE(answer.status == 200);
    CHECK(answer.items->objects.size() == count);
  }
  const std::vector<std::string> unknown{"/api/v1/namespaces?fieldSelector=spec.x%3D1",
                                         "/api/v1/events?fieldSelector=regarding.name%3D1"};
  for (const std::string& path : unknown) {
    const ApiHttpResponse answer = co_await cluster.call("GET", path);
    CHECK(answer.status == 400);
    CHECK(answer.body->value("message", "").starts_with("field label not supported: "));
  }
}

TEST_CASE("each kind has its own fields to select by") {
  in_world(1, kinds);
}

}  // namespace
}  // namespace racebed::models::tests
