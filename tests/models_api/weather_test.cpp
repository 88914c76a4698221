// What a front end does when its policy says that something goes wrong, and the moments that it tells of.
#include "tests/models_api/cluster.hpp"

namespace racebed::models::tests {
namespace {

using Outcome = RequestVerdict::Outcome;

asio::awaitable<void> refusals(Runtime& runtime) {
  struct Row {
    RequestVerdict verdict;
    const char* told;
    bool committed;
  };
  for (const Row& row : {
           Row{{.outcome = Outcome::refuse, .status = 409},
               "409 Conflict Operation cannot be fulfilled on configmaps \"x\": the object has been "
               "modified; "
               "please apply your changes to the latest version and try again",
               false},
           Row{{.outcome = Outcome::refuse, .status = 429},
               "429 Too many requests, please try again later.\n",
               false},
           Row{{.outcome = Outcome::refuse, .status = 429, .plain_text = false},
               "429 TooManyRequests The server has received too many requests and has asked us to try again "
               "later",
               false},
           Row{{.outcome = Outcome::refuse, .status = 503},
               "503 ServiceUnavailable the server is currently unable to handle the request",
               false},
           Row{{.outcome = Outcome::refuse, .status = 500, .message = "etcdserver: leader changed"},
               "500  etcdserver: leader changed",
               false},
           Row{{.outcome = Outcome::commit_then_refuse, .status = 504},
               "504 Timeout Timeout: request did not complete within requested timeout - context deadline "
               "exceeded",
               true},
           Row{{.outcome = Outcome::commit_then_refuse,
                .status = 500,
                .message = "etcdserver: leader changed"},
               "500  etcdserver: leader changed",
               true},
       }) {
    CAPTURE(row.told);
    Cluster cluster(runtime);
    co_await cluster.make_namespace("a");
    co_await cluster.set("x", "1");  // 3
    cluster.policy.verdict = row.verdict;
    const JsonPtr body = shared({{"metadata", {{"name", "x"}}}, {"data", {{"v", "2"}}}});
    const ApiHttpResponse answer = co_await cluster.call("PUT", kConfigMaps + "/x", body);
    CHECK(Cluster::tell(answer) == row.told);
    cluster.policy.verdict = {};
    const std::string after = co_await cluster.list("/x");
    CHECK(after == (row.committed ? "x=2@4" : "x=1@3"));
  }
}

TEST_CASE("a refusal says what a real server says; only commit_then_refuse has done what was asked") {
  in_world(1, refusals);
}

asio::awaitable<void> slow_answer(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  co_await cluster.set("x", "1");  // 3
  cluster.policy.verdict = {.delay = 1s, .delay_answer = 2s};
  const Instant begin = runtime.clock.steady_now();
  TaskGroup tasks(runtime);
  tasks.spawn("write", [](Cluster& c) -> asio::awaitable<void> { co_await c.set("x", "2"); }(cluster));
  co_await runtime.clock.sleep_for(999ms);
  CHECK(cluster.store.revision() == 3);
  co_await runtime.clock.sleep_for(2ms);
  CHECK(cluster.store.revision() == 4);
  co_await tasks.join();
  CHECK(runtime.clock.steady_now() - begin == 3s);
}

TEST_CASE("a request is slow before or after what it does") {
  in_world(1, slow_answer);
}

/// The k-th event of each watch meets the verdict.
struct WatchPolicy final : FrontEndPolicy {
  std::uint64_t at = 2;
  WatchVerdict verdict;
  bool bookmarks = true;
  std::uint64_t asked = 0;
  WatchVerdict watch_event(const WatchScope&, const WatchEvent&, std::uint64_t number) override {
    if (number != at) return {};
    if (++asked > 1 && verdict.held > Duration{0}) return {};
    return verdict;
  }
  bool bookmark(const WatchScope&) override { return bookmarks; }
};

asio::awaitable<void> watches(Runtime& runtime) {
  using Of = WatchVerdict::Outcome;
  struct Row {
    WatchVerdict verdict;
    const char* story;
    bool broke;
    Duration took;
  };
  for (const Row& row : {
           Row{{}, "ADDED x=1@3, MODIFIED x=2@4, MODIFIED x=3@5, end", false, 60s},
           Row{{Of::end}, "ADDED x=1@3, end", false, 0s},
           Row{{Of::reset}, "ADDED x=1@3, end", true, 0s},
           Row{{Of::gone},
               "ADDED x=1@3, ERROR 410 The resourceVersion for the provided watch is too old., end",
               false,
               0s},
           Row{{Of::error},
               "ADDED x=1@3, ERROR 500 Internal error occurred: etcdserver: no leader, end",
               false,
               0s},
           Row{{Of::stall}, "ADDED x=1@3, end", false, 60s},
           Row{{Of::show, 7s}, "ADDED x=1@3, 7s MODIFIED x=2@4, 7s MODIFIED x=3@5, end", false, 60s},
       }) {
    CAPTURE(row.story);
    Cluster cluster(runtime);
    co_await cluster.make_namespace("a");
    WatchPolicy policy;
    policy.verdict = row.verdict;
    FrontEnd front_end(runtime, cluster.store, cluster.registry, policy, cluster.ledger);
    const Instant begin = runtime.clock.steady_now();
    ApiHttpRequest request{.method = "GET",
                           .target = kConfigMaps + "?watch=1&resourceVersion=2&timeoutSeconds=60"};
    auto opened = co_await front_end.handle(std::move(request));
    for (const char* value : {"1", "2", "3"}) co_await cluster.set("x", value);
    std::string story;
    for (;;) {
      auto event = co_await opened->watch->next();
      if (!event) break;
      const auto seconds = (runtime.clock.steady_now() - begin) / std::chrono::seconds{1};
      if (seconds > 0) story += fmt::format("{}s ", seconds);
      story += Cluster::tell(*event) + ", ";
    }
    CHECK(story + "end" == row.story);
    CHECK(opened->watch->broke() == row.broke);
    CHECK(runtime.clock.steady_now() - begin == row.took);
  }
}

TEST_CASE("a watch ends, breaks, errs, stalls or waits at the event that the policy names") {
  in_world(1, watches);
}

asio::awaitable<void> no_bookmarks(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  for (const bool shown : {true, false}) {
    WatchPolicy policy;
    policy.bookmarks = shown;
    FrontEnd front_end(runtime, cluster.store, cluster.registry, policy, cluster.ledger);
    ApiHttpRequest request{
        .method = "GET",
        .target = kConfigMaps + "?watch=1&resourceVersion=2&timeoutSeconds=90&allowWatchBookmarks=true"};
    auto opened = co_await front_end.handle(std::move(request));
    std::string story;
    for (;;) {
      auto event = co_await opened->watch->next();
      if (!event) break;
      story += Cluster::tell(*event) + ", ";
    }
    CHECK(story == (shown ? "BOOKMARK 2, BOOKMARK 2, " : ""));
  }
}

TEST_CASE("bookmarks may be missing") {
  in_world(1, no_bookmarks);
}

asio::awaitable<void> abandoned(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  ApiHttpResponse opened = co_await cluster.call("GET", kConfigMaps + "?watch=1&resourceVersion=2");
  bool ended = false;
  TaskGroup tasks(runtime);
  tasks.spawn("reader", [](ApiWatch& watch, bool& over) -> asio::awaitable<void> {
    auto event = co_await watch.next();
    over = !event.has_value();
  }(*opened.watch, ended));
  co_await runtime.clock.sleep_for(1s);
  CHECK_FALSE(ended);
  opened.watch->end();
  co_await tasks.join();
  CHECK(ended);
  CHECK_FALSE(opened.watch->broke());
}

TEST_CASE("a watch whose reader has gone ends at once, while it waits") {
  in_world(1, abandoned);
}

std::string kLeases = "/apis/coordination.k8s.io/v1/namespaces/a/leases";

asio::awaitable<void> make_lease(Cluster& cluster, std::string name) {
  const JsonPtr body = shared({{"metadata", {{"name", name}}}, {"spec", {{"holderIdentity", "one"}}}});
  const ApiHttpResponse answer = co_await cluster.call("POST", kLeases, body);
  CHECK(answer.status == 201);
}

asio::awaitable<void> moments(Runtime& runtime) {
  using Point = Passed::Point;
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  std::string story;
  cluster.ledger.subscribe([&](const Fact& fact) {
    if (const auto* passed = std::get_if<Passed>(&fact.what))
      story += fmt::format("{} {}{}, ", to_text(passed->point), passed->object.name,
                           passed->object.uid.empty() ? "" : "+uid");
    if (std::holds_alternative<Committed>(fact.what)) story += "committed, ";
  });
  co_await make_lease(cluster, "quiet");
  CHECK(story == "committed, ");  // nobody waits: nothing is told
  story.clear();
  for (const Point point : {Point::api_before_commit, Point::api_before_show, Point::api_shown})
    cluster.ledger.want(point);
  co_await make_lease(cluster, "l");
  CHECK(story == "api-before-commit l, committed, api-before-show l+uid, api-shown l+uid, ");
  story.clear();
  co_await cluster.set("x", "1");  // of no interest
  CHECK(story == "committed, ");
}

asio::awaitable<void> frozen_before_show(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  cluster.ledger.want(Passed::Point::api_before_show);
  cluster.ledger.subscribe([&](const Fact& fact) {
    if (std::holds_alternative<Passed>(fact.what)) cluster.front_end().caches().freeze();
  });
  co_await make_lease(cluster, "l");
  const std::string all = kLeases + "?resourceVersion=0";
  ApiHttpResponse seen = co_await cluster.call("GET", all);
  CHECK(seen.items->objects.empty());
  CHECK(metadata_text(*seen.body, "resourceVersion") == "2");
}

asio::awaitable<void> restarted_before_commit(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  cluster.ledger.want(Passed::Point::api_before_commit);
  cluster.ledger.subscribe([&](const Fact& fact) {
    if (std::holds_alternative<Passed>(fact.what)) cluster.front_end().restart();
  });
  const JsonPtr body = shared({{"metadata", {{"name", "l"}}}});
  ApiHttpRequest request{.method = "POST", .target = kLeases, .body = body};
  const auto answer = co_await cluster.front_end().handle(std::move(request));
  CHECK_FALSE(answer.has_value());
  CHECK(cluster.store.revision() == 2);
}

TEST_CASE("the moments before a commit and around its showing are told while somebody waits for them") {
  in_world(1, moments);
}

TEST_CASE("who acts at such a moment comes in time: the change is not shown, the write not committed") {
  in_world(1, frozen_before_show);
  in_world(1, restarted_before_commit);
}

asio::awaitable<void> compaction(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  co_await cluster.set("x", "1");  // 3
  co_await cluster.set("y", "1");  // 4
  ApiHttpResponse page = co_await cluster.call("GET", kConfigMaps + "?limit=1");
  const std::string token = (*page.body)["metadata"]["continue"];
  co_await cluster.set("x", "2");  // 5
  cluster.store.compact(cluster.store.revision());
  const std::string watched = co_await cluster.watch("&resourceVersion=3");
  CHECK(watched == "ERROR 410 too old resource version: 3 (5), end");
  const ApiHttpResponse next = co_await cluster.call("GET", kConfigMaps + "?limit=1&continue=" + token);
  CHECK(next.status == 410);
}

TEST_CASE("after a compaction, old watches and continue tokens are told 410") {
  in_world(1, compaction);
}

}  // namespace
}  // namespace racebed::models::tests
