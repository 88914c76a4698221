// The elector in virtual time: when it calls, when it gives up, what it says of itself meanwhile.
#include "core/kube/leader_election.hpp"

#include <catch2/catch.hpp>

#include "runtime/task_group.hpp"
#include "tests/core_kube/scripted_server.hpp"

namespace racebed::kube::tests {
namespace {

using namespace std::chrono_literals;

Json lease_of(const std::string& holder, int revision) {
  return {
      {"metadata", {{"namespace", "ns"}, {"name", "lock"}, {"resourceVersion", std::to_string(revision)}}},
      {"spec",
       {{"holderIdentity", holder},
        {"leaseDurationSeconds", 15},
        {"acquireTime", "2025-11-28T00:00:00.000000Z"},
        {"renewTime", fmt::format("2025-11-28T00:00:00.{:06}Z", revision)},
        {"leaseTransitions", 3}}}};
}

struct Campaign {
  std::vector<Reply> replies;
  Duration stop_at{0};                  // 0: never
  std::vector<Duration> ask_remaining;  // since the start, ascending
};

asio::awaitable<void> elect(Story& story, LeaderElector& elector) {
  ElectionCallbacks callbacks;
  callbacks.on_started_leading = [&story] { story("  leading"); };
  callbacks.on_stopped_leading = [&story] { story("  stopped leading"); };
  callbacks.on_new_leader = [&story](const std::string& holder) { story("  holder: " + holder); };
  const ElectionEnd end = co_await elector.run(std::move(callbacks));
  story(end == ElectionEnd::lost ? "  ended: lost" : "  ended: stopped");
}

asio::awaitable<void> campaign(Runtime& runtime, Story& story, Campaign script) {
  ScriptedServer server(runtime, story, std::move(script.replies));
  Client client(runtime, server);
  ElectionOptions options;
  options.identity = "me";
  options.lease = {"ns", "lock"};
  LeaderElector elector(runtime, client, std::move(options), obs::Logger());
  TaskGroup group(runtime);
  const Instant begin = runtime.clock.steady_now();
  group.spawn("elector", elect(story, elector));
  for (const Duration when : script.ask_remaining) {
    co_await runtime.clock.sleep_until(begin + when);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(elector.remaining()).count();
    story(fmt::format("  {} with {} ms left", elector.is_leader() ? "leader" : "follower", left));
  }
  if (script.stop_at > 0s) {
    co_await runtime.clock.sleep_until(begin + script.stop_at);
    elector.stop();
    co_await group.join();
    co_await elector.release();
  }
  co_await group.join();
}

std::string told(Duration duration, Campaign script) {
  return tell(duration, [&](Runtime& runtime, Story& story) { return campaign(runtime, story, script); });
}

Reply slow(Json body, Duration takes) {
  Reply reply = answer(std::move(body));
  reply.takes = takes;
  return reply;
}

}  // namespace

TEST_CASE("a free lease is created, renewed at once and then every retry period") {
  CHECK(told(5s, {{failed(404, "NotFound"), answer(lease_of("me", 1)), answer(lease_of("me", 2)),
                   answer(lease_of("me", 3)), answer(lease_of("me", 4))},
                  0s,
                  {}}) ==
        "0ms get /namespaces/ns/leases/lock -> 404\n"
        "0ms post /namespaces/ns/leases -> 200\n"
        "0ms   holder: me\n"
        "0ms   leading\n"
        "0ms put /namespaces/ns/leases/lock -> 200\n"
        "2000ms put /namespaces/ns/leases/lock -> 200\n"
        "4000ms put /namespaces/ns/leases/lock -> 200\n");
}

TEST_CASE("a cut-off leader is no longer sure 10 s after its last renewal was sent, and gives up at 12 s") {
  CHECK(told(1min, {{failed(404, "NotFound"), answer(lease_of("me", 1)), answer(lease_of("me", 2))},
                    0s,
                    {1s, 9999ms, 10s, 11999ms}}) ==
        "0ms get /namespaces/ns/leases/lock -> 404\n"
        "0ms post /namespaces/ns/leases -> 200\n"
        "0ms   holder: me\n"
        "0ms   leading\n"
        "0ms put /namespaces/ns/leases/lock -> 200\n"
        "1000ms   leader with 9000 ms left\n"
        "2000ms put /namespaces/ns/leases/lock -> silence\n"
        "7000ms get /namespaces/ns/leases/lock -> silence\n"
        "9999ms   leader with 1 ms left\n"
        "10000ms   leader with 0 ms left\n"
        "11999ms   leader with -1999 ms left\n"
        "12000ms   stopped leading\n"
        "12000ms   ended: lost\n");
}

TEST_CASE("a challenger waits as long as it sees no change, and notices one") {
  CHECK(told(21s, {{answer(lease_of("other", 1)), answer(lease_of("other", 2)), answer(lease_of("other", 2)),
                    answer(lease_of("other", 2)), answer(lease_of("other", 2)), answer(lease_of("other", 2)),
                    answer(lease_of("other", 2)), answer(lease_of("other", 2)), answer(lease_of("other", 2)),
                    answer(lease_of("other", 2)), answer(lease_of("me", 3))},
                   0s,
                   {}})
            .ends_with("16000ms get /namespaces/ns/leases/lock -> 200\n"
                       "18000ms get /namespaces/ns/leases/lock -> 200\n"
                       "18000ms put /namespaces/ns/leases/lock -> 200\n"
                       "18000ms   holder: me\n"
                       "18000ms   leading\n"
                       "18000ms put /namespaces/ns/leases/lock -> silence\n"));
}

TEST_CASE("who finds another holder in its lease stops leading then and there") {
  CHECK(told(1min, {{failed(404, "NotFound"), answer(lease_of("me", 1)), failed(409, "Conflict"),
                     answer(lease_of("other", 5))},
                    0s,
                    {}}) ==
        "0ms get /namespaces/ns/leases/lock -> 404\n"
        "0ms post /namespaces/ns/leases -> 200\n"
        "0ms   holder: me\n"
        "0ms   leading\n"
        "0ms put /namespaces/ns/leases/lock -> 409\n"
        "0ms get /namespaces/ns/leases/lock -> 200\n"
        "0ms   holder: other\n"
        "0ms   stopped leading\n"
        "0ms   ended: lost\n");
}

TEST_CASE("stop waits for the call in flight; release then gives the lease back, again after a conflict") {
  CHECK(told(1min, {{failed(404, "NotFound"), answer(lease_of("me", 1)), slow(lease_of("me", 2), 3s),
                     answer(lease_of("me", 2)), failed(409, "Conflict"), answer(lease_of("me", 3)),
                     answer(lease_of("", 4))},
                    1s,
                    {}}) ==
        "0ms get /namespaces/ns/leases/lock -> 404\n"
        "0ms post /namespaces/ns/leases -> 200\n"
        "0ms   holder: me\n"
        "0ms   leading\n"
        "0ms put /namespaces/ns/leases/lock -> 200\n"
        "3000ms   stopped leading\n"
        "3000ms   ended: stopped\n"
        "3000ms get /namespaces/ns/leases/lock -> 200\n"
        "3000ms put /namespaces/ns/leases/lock -> 409\n"
        "3000ms get /namespaces/ns/leases/lock -> 200\n"
        "3000ms put /namespaces/ns/leases/lock -> 200\n");
}

TEST_CASE("who never led is not told that it stopped") {
  CHECK(told(1min, {{answer(lease_of("other", 1)), answer(lease_of("other", 1))}, 1s, {}}) ==
        "0ms get /namespaces/ns/leases/lock -> 200\n"
        "0ms   holder: other\n"
        "1000ms   ended: stopped\n"
        "1000ms get /namespaces/ns/leases/lock -> 200\n");
}

}  // namespace racebed::kube::tests
