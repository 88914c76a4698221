// Invariants about how a controller runs: load, memory, leases, other writers, what stands at the end.
// Planted violations and legal twins.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/invariants/story.hpp"

using namespace racebed;
using models::Json;
using racebed::tests::Story;
using namespace std::chrono_literals;
using What = models::ProcessEvent::What;

namespace {

const models::Actor kController{"controller-0", 1};

experiments::ProcessAccount account(sim::Usage tasks, sim::Usage bytes = {}, sim::Usage sockets = {}) {
  sim::Accounts accounts;
  accounts.tasks = tasks;
  accounts.bytes = bytes;
  accounts.sockets = sockets;
  return {"controller-0", "running", accounts};
}
constexpr std::int64_t kMiB = 1024 * 1024;

Story waiting(int count) {
  Story story;
  for (int i = 0; i < count; ++i) story.create("n-" + std::to_string(i), std::to_string(i));
  return story;
}

models::What lease(const char* before, const char* holder, Duration renewed, int transitions = 0,
                   Duration acquired = 0s) {
  const Time begin{1764374400s};
  const auto spec = [](const char* who) {
    return Json{{"holderIdentity", who}, {"leaseDurationSeconds", 15}};
  };
  Json was{{"spec", spec(before)}};
  Json is{{"spec", spec(holder)}};
  is["spec"]["renewTime"] = to_rfc3339(begin + renewed);
  is["spec"]["acquireTime"] = to_rfc3339(begin + acquired);
  is["spec"]["leaseTransitions"] = transitions;
  return models::Committed{models::Committed::Operation::update,
                           {"leases", "default", "notification.kubernaut.ai", "lease"},
                           1,
                           std::make_shared<const Json>(was),
                           std::make_shared<const Json>(is)};
}
const models::Actor kOther{"controller-1", 1};

}  // namespace

TEST_CASE("queue-bounded: what waits is a key, not a task") {
  const char* const id = "queue-bounded";
  CHECK(waiting(5).ends_with(account({20, 60, 21})).judge(id) == "held");
  CHECK(waiting(5).ends_with(account({20, 400, 21})).judge(id) == "violated");
  CHECK(waiting(4).ends_with(account({20, 60, 21})).judge(id) == "not reached");
  experiments::MetricNames names;
  names.tasks = "tasks";
  names.queue_depth = "depth";
  const auto page = [&](const char* text) {
    return waiting(5).metrics(names).claims("metrics", {{"page", text}}).judge(id);
  };
  CHECK(page("tasks 999\ndepth 5\n") == "held");
  CHECK(page("tasks 1001\n") == "violated");
  CHECK(page("depth 6\n") == "violated");
}

TEST_CASE("queue-bounded: requests are bounded by the notifications that there are") {
  const auto asks = [](int count, Duration each) {
    Story story = waiting(5);
    for (int i = 0; i < count; ++i) story.at(each * i).reads("0");
    return story.judge("queue-bounded");
  };
  CHECK(asks(2000, 20ms) == "held");
  CHECK(asks(2000, 2ms) == "violated");
}

TEST_CASE("memory-bounded: a bounded peak, and nothing kept of what is gone") {
  const char* const id = "memory-bounded";
  const auto holds = [&](std::int64_t peak, std::int64_t now, int there) {
    return waiting(there == 0 ? 1 : there).ends_with(account({5, 9, 5}, {kMiB, peak, now})).judge(id);
  };
  CHECK(holds(400 * kMiB, kMiB, 1) == "held");
  CHECK(holds(600 * kMiB, kMiB, 1) == "violated");
  CHECK(holds(5 * kMiB, 4 * kMiB, 1) == "violated");
  CHECK(holds(5 * kMiB, 4 * kMiB, 40) == "held");
  // Forty that are gone are no excuse.
  Story gone = waiting(40);
  for (int i = 0; i < 40; ++i) gone.remove(std::to_string(i));
  CHECK(gone.ends_with(account({5, 9, 5}, {kMiB, 5 * kMiB, 4 * kMiB})).judge(id) == "violated");
  CHECK(Story().ends_with(account({5, 9, 5}, {kMiB, kMiB, kMiB})).judge(id) == "not reached");
  // When all is quiet even Events are forgotten: what is left then is small.
  const auto quiet = [&](std::int64_t more, Duration end) {
    Story story = waiting(40);
    for (int i = 0; i < 40; ++i) story.remove(std::to_string(i));
    return story.ends_with(account({5, 9, 5}, {kMiB, 2 * kMiB, kMiB + more})).judge(id, end);
  };
  CHECK(quiet(200 * 1024, 10min) == "held");
  CHECK(quiet(200 * 1024, 1h) == "violated");
  CHECK(quiet(20 * 1024, 1h) == "held");
}

