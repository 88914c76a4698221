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
  // A handshake that broke off before any certificate is a connection that broke.
  CHECK(two(503).connects(9, "", "no TLS").writes("1", after_two).judge(id, 2h) == "violated");
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
  CHECK(again(29s).judge(id) == "violated");  // the jitter stays above the first backoff
  CHECK(again(30s).judge(id) == "held");
  CHECK(again(5s, "controller-1").judge(id) == "violated");
  Story third = again(30s).refuses("1", 503, {}, 2);
  CHECK(Story(third).at(93s).asked("1", 3).judge(id) == "violated");
  CHECK(Story(third).at(94s).asked("1", 3).judge(id) == "held");  // 10 % of jitter
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

TEST_CASE("no-delivery-after-delete: marked counts as deleted; a request that was there counts as sent") {
  const char* const id = "no-delivery-after-delete";
  const auto looked = [] { return Story().create("a", "1").at(1s).reads("1"); };
  CHECK(looked().at(2s).asked("1").at(3s).marks_deleted("1").at(8s).accepts("1").judge(id) == "held");
  CHECK(looked().at(2s).marks_deleted("1").at(2500ms).asked("1").at(8s).accepts("1").judge(id) == "held");
  // The look is too old, or saw the deletion.
  CHECK(looked().at(2s).marks_deleted("1").at(4s).asked("1").accepts("1").judge(id) == "violated");
  CHECK(looked().at(2s).marks_deleted("1").at(4s).reads("1").asked("1").accepts("1").judge(id) == "violated");
  CHECK(looked().at(3s).marks_deleted("1").at(3500ms).remove("1").delivered("1", "slack").judge(id) ==
        "violated");
  // While faults act a send takes longer.
  CHECK(looked().fires("dns-slow").at(2s).marks_deleted("1").at(15s).asked("1").accepts("1").judge(id) ==
        "held");
  CHECK(looked().fires("dns-slow").at(2s).marks_deleted("1").at(25s).asked("1").accepts("1").judge(id) ==
        "violated");
}

TEST_CASE("channels-independent: the console does not wait for the disk, the file does") {
  const auto late = [](const char* channel) {
    Story story;
    story.fires("disk-slow").at(1s).create("a", "1", {channel}).at(90s).delivered("1", channel);
    return story.judge("channels-independent");
  };
  CHECK(late("console") == "violated");
  CHECK(late("file") == "not reached");
}

TEST_CASE("channels-independent: the console does not wait for Slack") {
  const char* const id = "channels-independent";
  const auto failing = [] {
    return Story().create("a", "1", {"slack", "console"}).at(1s).asked("1").at(11s).refuses("1", 503);
  };
  CHECK(failing().at(59s).delivered("1", "console").judge(id) == "held");
  CHECK(failing().at(61s).delivered("1", "console").judge(id) == "violated");
  CHECK(failing().judge(id) == "violated");
  CHECK(failing().judge(id, 30s) == "held");
  CHECK(failing().at(20s).remove("1").judge(id) == "not reached");
  // Another notification's Slack is Slack too; a calm one is none of its business.
  CHECK(failing()
            .create("b", "2", {"log"})
            .at(70s)
            .asked("1")
            .refuses("1", 503)
            .at(80s)
            .delivered("2", "log")
            .judge(id) == "violated");
  CHECK(Story().create("a", "1", {"console"}).at(2min).delivered("1", "console").judge(id) == "not reached");
  // No leader, no delivery: that is not Slack's doing. A fault of Slack's is.
  CHECK(failing().at(40s).lease("controller-1_1").at(90s).delivered("1", "console").judge(id) == "held");
  CHECK(failing().at(40s).fires("http-status").at(90s).delivered("1", "console").judge(id) == "violated");
  CHECK(failing().at(40s).fires("api-error").at(90s).delivered("1", "console").judge(id) == "held");
}

