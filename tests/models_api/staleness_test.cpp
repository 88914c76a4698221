// Several front ends over one store, each as late as its caches: what clients then see, and how it ends.
#include <rapidcheck.h>

#include "tests/models_api/cluster.hpp"

namespace racebed::models::tests {
namespace {

asio::awaitable<void> back_in_time(Runtime& runtime) {
  Cluster cluster(runtime, 2);
  co_await cluster.make_namespace("a");
  co_await cluster.set("x", "1");  // 3
  cluster.front_end(1).caches().freeze();
  co_await cluster.set("x", "2");  // 4
  co_await cluster.set("y", "1");  // 5
  // 1. A client reads anything from one server, then from another: its second answer is older than its first.
  std::string told = co_await cluster.list("?resourceVersion=0", 0);
  CHECK(told == "5: x=2@4 y=1@5");
  told = co_await cluster.list("?resourceVersion=0", 1);
  CHECK(told == "3: x=1@3");
  told = co_await cluster.list("/y?resourceVersion=0", 1);
  CHECK(told.starts_with("404"));
  // 2. Without a resourceVersion both read the store.
  told = co_await cluster.list("", 1);
  CHECK(told == "5: x=2@4 y=1@5");
  told = co_await cluster.list("/y", 1);
  CHECK(told == "y=1@5");
  // 3. Not older than what the first showed: the frozen one cannot.
  told = co_await cluster.list("?resourceVersion=5", 1);
  CHECK(told == "504 Timeout Timeout: Too large resource version: 5, current: 3");
  // 4. A watch from the frozen one's future hangs in silence, until the server catches up.
  ApiHttpResponse watch =
      co_await cluster.call("GET", kConfigMaps + "?watch=1&resourceVersion=4", nullptr, 1);
  cluster.front_end(1).caches().resume();
  auto event = co_await watch.watch->next();
  CHECK(Cluster::tell(*event) == "ADDED y=1@5");
  told = co_await cluster.list("?resourceVersion=0", 1);
  CHECK(told == "5: x=2@4 y=1@5");
}

TEST_CASE("reads of resourceVersion 0 from two front ends may go back in time; reads of the latest may not") {
  in_world(1, back_in_time);
}

asio::awaitable<void> lagging(Runtime& runtime) {
  Cluster cluster(runtime);
  TaskGroup tasks(runtime);
  tasks.spawn("caches", cluster.front_end().run());
  co_await cluster.make_namespace("a");
  cluster.policy.lag = 500ms;
  co_await cluster.set("x", "1");  // 3
  std::string told = co_await cluster.list("?resourceVersion=0");
  CHECK(told == "2:");
  const Instant begin = runtime.clock.steady_now();
  told = co_await cluster.list("?resourceVersion=3");
  CHECK(told == "3: x=1@3");
  CHECK(runtime.clock.steady_now() - begin == 500ms);
  // The latest of now is waited for when a watch without a resourceVersion opens.
  co_await cluster.set("x", "2");  // 4
  told = co_await cluster.watch("&timeoutSeconds=1");
  CHECK(told == "ADDED x=2@4, end");
  tasks.cancel();
  co_await tasks.join();
}

TEST_CASE("a cache lags behind the store as long as the policy says, in order") {
  in_world(1, lagging);
}

asio::awaitable<void> slow_client(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  TaskGroup tasks(runtime);
  tasks.spawn("writer", [](Cluster& c) -> asio::awaitable<void> {
    co_await c.runtime.clock.sleep_for(1s);
    co_await c.set("x", "1");
    co_await c.set("x", "2");
  }(cluster));
  const std::string told = co_await cluster.watch("&timeoutSeconds=10", 0, "slow", true);
  CHECK(told == "6s ADDED x=1@3, 6s MODIFIED x=2@4, end");
  co_await tasks.join();
}

TEST_CASE("one client's watch can be delayed without the others'") {
  in_world(1, slow_client);
}

asio::awaitable<void> restart(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  co_await cluster.set("x", "1");  // 3
  ApiHttpResponse before = co_await cluster.call("GET", kConfigMaps + "?watch=1&resourceVersion=3");
  cluster.front_ends[0].reset();
  auto event = co_await before.watch->next();
  CHECK_FALSE(event.has_value());  // its watches ended with it
  cluster.front_ends[0] = cluster.make_front_end();
  co_await cluster.set("x", "2");  // 4: the one that is gone hears nothing of it
  std::string told = co_await cluster.watch("&resourceVersion=3&timeoutSeconds=1");
  CHECK(told == "MODIFIED x=2@4, end");
  // It knows nothing of the time before it came back.
  told = co_await cluster.watch("&resourceVersion=2&timeoutSeconds=1");
  CHECK(told == "ERROR 410 too old resource version: 2 (3), end");
}

TEST_CASE("a front end that goes ends its watches; the one that comes after knows nothing of before") {
  in_world(1, restart);
}

asio::awaitable<void> restart_in_place(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  co_await cluster.set("x", "1");  // 3
  ApiHttpResponse watch = co_await cluster.call("GET", kConfigMaps + "?watch=1&resourceVersion=3");
  cluster.policy.verdict.delay = 2s;
  bool answered = true;
  TaskGroup tasks(runtime);
  tasks.spawn("request", [](Cluster& c, bool& got) -> asio::awaitable<void> {
    ApiHttpRequest request{.method = "GET", .target = kConfigMaps};
    const auto answer = co_await c.front_end().handle(std::move(request));
    got = answer.has_value();
  }(cluster, answered));
  co_await runtime.clock.sleep_for(1s);
  cluster.policy.begins_at = 2;
  cluster.policy.lag = 1s;
  cluster.front_end().restart();
  auto event = co_await watch.watch->next();
  CHECK_FALSE(event.has_value());
  co_await tasks.join();
  CHECK_FALSE(answered);  // the connection broke
  cluster.policy.verdict = {};
  const std::string stale = co_await cluster.list("?resourceVersion=0");
  CHECK(stale == "2:");  // nobody runs the caches here, so it stays behind
}

asio::awaitable<void> stale_restart(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  co_await cluster.set("x", "1");  // 3
  co_await cluster.unset("x");     // 4
  co_await cluster.set("x", "2");  // 5
  cluster.policy.begins_at = 3;
  cluster.policy.lag = 2s;
  cluster.front_ends[0].reset();
  cluster.front_ends[0] = cluster.make_front_end();
  TaskGroup tasks(runtime);
  tasks.spawn("caches", cluster.front_end().run());
  std::string told = co_await cluster.list("?resourceVersion=0");
  CHECK(told == "3: x=1@3");  // the incarnation that is long gone
  told = co_await cluster.watch("&resourceVersion=0&timeoutSeconds=3");
  CHECK(told == "ADDED x=1@3, DELETED x=1@4, ADDED x=2@5, end");
  tasks.cancel();
  co_await tasks.join();
}

TEST_CASE("a front end that restarts from an older revision shows the past again, then catches up") {
  in_world(1, stale_restart);
  in_world(1, restart_in_place);
}

asio::awaitable<void> rewind(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  co_await cluster.set("x", "1");  // 3
  co_await cluster.set("x", "2");  // 4
  Caches& caches = cluster.front_end().caches();
  ApiHttpResponse open = co_await cluster.call("GET", kConfigMaps + "?watch=1&resourceVersion=4");
  caches.freeze();
  caches.rewind(3);
  auto event = co_await open.watch->next();
  CHECK_FALSE(event.has_value());
  std::string told = co_await cluster.list("?resourceVersion=0");
  CHECK(told == "3: x=1@3");
  caches.resume();
  told = co_await cluster.list("?resourceVersion=0");
  CHECK(told == "4: x=2@4");
}

asio::awaitable<void> forgotten(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  Caches& caches = cluster.front_end().caches();
  ApiHttpResponse open = co_await cluster.call("GET", kConfigMaps + "?watch=1&resourceVersion=2");
  caches.freeze();
  co_await cluster.set("x", "1");  // 3
  cluster.store.compact(3);        // what the cache has not asked for yet is gone
  caches.resume();
  // It has to begin anew, and its watches with it.
  auto event = co_await open.watch->next();
  CHECK_FALSE(event.has_value());
  const std::string told = co_await cluster.list("?resourceVersion=0");
  CHECK(told == "3: x=1@3");
}

TEST_CASE("a cache falls back to an old view, or to nothing when the store has forgotten") {
  in_world(1, rewind);
  in_world(1, forgotten);
}

asio::awaitable<void> view_law(Runtime& runtime, std::vector<std::pair<int, int>> steps) {
  Cluster cluster(runtime);
  cluster.policy.drawn = true;
  TaskGroup tasks(runtime);
  tasks.spawn("caches", cluster.front_end().run());
  co_await cluster.make_namespace("a");
  std::uint64_t seen = 0;
  int value = 0;
  for (const auto& [what, name] : steps) {
    Caches& caches = cluster.front_end().caches();
    const std::string key = fmt::format("n{}", name);
    if (what <= 2) co_await cluster.set(key, std::to_string(++value));
    if (what == 3) co_await cluster.unset(key);
    if (what == 4) co_await runtime.clock.sleep_for(5ms);
    if (what == 5) caches.freeze();
    if (what == 6) caches.resume();
    const std::string cached = co_await cluster.list("?resourceVersion=0");
    const std::string revision = cached.substr(0, cached.find(':'));
    std::string exactly = "?resourceVersionMatch=Exact&resourceVersion=" + revision;
    const std::string exact = co_await cluster.list(exactly);
    RC_ASSERT(cached == exact);
    RC_ASSERT(std::stoull(revision) >= seen);
    seen = std::stoull(revision);
  }
  tasks.cancel();
  co_await tasks.join();
}

TEST_CASE("what a late cache shows is what there was at the revision that it names, which never goes back") {
  const bool holds = rc::check("view law", [] {
    const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 7), rc::gen::inRange(0, 4)));
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    in_world(seed, [&](Runtime& runtime) { return view_law(runtime, steps); });
  });
  CHECK(holds);
}

