// Watches: where they start, what they show, when they end (kubernetes.md §1.14). Revisions: the namespace is
// 2, what is set then counts on from 3.
#include "tests/models_api/cluster.hpp"

namespace racebed::models::tests {
namespace {

/// x=1@3, y=1@4, x=2@5, y gone @6.
asio::awaitable<void> some_history(Cluster& cluster) {
  co_await cluster.make_namespace("a");
  co_await cluster.set("x", "1");
  co_await cluster.set("y", "1");
  co_await cluster.set("x", "2");
  co_await cluster.unset("y");
}

asio::awaitable<void> starts(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await some_history(cluster);
  const std::string streamed = "&resourceVersionMatch=NotOlderThan&sendInitialEvents=";
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "ADDED x=2@5, end"},
      {"&resourceVersion=0", "ADDED x=2@5, end"},
      {"&resourceVersion=2", "ADDED x=1@3, ADDED y=1@4, MODIFIED x=2@5, DELETED y=1@6, end"},
      {"&resourceVersion=4", "MODIFIED x=2@5, DELETED y=1@6, end"},
      {"&resourceVersion=6", "end"},
      {"&resourceVersion=1", "ADDED x=1@3, ADDED y=1@4, MODIFIED x=2@5, DELETED y=1@6, end"},
      {"&resourceVersion=99", "end"},
      {"&resourceVersion=2&fieldSelector=metadata.name%3Dy", "ADDED y=1@4, DELETED y=1@6, end"},
      {"&allowWatchBookmarks=1" + streamed + "true", "ADDED x=2@5, BOOKMARK 6 end, end"},
      {"&allowWatchBookmarks=1&resourceVersion=0" + streamed + "true", "ADDED x=2@5, BOOKMARK 6 end, end"},
      {streamed + "true", "ADDED x=2@5, end"},
      {streamed + "false", "end"},
      {"&resourceVersion=4" + streamed + "false", "MODIFIED x=2@5, DELETED y=1@6, end"},
      {"&resourceVersion=99" + streamed + "true",
       "504 Timeout Timeout: Too large resource version: 99, current: 6"},
      {"&resourceVersion=q",
       "422 Invalid ConfigMap \"\" is invalid: resourceVersion: Invalid value: \"q\": strconv.ParseUint: "
       "parsing \"q\": invalid syntax"}};
  for (const auto& [query, want] : table) {
    const std::string got = co_await cluster.watch(query + "&timeoutSeconds=1");
    INFO(query);
    CHECK(got == want);
  }
}

TEST_CASE("a watch starts where its resourceVersion says") {
  in_world(1, starts);
}

asio::awaitable<void> too_old(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await some_history(cluster);
  cluster.store.compact(4);
  const std::string old = co_await cluster.watch("&resourceVersion=3&timeoutSeconds=1");
  CHECK(old == "ERROR 410 too old resource version: 3 (4), end");
  const std::string young = co_await cluster.watch("&resourceVersion=4&timeoutSeconds=1");
  CHECK(young == "MODIFIED x=2@5, DELETED y=1@6, end");
}

TEST_CASE("a watch from before the compaction is told 410 in its first line, and ends") {
  in_world(1, too_old);
}

asio::awaitable<void> edges(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  co_await cluster.set("x", "1");           // 3: does not match
  co_await cluster.set("x", "2", "app=w");  // 4: comes into sight
  co_await cluster.set("x", "3", "app=w");  // 5
  co_await cluster.set("x", "4");           // 6: goes out of sight, told with the content before
  co_await cluster.set("x", "5");           // 7: nobody's business
  co_await cluster.set("x", "6", "app=w");  // 8
  co_await cluster.unset("x");              // 9
  const std::string want = "ADDED x=2@4, MODIFIED x=3@5, DELETED x=3@6, ADDED x=6@8, DELETED x=6@9, end";
  const std::string told =
      co_await cluster.watch("&resourceVersion=2&labelSelector=app%3Dw&timeoutSeconds=1");
  CHECK(told == want);
}