TEST_CASE("delivery-within: a minute after the last obstacle, and the backoff after a failure") {
  const char* const id = "delivery-within";
  const auto one = [] { return Story().create("a", "1"); };
  CHECK(one().at(59s).asked("1").accepts("1").judge(id) == "held");
  CHECK(one().at(61s).asked("1").accepts("1").judge(id) == "violated");
  CHECK(one().judge(id) == "violated");
  CHECK(one().judge(id, 50s) == "not reached");
  CHECK(one().at(1s).remove("1").judge(id) == "not reached");
  CHECK(Story().create("a", "1", {"email"}).judge(id) == "not reached");
  // One failure: its backoff and the question whether it arrived come on top; three: a breaker too.
  CHECK(one().at(1s).asked("1").refuses("1", 503).at(3min).asked("1").accepts("1").judge(id) == "held");
  CHECK(one().at(1s).asked("1").refuses("1", 503).at(5min).asked("1").accepts("1").judge(id) == "violated");
  CHECK(one().at(1s).asked("1").refuses("1", 429, 10min).at(11min).asked("1").accepts("1").judge(id, 20min) ==
        "held");
  CHECK(one().at(1s).asked("1").refuses("1", 404).judge(id) == "not reached");
  // Obstacles: a fault until it is lifted, nobody who leads, a controller that stands still.
  CHECK(one().fires("net-refused").at(5min).lifts("net-refused").at(340s).asked("1").accepts("1").judge(id) ==
        "held");
  CHECK(one().at(50s).lease("controller-1_1").at(100s).asked("1").accepts("1").judge(id) == "held");
  CHECK(one()
            .at(1s)
            .process("controller-0", models::ProcessEvent::What::paused)
            .at(100s)
            .asked("1")
            .accepts("1")
            .judge(id) == "held");
  CHECK(one().at(1s).killed("controller-0").judge(id) == "violated");
  CHECK(Story("at-most-once").create("a", "1").at(1s).killed("controller-0").judge(id) == "not reached");
}

TEST_CASE("success-rate: nine of ten on a channel that works") {
  const char* const id = "success-rate";
  const auto ten = [](int delivered, int failures) {
    Story story;
    for (int i = 0; i < 10; ++i) story.create("n" + std::to_string(i), std::to_string(i));
    story.at(1s);
    for (int i = 0; i < failures; ++i) story.asked("0").refuses("0", 503);
    for (int i = 0; i < delivered; ++i) story.asked(std::to_string(i)).accepts(std::to_string(i));
    return story;
  };
  CHECK(ten(9, 1).judge(id) == "held");
  CHECK(ten(8, 1).judge(id) == "violated");
  CHECK(ten(8, 8).judge(id) == "not reached");  // it does not work
  CHECK(ten(10, 0).judge(id) == "not reached");
  CHECK(ten(8, 1).at(2s).asked("9").refuses("9", 404).judge(id) == "not reached");  // nine are too few
  CHECK(ten(8, 1).at(2s).remove("8").remove("9").judge(id) == "not reached");       // fewer than ten
}