asio::awaitable<void> not_ready(Runtime& runtime) {
  Cluster cluster(runtime);
  co_await cluster.make_namespace("a");
  cluster.policy.warm_up = 2s;
  cluster.front_ends[0] = cluster.make_front_end();
  const ApiHttpResponse early = co_await cluster.call("GET", kConfigMaps + "?resourceVersion=0");
  CHECK(early.status == 429);
  CHECK((*early.body)["reason"] == "TooManyRequests");
  CHECK(early.retry_after == Duration(1s));
  const ApiHttpResponse watch = co_await cluster.call("GET", kConfigMaps + "?watch=1");
  CHECK(watch.status == 429);
  const std::string latest = co_await cluster.list("");
  CHECK(latest == "2:");
  co_await runtime.clock.sleep_for(2s);
  const std::string late = co_await cluster.list("?resourceVersion=0");
  CHECK(late == "2:");
}

TEST_CASE("a cache that has not warmed up yet is not ready: 429, a Status") {
  in_world(1, not_ready);
}

asio::awaitable<void> overload(Runtime& runtime) {
  FrontEndOptions options;
  options.reads_in_flight_max = 2;
  Cluster cluster(runtime, 1, options);
  co_await cluster.make_namespace("a");
  cluster.policy.verdict.delay = 1s;
  std::vector<std::string> stories(3);
  TaskGroup tasks(runtime);
  for (std::string& story : stories) {
    tasks.spawn("read", [](Cluster& c, std::string& told) -> asio::awaitable<void> {
      told = co_await c.list("");
    }(cluster, story));
  }
  co_await tasks.join();
  std::sort(stories.begin(), stories.end());
  CHECK(stories == std::vector<std::string>{"2:", "2:", "429 Too many requests, please try again later.\n"});
  cluster.policy.verdict = {.outcome = RequestVerdict::Outcome::refuse, .status = 429, .retry_after = 7s};
  const ApiHttpResponse refused = co_await cluster.call("GET", kConfigMaps);
  CHECK(refused.text == "Too many requests, please try again later.\n");
  CHECK(refused.retry_after == Duration(7s));
  CHECK(refused.body == nullptr);
}

TEST_CASE("more requests at once than the limit, and priority's refusals, are 429 in plain text") {
  in_world(1, overload);
}

}  // namespace
}  // namespace racebed::models::tests
