// The invariants about tries, retries and connections: planted violations and their legal twins. The policy
// of a story's notifications is the API's default: 5 attempts, 30 s doubling to 480 s.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/invariants/story.hpp"

using namespace racebed;
using models::Json;
using racebed::tests::Story;
using namespace std::chrono_literals;

namespace {

Json attempt(const std::string& status, const std::string& error = "http-503", Duration at = 0s) {
  return {{"channel", "slack"},
          {"status", status},
          {"error", error},
          {"timestamp", to_rfc3339(Time{1764374400s} + at)}};
}

Json given_up(std::vector<Json> attempts, const char* phase = "Failed") {
  return {{"phase", phase},
          {"deliveryAttempts", std::move(attempts)},
          {"completionTime", "2025-11-29T00:01:00Z"}};
}

/// `times` tries that are answered 503, spaced far enough.
Story& fail(Story& story, int times, int status = 503) {
  for (int i = 0; i < times; ++i) story.at((10 + i * 600) * 1s).asked("1").refuses("1", status);
  return story;
}

}  // namespace

TEST_CASE("attempts-within-policy: one send too many") {
  const char* const id = "attempts-within-policy";
  Story five = Story().create("a", "1");
  CHECK(fail(five, 5).judge(id, 2h) == "held");
  Story six = Story().create("a", "1");
  CHECK(fail(six, 6).judge(id, 2h) == "violated");
  // A crash and a new leader excuse one each.
  Story after_crash = Story().create("a", "1").at(1s).killed("controller-0");
  CHECK(fail(after_crash, 6).judge(id, 2h) == "held");
  Story new_leader = Story().create("a", "1").lease("controller-0_1").at(1s).lease("controller-1_1");
  CHECK(fail(new_leader, 6).judge(id, 2h) == "held");
  Story twice_excused = Story().create("a", "1").at(1s).killed("controller-0");
  CHECK(fail(twice_excused, 7).judge(id, 2h) == "violated");
  // What happened before its creation excuses nothing.
  Story early = Story().killed("controller-0").at(1s).create("a", "1");
  CHECK(fail(early, 6).judge(id, 2h) == "violated");
  CHECK(Story().create("a", "1").at(1s).asked("1").accepts("1").judge(id) == "not reached");
  Story console = Story().create("a", "1", {"console"});
  for (int i = 0; i < 6; ++i) console.delivered("1", "console");
  CHECK(console.judge(id) == "violated");
}

TEST_CASE("attempts-within-policy: given up too early") {
  const char* const id = "attempts-within-policy";
  const auto two = [](int status, const char* guarantee = "none") {
    Story story = Story(guarantee).create("a", "1");
    return fail(story, 2, status);
  };
  const Json after_two = given_up({attempt("failed"), attempt("failed")});
  CHECK(two(503).writes("1", after_two).judge(id, 2h) == "violated");
  CHECK(two(408).writes("1", after_two).judge(id, 2h) == "violated");
  CHECK(two(0).writes("1", given_up({attempt("failed")}, "PartiallySent")).judge(id, 2h) == "violated");
  // Reasons: a refusal for good, a certificate, no time left, a guarantee that forbids more.
  CHECK(two(404).writes("1", after_two).judge(id, 2h) == "held");
  CHECK(two(503).connects(9, "expired", "alert").writes("1", after_two).judge(id, 2h) == "held");
  CHECK(two(503).at(25h).writes("1", after_two).judge(id, 26h) == "held");
  CHECK(two(503, "at-most-once").writes("1", after_two).judge(id, 2h) == "held");
  Story five = Story().create("a", "1");
  CHECK(fail(five, 5).writes("1", after_two).judge(id, 2h) == "held");
  // Tries that never reached Slack count by their records; those that an open breaker cut off do not.
  const auto records = [&](const std::string& error) {
    return Story().create("a", "1").at(1s).writes("1",
                                                  given_up(std::vector<Json>(5, attempt("failed", error))));
  };
  CHECK(records("dns: no such name").judge(id) == "held");
  CHECK(records("slack circuit breaker is open").judge(id) == "violated");
  // An unsupported channel needs no try, and a status without completionTime has not given up.
  CHECK(Story().create("a", "1", {"email"}).writes("1", given_up({})).judge(id) == "not reached");
  CHECK(Story().create("a", "1").status("1", "Failed").judge(id) == "not reached");
}

TEST_CASE("backoff-respected: 30 s after the first failure, 60 s after the second, whoever sends") {
  const char* const id = "backoff-respected";
  const auto again = [](Duration second, const std::string& sender = "controller-0") {
    return Story()
        .create("a", "1")
        .at(10s)
        .asked("1")
        .refuses("1", 503)
        .at(10s + second)
        .asked("1", 2, sender);
  };
  CHECK(again(25s).judge(id) == "violated");
  CHECK(again(27s).judge(id) == "held");  // 10 % jitter, and a second of clock grain
  CHECK(again(5s, "controller-1").judge(id) == "violated");
  Story third = again(30s).refuses("1", 503, {}, 2);
  CHECK(Story(third).at(80s).asked("1", 3).judge(id) == "violated");
  CHECK(Story(third).at(95s).asked("1", 3).judge(id) == "held");
  // Broken connections are failures too; refusals for good and deliveries are none of its business.
  CHECK(Story().create("a", "1").at(1s).asked("1").refuses("1", 0).at(2s).asked("1").judge(id) == "violated");
  CHECK(Story().create("a", "1").at(1s).asked("1").refuses("1", 404).at(2s).asked("1").judge(id) ==
        "not reached");
  // Of two notifications each has its own.
  CHECK(Story().create("a", "1").create("b", "2").asked("1").refuses("1", 503).at(1s).asked("2").judge(id) ==
        "not reached");
}