TEST_CASE("message-faithful: subject, body and priority, or a visible cut") {
  const char* const id = "message-faithful";
  const std::string body = "node-1 is at 97% <b>& falling</b> fast";
  const auto took = [&](const std::string& content, std::string text = {}) {
    Json json{{"metadata", {{"name", "a"}, {"uid", "1"}}},
              {"spec",
               {{"subject", "Disk full [token:t-1]"},
                {"body", text.empty() ? body : text},
                {"priority", "high"},
                {"channels", {"slack"}}}}};
    return Story()
        .fact({"user", 1}, models::Committed{models::Committed::Operation::create,
                                             {"notificationrequests", "default", "a", "1"},
                                             2,
                                             nullptr,
                                             std::make_shared<const Json>(json)})
        .fact({"slack", 1}, models::Delivered{"slack", "t-1", "m", "", 1, "controller-0",
                                              std::make_shared<const std::string>(content)})
        .judge("message-faithful");
  };
  const auto blocks = [](const std::string& subject, std::vector<std::string> sections,
                         const std::string& context = "*Priority:* high | *Type:* simple") {
    Json list = Json::array({{{"type", "header"}, {"text", {{"text", subject}}}}});
    for (const std::string& section : sections)
      list.push_back({{"type", "section"}, {"text", {{"text", section}}}});
    list.push_back({{"type", "context"}, {"elements", {{{"text", context}}}}});
    return Json{{"blocks", list}}.dump();
  };
  const std::string subject = "⚠ Disk full [token:t-1]";
  CHECK(took(blocks(subject, {"node-1 is at 97% &lt;b&gt;&amp; falling&lt;/b&gt; fast"})) == "held");
  CHECK(took(blocks(subject, {"node-1 is at 97% &lt;b&gt;&amp; fal", "ling&lt;/b&gt; fast"})) == "held");
  CHECK(took("[high] [simple] Disk full [token:t-1]\n" + body) == "held");
  CHECK(took(blocks(subject, {"node-1 is at 97%"})) == "violated");
  CHECK(took(blocks("⚠ token:t-1", {body})) == "violated");
  CHECK(took(blocks(subject, {body}, "*Type:* simple")) == "violated");
  CHECK(took(blocks(subject, {"node-1 is at ***REDACTED*** fast"})) == "held");
  // A cut is seen, and does not come at once.
  std::string long_body;
  for (int i = 0; i < 400; ++i) long_body += "line" + std::to_string(i) + " ";
  CHECK(took(blocks(subject, {long_body.substr(0, 1000) + "… [cut]"}), long_body) == "held");
  CHECK(took(blocks(subject, {long_body.substr(0, 1000)}), long_body) == "violated");
  CHECK(took(blocks(subject, {"line0 … [cut]"}), long_body) == "violated");
  // Slack says that it is no message.
  models::Answered refused{"", 400, 1};
  refused.refusal = "invalid_blocks";
  CHECK(Story().fact({"slack", 1}, refused).judge(id) == "violated");
  refused.refusal = "no_service";
  CHECK(Story().fact({"slack", 1}, refused).judge(id) == "not reached");
}

TEST_CASE("breaker-opens-and-recovers: an endpoint that fails is left alone, and comes back") {
  const char* const id = "breaker-opens-and-recovers";
  const auto failing = [](int requests, Duration between, int status = 503) {
    Story story;
    for (int i = 0; i < requests; ++i) {
      const std::string uid = std::to_string(i);
      story.at(between * i).create("n" + uid, uid).asked(uid).refuses(uid, status);
    }
    return story;
  };
  CHECK(failing(13, 100ms).judge(id) == "violated");
  CHECK(failing(13, 100ms, 0).judge(id) == "violated");
  CHECK(failing(11, 100ms).judge(id) == "held");  // those were on their way
  CHECK(failing(40, 30s).judge(id, 1h) == "held");
  CHECK(failing(40, 10s).judge(id, 1h) == "violated");
  CHECK(failing(2, 100ms).judge(id) == "not reached");
  // Each process has its own, and a success closes it.
  Story with_success = failing(10, 100ms).asked("0").accepts("0");
  for (int i = 0; i < 10; ++i) with_success.asked("1").refuses("1", 503);
  CHECK(with_success.judge(id) == "held");
  Story two = failing(10, 100ms);
  for (int i = 0; i < 10; ++i) two.asked("1", 2, "controller-1").refuses("1", 503, {}, 2, "controller-1");
  CHECK(two.judge(id) == "held");
  // Handshakes that fail are requests that fail.
  const auto handshakes = [](int count) {
    Story story;
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(count); ++i)
      story.at(100ms * i).connects(i + 1, "expired", "alert");
    return story;
  };
  CHECK(handshakes(13).judge(id) == "violated");
  CHECK(handshakes(11).judge(id) == "held");
}