TEST_CASE("resources-return-to-baseline: connections are bounded while they are in use") {
  const auto peak = [](std::int64_t sockets) {
    return Story().ends_with(account({5, 9, 5}, {}, {0, sockets, 0})).judge("resources-return-to-baseline");
  };
  CHECK(peak(16) == "held");
  CHECK(peak(500) == "violated");
}

TEST_CASE("lease-discipline: leadership changes with a fault behind it, and after the lease's time") {
  const char* const id = "lease-discipline";
  const auto taken = [](Duration when, bool dies, const char* by = "controller-1_1", int transitions = 1) {
    Story story;
    story.at(1s)
        .fact(kController, lease("", "controller-0_1", 1s))
        .at(3s)
        .fact(kController, lease("controller-0_1", "controller-0_1", 3s));
    if (dies) story.at(4s).killed("controller-0");
    return story.at(when).fact(kOther, lease("controller-0_1", by, when, transitions, when));
  };
  CHECK(taken(18s, true).judge(id, 20s) == "held");
  CHECK(taken(18s, false).judge(id, 20s) == "violated");
  CHECK(taken(10s, true).judge(id, 20s) == "violated");
  CHECK(taken(18s, true, "controller-2_1").judge(id, 20s) == "violated");
  CHECK(taken(18s, true, "controller-1_1", 0).judge(id, 20s) == "violated");
  CHECK(Story().judge(id) == "not reached");
}

TEST_CASE("lease-discipline: a leader that is well renews in time and with times that go forwards") {
  const char* const id = "lease-discipline";
  const auto renewed = [&](Duration when, Duration as, Duration acquired = 0s) {
    return Story()
        .at(1s)
        .fact(kController, lease("", "controller-0_1", 1s))
        .at(when)
        .fact(kController, lease("controller-0_1", "controller-0_1", as, 0, acquired))
        .judge(id, when + 1s);
  };
  CHECK(renewed(3s, 3s) == "held");
  CHECK(renewed(14s, 14s) == "violated");
  CHECK(renewed(3s, 30s) == "violated");
  CHECK(renewed(3s, 3s, 5s) == "violated");
  const auto silent = [&](Duration end) {
    return Story()
        .fact(kController, lease("", "controller-0_1", 0s))
        .holds_at_end("controller-0", 5, 0)
        .judge(id, end);
  };
  CHECK(silent(5s) == "held");
  CHECK(silent(1min) == "violated");
}

TEST_CASE("lease-discipline: a clean end gives the lease back") {
  const char* const id = "lease-discipline";
  const auto ends = [&](bool gives_back, const char* why) {
    Story story;
    story.fact(kController, lease("", "controller-0_1", 0s)).at(1s);
    if (gives_back) story.fact(kController, lease("controller-0_1", "", 1s));
    return story.claims("exit", {{"reason", why}}).judge(id, 2s);
  };
  CHECK(ends(true, "clean") == "held");
  CHECK(ends(false, "clean") == "violated");
  CHECK(ends(false, "lost-lease") == "held");
}

TEST_CASE("foreign-fields-survive: another client's condition and labels stay as they are") {
  const char* const id = "foreign-fields-survive";
  const Json ready{{"type", "Ready"}, {"status", "False"}};
  const Json mine{{"type", "Seen"}, {"status", "True"}};
  const auto after = [&](const Json& conditions, const char* by = "controller-0") {
    return Story()
        .create("a", "1")
        .writes("1", {{"phase", "Pending"}, {"conditions", {ready}}})
        .writes("1", {{"phase", "Pending"}, {"conditions", {ready, mine}}}, "another-client")
        .writes("1", {{"phase", "Sending"}, {"conditions", conditions}}, by)
        .judge(id);
  };
  CHECK(after({mine, {{"type", "Ready"}, {"status", "True"}}}) == "held");
  CHECK(after(Json::array({ready})) == "violated");
  CHECK(after({ready, {{"type", "Seen"}, {"status", "True"}, {"observedGeneration", 1}}}) == "violated");
  CHECK(after(Json::array({ready}), "another-client") == "not reached");
  const auto labelled = [&](const Json& before, const Json& now) {
    const auto object = [](const Json& labels) {
      return std::make_shared<const Json>(
          Json{{"metadata", {{"name", "a"}, {"uid", "1"}, {"labels", labels}}}});
    };
    const models::ObjectRef ref{"notificationrequests", "default", "a", "1"};
    using Operation = models::Committed::Operation;
    return Story()
        .fact({"user", 1}, models::Committed{Operation::create, ref, 1, nullptr, object(before)})
        .fact(kController, models::Committed{Operation::update, ref, 2, object(before), object(now)})
        .judge(id);
  };
  CHECK(labelled({{"team", "db"}}, {{"team", "db"}}) == "held");
  CHECK(labelled({{"team", "db"}}, Json::object()) == "violated");
}