TEST_CASE("backoff-respected: a crash excuses what was not yet recorded, and only that") {
  const char* const id = "backoff-respected";
  const auto story = [](bool recorded) {
    Story told = Story().create("a", "1").at(10s).asked("1").refuses("1", 503);
    if (recorded)
      told.at(11s).writes("1", {{"phase", "Retrying"}, {"deliveryAttempts", {attempt("failed")}}});
    return told.at(12s).killed("controller-0").at(20s).asked("1", 2, "controller-1");
  };
  CHECK(story(false).judge(id) == "not reached");
  CHECK(story(true).judge(id) == "violated");
  // A clock that was set moves every backoff.
  CHECK(Story()
            .create("a", "1")
            .fires("clock-jump")
            .at(10s)
            .asked("1")
            .refuses("1", 503)
            .at(20s)
            .asked("1")
            .judge(id) == "not reached");
}

TEST_CASE("backoff-respected: Retry-After binds, up to an hour") {
  const char* const id = "backoff-respected";
  const auto again = [](Duration wish, Duration second) {
    return Story()
        .create("a", "1")
        .at(10s)
        .asked("1")
        .refuses("1", 429, wish)
        .at(10s + second)
        .asked("1")
        .judge("backoff-respected", 3h);
  };
  CHECK(again(120s, 40s) == "violated");
  CHECK(again(120s, 119500ms) == "held");
  CHECK(again(2h, 3590s) == "violated");
  CHECK(again(2h, 1h) == "held");
  // An answer that came after two seconds may have found nobody.
  CHECK(Story()
            .create("a", "1")
            .at(10s)
            .asked("1")
            .at(13s)
            .refuses("1", 429, 120s)
            .at(45s)
            .asked("1")
            .judge(id) == "held");
}

TEST_CASE("backoff-respected: tries that never reached Slack are judged by their records") {
  const char* const id = "backoff-respected";
  const auto records = [](std::vector<Json> attempts) {
    return Story().create("a", "1").at(3min).writes(
        "1", {{"phase", "Retrying"}, {"deliveryAttempts", std::move(attempts)}});
  };
  CHECK(records({attempt("failed", "refused", 1s), attempt("failed", "refused", 2s)}).judge(id) ==
        "violated");
  CHECK(records({attempt("failed", "refused", 1s), attempt("failed", "refused", 28s)}).judge(id) == "held");
  CHECK(records({attempt("failed", "dns", 1s), attempt("timeout", "dns", 31s), attempt("success", "", 60s)})
            .judge(id) == "violated");
  CHECK(records({attempt("failed", "not sent: too late", 1s), attempt("failed", "refused", 2s)}).judge(id) ==
        "not reached");
}

TEST_CASE("retries-what-can-be-retried: a further try comes, or none may") {
  const char* const id = "retries-what-can-be-retried";
  const auto once = [](int status, const char* guarantee = "none") {
    return Story(guarantee).create("a", "1").at(10s).asked("1").refuses("1", status);
  };
  for (int status : {0, 408, 425, 429, 500, 503}) {
    CAPTURE(status);
    CHECK(once(status).judge(id, 20min) == "violated");
    CHECK(once(status).judge(id, 1min) == "not reached");  // there is time yet
    CHECK(once(status).at(45s).asked("1").accepts("1").judge(id, 20min) == "held");
    CHECK(once(status).at(11s).remove("1").judge(id, 20min) == "not reached");
    CHECK(once(status).at(11s).marks_deleted("1").judge(id, 20min) == "not reached");
  }
  for (int status : {400, 401, 404, 410}) {
    CAPTURE(status);
    CHECK(once(status).judge(id, 20min) == "not reached");
    CHECK(once(status).at(1min).asked("1").judge(id, 20min) == "violated");
  }
  // A definite refusal comes again even where doubt forbids it.
  CHECK(once(503, "at-most-once").judge(id, 20min) == "not reached");
  CHECK(once(408, "at-most-once").judge(id, 20min) == "violated");
  // No attempts are left.
  Story five = Story().create("a", "1");
  CHECK(fail(five, 5).judge(id, 4h) == "held");
  // Whoever did not know of the refusal may try.
  CHECK(once(404).at(11s).killed("controller-0").at(1min).asked("1", 2, "controller-1").judge(id) == "held");
  // While the API server is away nothing can be decided.
  CHECK(once(408).fires("api-error").judge(id, 20min) == "not reached");
}