TEST_CASE("breaker-opens-and-recovers: an endpoint that says nothing is left alone, too") {
  const char* const id = "breaker-opens-and-recovers";
  const auto silent = [](int tries, Duration between, const char* error = "timed out") {
    Story story;
    for (int i = 0; i < tries; ++i) {
      const std::string uid = std::to_string(i);
      const Json status{{"phase", "Retrying"}, {"deliveryAttempts", {attempt("failed", error)}}};
      story.at(between * i).create("n" + uid, uid).writes(uid, status);
    }
    return story;
  };
  CHECK(silent(13, 1s).judge(id) == "violated");
  CHECK(silent(12, 1s).judge(id) == "held");  // those were on their way
  CHECK(silent(40, 30s).judge(id, 1h) == "held");
  CHECK(silent(40, 10s).judge(id, 1h) == "violated");
  CHECK(silent(40, 1s, "circuit breaker is open").judge(id) == "not reached");
  // An answer is a sign of life.
  Story spoke = silent(10, 1s).asked("1").refuses("1", 404);
  for (int i = 10; i < 20; ++i) {
    const std::string uid = std::to_string(i);
    const Json status{{"phase", "Retrying"}, {"deliveryAttempts", {attempt("failed", "timed out")}}};
    spoke.create("n" + uid, uid).writes(uid, status);
  }
  CHECK(spoke.judge(id) == "held");
}

TEST_CASE("breaker-opens-and-recovers: after the healing what waits is delivered within five minutes") {
  const char* const id = "breaker-opens-and-recovers";
  const auto healed = [] {
    Story story = Story().create("a", "1").create("b", "2").create("c", "3");
    for (const char* uid : {"1", "2", "3"}) story.at(1s).asked(uid).refuses(uid, 503);
    return story.at(1min).settles();
  };
  CHECK(healed().status("1", "Retrying").judge(id, 8min) == "violated");
  CHECK(healed().judge(id, 6min) == "held");
  Story delivered = healed();
  for (const char* uid : {"1", "2", "3"}) delivered.asked(uid).accepts(uid);
  CHECK(delivered.judge(id, 8min) == "held");
}

TEST_CASE("breaker-opens-and-recovers: 4xx of one notification stop no other") {
  const char* const id = "breaker-opens-and-recovers";
  const auto refused = [](int status) {
    Story story = Story().create("a", "1").create("b", "2");
    return story.at(1s).asked("1").refuses("1", status);
  };
  const Json waits{{"phase", "Sending"}, {"channels", {{{"channel", "slack"}, {"breaker", "open"}}}}};
  const Json said{{"phase", "Sending"},
                  {"deliveryAttempts", {attempt("failed", "slack circuit breaker is open")}}};
  CHECK(refused(404).writes("2", waits).judge(id, 1min) == "violated");
  CHECK(refused(404).writes("2", said).judge(id, 1min) == "violated");
  models::Answered no_message{"", 400, 1};
  no_message.refusal = "invalid_blocks";
  CHECK(Story().create("b", "2").fact({"slack", 1}, no_message).writes("2", waits).judge(id, 1min) ==
        "violated");
  CHECK(refused(404).status("2", "Sending").judge(id, 1min) == "not reached");
  CHECK(refused(503).writes("2", waits).judge(id, 1min) == "not reached");
}

TEST_CASE("connections-reused: a pool, or a fifth of the deliveries, and what broke or was idle") {
  const char* const id = "connections-reused";
  const auto deliver = [](int connections, int deliveries, Duration between = 100ms) {
    Story story;
    for (int i = 0; i < deliveries; ++i) {
      const std::string uid = std::to_string(i);
      const auto connection = static_cast<std::uint64_t>(i % connections) + 1;
      story.at(between * i).create("n" + uid, uid);
      if (i < connections) story.connects(connection);
      story.asked(uid, connection).accepts(uid, connection);
    }
    return story;
  };
  CHECK(deliver(8, 20).judge(id) == "held");
  CHECK(deliver(9, 20).judge(id) == "violated");
  CHECK(deliver(20, 100).judge(id) == "held");
  CHECK(deliver(100, 100).judge(id) == "violated");
  CHECK(deliver(8, 8).judge(id) == "not reached");
  // One that is idle for half a minute may be closed; one that breaks must be.
  CHECK(deliver(20, 20, 40s).judge(id, 1h) == "held");
  CHECK(deliver(9, 20).refuses("1", 0).judge(id) == "held");
  CHECK(deliver(8, 20).connects(30, "good", "reset").judge(id) == "held");
  CHECK(deliver(9, 20).fires("net-reset").judge(id) == "not reached");
}