TEST_CASE("watch-convergence: nothing is forgotten, and nothing fails without a reason") {
  const char* const id = "watch-convergence";
  const auto ends = [&](Story story) { return story.holds_at_end("controller-0", 5, 0).judge(id); };
  const auto one = [] { return Story().create("a", "1").at(1s); };
  const auto delivered = [&] { return one().delivered("1", "slack"); };
  CHECK(ends(delivered().status("1", "Sent", {{"slack", "success", 1s}})) == "held");
  CHECK(ends(one()) == "violated");
  CHECK(ends(one().status("1", "Sending")) == "violated");
  CHECK(ends(one().status("1", "Failed", {{"slack", "failed", 1s}})) == "violated");
  CHECK(ends(one().status("1", "Failed", std::vector<tests::Attempt>(5, {"slack", "failed", 1s}))) == "held");
  CHECK(one().judge(id) == "not reached");  // nobody is there to finish it
  CHECK(one().holds_at_end("controller-0", 5, 0).judge(id, 1min) == "not reached");
  // A retry that is planned, or could be.
  const Json plan{{"phase", "Retrying"},
                  {"channels", {{{"channel", "slack"}, {"nextAttemptTime", "2025-11-29T00:10:30Z"}}}}};
  CHECK(ends(one().writes("1", plan)) == "held");
  CHECK(ends(one().at(9min).status("1", "Retrying", {{"slack", "failed", 9min}})) == "held");
  // Refused for good by Slack, or for its certificate.
  const auto answered = [](int status) { return models::Answered{"", status, 1, "t-1", "controller-0", {}}; };
  const auto failed = [](Story story) { return story.status("1", "Failed", {{"slack", "failed", 1s}}); };
  CHECK(ends(failed(one().fact({"slack", 1}, answered(404)))) == "held");
  CHECK(ends(failed(one().fact({"slack", 1}, answered(503)))) == "violated");
  CHECK(ends(failed(one().fact({"slack", 1},
                               models::ConnectionOpened{"slack", 1, "alert", "expired", ""}))) == "held");
  CHECK(ends(Story().create("a", "1", {"email"}).status("1", "Failed", {{"email", "invalid", 1s}})) ==
        "held");
}

TEST_CASE("no-lost-attempt-record: every send that Slack refused is in the status") {
  const char* const id = "no-lost-attempt-record";
  const auto refused = [&](int times, int records, const char* guarantee = "probe", bool crash = false) {
    Story story(guarantee);
    story.create("a", "1").at(1s);
    for (int i = 0; i < times; ++i)
      story.fact({"slack", 1}, models::Answered{"", 503, 1, "t-1", "controller-0", {}});
    if (crash) story.killed("controller-0");
    const std::vector<tests::Attempt> attempts(static_cast<std::size_t>(records), {"slack", "failed", 1s});
    return story.status("1", "Failed", attempts).judge(id);
  };
  CHECK(refused(2, 2) == "held");
  CHECK(refused(2, 1) == "violated");
  CHECK(refused(2, 1, "at-least-once", true) == "allowed");
  CHECK(refused(2, 1, "probe", true) == "violated");
  CHECK(refused(0, 0) == "not reached");
}

TEST_CASE(
    "no-lost-attempt-record: no write takes an attempt away, no storm of conflicts without other writers") {
  const char* const id = "no-lost-attempt-record";
  const std::vector<tests::Attempt> one{{"slack", "failed", 1s}};
  CHECK(Story().create("a", "1").status("1", "Sending", one).status("1", "Retrying", {}).judge(id) ==
        "violated");
  CHECK(Story().create("a", "1").status("1", "Sending", one).status("1", "Retrying", one).judge(id) ==
        "not reached");
  const auto storm = [&](int conflicts, int others, bool by_fault = false) {
    Story story;
    story.create("a", "1");
    if (by_fault) story.fires("api-conflict");
    for (int i = 0; i < others; ++i) story.status("1", "Pending", {}, "client-" + std::to_string(i));
    for (int i = 0; i < conflicts; ++i) {
      story.fact(kController,
                 models::Refused{"PUT", {"notificationrequests", "default", "a", ""}, 409, "Conflict"});
    }
    return story.status("1", "Sending", one).judge(id);
  };
  CHECK(storm(4, 10) == "held");
  CHECK(storm(12, 10) == "held");
  CHECK(storm(12, 1) == "violated");
  CHECK(storm(12, 10, true) == "held");
  CHECK(storm(30, 10, true) == "held");
}