TEST_CASE("a selector is edge-triggered: into sight is ADDED, out of sight DELETED with the content before") {
  in_world(1, edges);
}

asio::awaitable<void> live(Cluster& cluster, std::string query, std::string& story) {
  story = co_await cluster.watch(query);
}

asio::awaitable<void> scopes(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  co_await cluster.make_namespace("ab");  // 3: its keys begin alike
  TaskGroup tasks(runtime);
  std::string everything;
  std::string one;
  tasks.spawn("all", live(cluster, "&timeoutSeconds=1", everything));
  tasks.spawn("one", live(cluster, "&timeoutSeconds=1&fieldSelector=metadata.name%3Dx", one));
  co_await runtime.clock.sleep_for(100ms);
  co_await cluster.set("x", "1");   // 4
  co_await cluster.set("xy", "1");  // 5
  const JsonPtr body = shared({{"metadata", {{"name", "x"}}}});
  co_await cluster.call("POST", "/api/v1/namespaces/ab/configmaps", body);  // 6
  co_await cluster.unset("x");                                              // 7
  co_await tasks.join();
  CHECK(everything == "ADDED x=1@4, ADDED xy=1@5, DELETED x=1@7, end");
  CHECK(one == "ADDED x=1@4, DELETED x=1@7, end");
}

TEST_CASE("a watch shows its namespace, or its object, and nothing else") {
  in_world(1, scopes);
}

asio::awaitable<void> bookmarks(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  TaskGroup tasks(runtime);
  tasks.spawn("writer", [](Cluster& c) -> asio::awaitable<void> {
    co_await c.runtime.clock.sleep_for(90s);
    co_await c.make_namespace("b");  // 3
  }(cluster));
  const std::string told =
      co_await cluster.watch("&allowWatchBookmarks=true&timeoutSeconds=150", 0, "", true);
  CHECK(told == "60s BOOKMARK 2, 120s BOOKMARK 3, 148s BOOKMARK 3, end");
  const std::string without = co_await cluster.watch("&timeoutSeconds=150", 0, "", true);
  CHECK(without == "end");
  const std::string brief = co_await cluster.watch("&allowWatchBookmarks=true&timeoutSeconds=1", 0, "", true);
  CHECK(brief == "end");
  co_await tasks.join();
}

TEST_CASE("bookmarks come about once a minute and shortly before the end, if they are wanted") {
  in_world(1, bookmarks);
}

asio::awaitable<void> slow(Runtime& runtime) {
  FrontEndOptions options;
  options.caches.backlog_max = 10;
  Cluster cluster(runtime, 1, options);
  co_await cluster.make_namespace("a");
  ApiHttpResponse lazy = co_await cluster.call("GET", kConfigMaps + "?watch=1");
  ApiHttpResponse eager = co_await cluster.call("GET", kConfigMaps + "?watch=1");
  for (int i = 0; i < 11; ++i) {
    co_await cluster.set("x", std::to_string(i));
    auto event = co_await eager.watch->next();
    REQUIRE(event.has_value());
    CHECK((*event->object)["data"]["v"] == std::to_string(i));
  }
  auto event = co_await lazy.watch->next();
  CHECK_FALSE(event.has_value());
}

TEST_CASE("whoever reads slower than the backlog allows is disconnected; others miss nothing") {
  in_world(1, slow);
}

asio::awaitable<void> many(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  co_await cluster.make_namespace("b");  // 3
  constexpr std::size_t kWatches = 1'000;
  std::vector<std::string> stories(kWatches);
  TaskGroup tasks(runtime);
  for (std::string& story : stories) tasks.spawn("watch", live(cluster, "&timeoutSeconds=5", story));
  co_await runtime.clock.sleep_for(1s);
  for (int i = 0; i < 3; ++i) co_await cluster.set("x", std::to_string(i));
  co_await tasks.join();
  for (const std::string& story : stories)
    REQUIRE(story == "ADDED x=0@4, MODIFIED x=1@5, MODIFIED x=2@6, end");
}

TEST_CASE("a thousand watches are each told everything once, in order") {
  in_world(1, many);
}

}  // namespace
}  // namespace racebed::models::tests