TEST_CASE("attempt-log-complete: every request that came to nothing has its attempt") {
  const char* const id = "attempt-log-complete";
  const auto two = [] {
    Story story = Story().create("a", "1");
    return fail(story, 2);
  };
  const auto shows = [](std::vector<Json> attempts) {
    return Json{{"phase", "Retrying"}, {"deliveryAttempts", std::move(attempts)}};
  };
  CHECK(two().writes("1", shows({attempt("failed"), attempt("failed")})).judge(id, 1h) == "held");
  CHECK(two().writes("1", shows({attempt("failed")})).judge(id, 1h) == "violated");
  CHECK(two().writes("1", shows({attempt("failed"), attempt("success")})).judge(id, 1h) == "violated");
  CHECK(two().writes("1", shows({attempt("failed"), attempt("pending")})).judge(id, 1h) == "held");
  CHECK(two().killed("controller-0").writes("1", shows({attempt("failed")})).judge(id, 1h) == "held");
  CHECK(two().remove("1").judge(id, 1h) == "not reached");
  CHECK(two().judge(id, 620s) == "not reached");  // it may be on its way
  CHECK(Story().create("a", "1").asked("1").accepts("1").judge(id) == "not reached");
}

TEST_CASE("tls-error-named-in-status: TLS or certificate, and what was wrong with it") {
  const char* const id = "tls-error-named-in-status";
  const auto says = [](const std::string& certificate, const std::string& error) {
    return Story()
        .create("a", "1")
        .at(1s)
        .connects(1, certificate, "alert")
        .writes("1", given_up({attempt("failed", error)}))
        .judge("tls-error-named-in-status");
  };
  CHECK(says("expired", "tls-expired: certificate has expired") == "held");
  CHECK(says("expired", "connection failed") == "violated");
  CHECK(says("expired", "certificate problem") == "violated");
  CHECK(says("expired", "expired") == "violated");
  CHECK(says("wrong-host", "x509: certificate is for another host") == "held");
  CHECK(says("wrong-host", "tls-expired: certificate has expired") == "violated");
  CHECK(says("self-signed", "tls-self-signed: self-signed certificate") == "held");
  CHECK(says("unknown-authority", "tls: unknown authority") == "held");
  CHECK(says("not-yet-valid", "tls-not-yet-valid: certificate is not yet valid") == "held");
  CHECK(says("revoked", "certificate error") == "violated");
  CHECK(says("good", "connection failed") == "not reached");
  // Other reasons: its request arrived, a handshake succeeded, the network was bad, it was never tried.
  const auto failed = [] { return Story().create("a", "1").at(1s).connects(1, "expired", "alert"); };
  const Json generic = given_up({attempt("failed", "reset")});
  CHECK(failed().writes("1", generic).judge(id) == "violated");
  CHECK(failed().asked("1", 2).writes("1", generic).judge(id) == "not reached");
  CHECK(failed().connects(2).writes("1", generic).judge(id) == "not reached");
  CHECK(failed().fires("net-reset").writes("1", generic).judge(id) == "not reached");
  CHECK(failed().judge(id) == "not reached");
}

TEST_CASE("no-payload-to-untrusted-peer: nothing is sent to who cannot be trusted, or in plain") {
  const char* const id = "no-payload-to-untrusted-peer";
  CHECK(Story().create("a", "1").connects(1, "expired").asked("1").judge(id) == "violated");
  CHECK(Story().create("a", "1").connects(1, "self-signed").refuses("1", 401).judge(id) == "violated");
  CHECK(Story().create("a", "1").connects(1, "", "").asked("1").judge(id) == "violated");
  CHECK(Story().create("a", "1").connects(1, "expired", "alert").connects(2).asked("1", 2).judge(id) ==
        "held");
  CHECK(Story().create("a", "1").connects(1, "renewed").asked("1").judge(id) == "not reached");
  CHECK(Story().create("a", "1").at(2min).connects(1, "expires-soon").asked("1").judge(id) == "violated");
  CHECK(Story().create("a", "1").at(1min).connects(1, "expires-soon").at(3min).asked("1").judge(id) ==
        "not reached");  // it was good when it was seen
}
