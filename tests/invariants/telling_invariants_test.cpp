// Invariants about what a controller tells others: audit records, Events, metrics, logs. Planted violations
// and legal twins.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/invariants/story.hpp"

using namespace racebed;
using models::Json;
using racebed::tests::Story;
using namespace std::chrono_literals;

namespace {

Json record(const char* event, const std::string& uid, const char* channel = "", int attempt = 1) {
  Json json{{"event", event}, {"uid", uid}, {"name", "a"}};
  json["key"] = uid + "/" + event;
  if (*channel == '\0') return json;
  json["channel"] = channel;
  json["attempt"] = attempt;
  json["key"] = uid + "/" + event + "/" + channel + "/" + std::to_string(attempt);
  return json;
}

/// One notification that Slack took and whose status says so.
Story sent() {
  Story story;
  story.create("a", "1").at(1s).delivered("1", "slack").at(2s);
  return story.status("1", "Sent", {{"slack", "success", 1s}}).holds_at_end("controller-0", 5, 0);
}
Story& audits(Story& story, const Json& json) {
  return story.claims("audit", json);
}
std::string judge_audit(Story story, const std::vector<Json>& records) {
  for (const Json& json : records) audits(story, json);
  return story.judge("audit-exactly-once");
}

models::What event(const std::string& uid, const char* reason, const char* message = "so it is",
                   const char* name = "a") {
  const Json json{{"involvedObject", {{"kind", "NotificationRequest"}, {"name", name}, {"uid", uid}}},
                  {"reason", reason},
                  {"message", message}};
  return models::Committed{models::Committed::Operation::create,
                           {"events", "default", "a.1", "e"},
                           99,
                           nullptr,
                           std::make_shared<const Json>(json)};
}
const models::Actor kController{"controller-0", 1};

}  // namespace

TEST_CASE("audit-exactly-once: what the status says is audited once; the sink drops repeats of a key") {
  const Json delivered = record("message.sent", "1", "slack");
  const Json done = record("message.acknowledged", "1");
  CHECK(judge_audit(sent(), {delivered, done}) == "held");
  CHECK(judge_audit(sent(), {delivered, done, delivered, done}) == "held");
  CHECK(judge_audit(sent(), {done}) == "violated");
  CHECK(judge_audit(sent(), {delivered}) == "violated");
  CHECK(judge_audit(sent(), {delivered, done, record("message.escalated", "1")}) == "violated");
  CHECK(judge_audit(Story().create("a", "1"), {}) == "not reached");
  // Under another key, or without one, it is no repeat.
  Json other = delivered;
  other["key"] = "1/message.sent/slack/again";
  CHECK(judge_audit(sent(), {delivered, done, other}) == "violated");
  other.erase("key");
  CHECK(judge_audit(sent(), {delivered, done, other}) == "violated");
}

TEST_CASE(
    "audit-exactly-once: failed attempts are audited each; of a finished notification that failed, so is "
    "that") {
  const auto failed = [] {
    Story story;
    story.create("a", "1").at(2s).status("1", "Failed", {{"slack", "failed", 1s}, {"slack", "timeout", 2s}});
    return story.holds_at_end("controller-0", 5, 0);
  };
  const Json first = record("message.failed", "1", "slack", 1);
  const Json second = record("message.failed", "1", "slack", 2);
  const Json end = record("message.escalated", "1");
  CHECK(judge_audit(failed(), {first, second, end}) == "held");
  CHECK(judge_audit(failed(), {first, end}) == "violated");
  CHECK(judge_audit(failed(), {first, second}) == "violated");
  CHECK(judge_audit(failed(), {first, second, end, record("message.acknowledged", "1")}) == "violated");
  CHECK(judge_audit(failed(), {first, second, end, record("message.sent", "1", "slack", 3)}) == "violated");
}

TEST_CASE("audit-exactly-once: a refusal for good is not called transient, and every end is told") {
  const auto refused = [](int status, const char* type, const char* phase, bool escalated) {
    Story story;
    story.create("a", "1").at(1s).asked("1").refuses("1", status);
    story.at(2s).status("1", phase, {{"slack", "failed", 1s}});
    Json failure = record("message.failed", "1", "slack", 1);
    failure["errorType"] = type;
    std::vector<Json> records{failure};
    if (escalated) records.push_back(record("message.escalated", "1"));
    return judge_audit(story.holds_at_end("controller-0", 5, 0), records);
  };
  CHECK(refused(400, "permanent", "Failed", true) == "held");
  CHECK(refused(400, "transient", "Failed", true) == "violated");
  CHECK(refused(503, "transient", "Failed", true) == "held");
  CHECK(refused(503, "transient", "PartiallySent", true) == "held");
  CHECK(refused(503, "transient", "PartiallySent", false) == "violated");
}

TEST_CASE("audit-exactly-once: what a breaker turned away was not tried, and did not fail") {
  const auto failed = [](const char* error) {
    Json json = record("message.failed", "1", "slack");
    json["error"] = error;
    return Story().create("a", "1").at(1s).claims("audit", json).judge("audit-exactly-once");
  };
  CHECK(failed("slack webhook returned 503 (retryable)") == "held");
  CHECK(failed("slack circuit breaker is open (too many failures)") == "violated");
}

TEST_CASE("audit-exactly-once: each incarnation has records of its own") {
  const auto next = [](const Json& of_second) {
    Story story = sent();
    audits(story, record("message.sent", "1", "slack"));
    audits(story, record("message.acknowledged", "1"));
    story.at(5s).remove("1").create("a", "2").delivered("2", "slack");
    story.at(6s).status("2", "Sent", {{"slack", "success", 5s}});
    audits(story, of_second);
    return audits(story, record("message.acknowledged", "2")).judge("audit-exactly-once");
  };
  CHECK(next(record("message.sent", "2", "slack")) == "held");
  Json swallowed = record("message.sent", "2", "slack");
  swallowed["key"] = "1/message.sent/slack/1";  // the former one's
  CHECK(next(swallowed) == "violated");
  CHECK(next(record("message.sent", "3", "slack")) == "violated");  // of nobody
  Json by_name{{"event", "notification.message.sent"}, {"name", "default/a"}, {"channel", "slack"}};
  CHECK(next(by_name) == "held");
}

TEST_CASE("audit-exactly-once: a delivery to what is deleted afterwards is audited, unless its sender dies") {
  const auto deleted = [](bool dies) {
    Story story;
    story.create("a", "1").at(1s).delivered("1", "slack");
    if (dies) story.killed("controller-0");
    return story.at(2s).remove("1").create("b", "2");
  };
  CHECK(judge_audit(deleted(false), {record("message.sent", "1", "slack")}) == "held");
  CHECK(judge_audit(deleted(false), {}) == "violated");
  CHECK(judge_audit(deleted(true), {}) == "not reached");
}

TEST_CASE("events-emitted: each finished notification has an Event that says so") {
  const char* const id = "events-emitted";
  CHECK(sent().fact(kController, event("1", "NotificationSent")).judge(id) == "held");
  CHECK(sent().fact(kController, event("1", "PhaseTransition")).judge(id) == "violated");
  CHECK(sent().judge(id) == "violated");
  CHECK(sent().judge(id, 1min) == "held");  // it may yet come
  CHECK(sent().at(3s).killed("controller-0").judge(id) == "held");
  CHECK(Story().create("a", "1").at(1s).status("1", "Failed").judge(id) == "violated");
  CHECK(Story()
            .create("a", "1")
            .at(1s)
            .status("1", "Failed")
            .fact(kController, event("1", "NotificationFailed"))
            .judge(id) == "held");
  CHECK(Story().create("a", "1").judge(id) == "not reached");
}

TEST_CASE("events-emitted: an Event is about an incarnation that there is, and does not lie of it") {
  const char* const id = "events-emitted";
  const auto good = [] { return sent().fact(kController, event("1", "NotificationSent")); };
  CHECK(good().fact(kController, event("", "NotificationSent")).judge(id) == "violated");
  CHECK(good().fact(kController, event("2", "NotificationSent")).judge(id) == "violated");
  CHECK(good().fact(kController, event("1", "NotificationSent", "x", "b")).judge(id) == "violated");
  CHECK(good().fact(kController, event("1", "NotificationFailed")).judge(id) == "violated");
  CHECK(good().create("b", "2").fact(kController, event("2", "NotificationSent", "x", "b")).judge(id) ==
        "violated");
}

TEST_CASE("events-emitted: what happens once is not said at every reconcile") {
  const char* const id = "events-emitted";
  const auto said = [&](const char* reason, int times) {
    Story story = sent();
    story.fact(kController, event("1", "NotificationSent"));
    for (int i = 0; i < times; ++i) story.fact(kController, event("1", reason));
    return story.judge(id);
  };
  CHECK(said("ReconcileStarted", 3) == "held");
  CHECK(said("ReconcileStarted", 4) == "violated");
  CHECK(said("CircuitBreakerOpen", 8) == "violated");
  Story waits;
  waits.create("a", "1");
  for (int i = 0; i < 8; ++i) waits.at(30s * i).fact(kController, event("1", "CircuitBreakerOpen"));
  waits.at(4min).status("1", "Failed").fact(kController, event("1", "NotificationFailed"));
  CHECK(waits.judge(id) == "held");
}

TEST_CASE("no-secret-leaked: neither the controller's secrets nor those of a notification's text") {
  const char* const id = "no-secret-leaked";
  const auto secret = [] {
    const Json object{
        {"metadata", {{"name", "a"}, {"uid", "1"}}},
        {"spec",
         {{"subject", "x [token:t-1]"},
          {"body", "db at postgres://app:pg-s3cr3t@db/x, password=hunter2-f4k3; Bearer abc.def.ghi"},
          {"channels", {"slack"}}}}};
    return Story().fact({"user", 1}, models::Committed{models::Committed::Operation::create,
                                                       {"notificationrequests", "default", "a", "1"},
                                                       1,
                                                       nullptr,
                                                       std::make_shared<const Json>(object)});
  };
  const auto message = [](const char* text) {
    return models::Delivered{
        "slack", "t-1", "m", "", 1, "controller-0", std::make_shared<const std::string>(text)};
  };
  const models::Actor slack{"slack", 1};
  CHECK(secret().fact(slack, message("db at postgres://app:***@db/x, password=***")).judge(id) == "held");
  CHECK(secret().fact(slack, message("db at postgres://app:pg-s3cr3t@db/x")).judge(id) == "violated");
  CHECK(secret().fact(slack, message("password=hunter2-f4k3")).judge(id) == "violated");
  CHECK(secret().fact(slack, message("abc.def.ghi")).judge(id) == "violated");
  CHECK(secret().logs("delivery failed: hunter2-f4k3").judge(id) == "violated");
  // The mark by which messages are known is no secret.
  CHECK(secret().fact(slack, message("x [token:t-1]")).judge(id) == "held");

  const std::string webhook = "http://slack:443/services/T0RACE/B0RACE/f4k3s3cr3t";
  const auto error = [](const std::string& text) {
    return Json{{"phase", "Retrying"}, {"deliveryAttempts", {{{"channel", "slack"}, {"error", text}}}}};
  };
  const auto fresh = [] { return Story().create("a", "1"); };
  CHECK(fresh().writes("1", error("connection refused")).judge(id) == "held");
  CHECK(fresh().writes("1", error("Post \"" + webhook + "\": refused")).judge(id) == "violated");
  CHECK(fresh().writes("1", error(webhook), "another-client").judge(id) == "not reached");
  CHECK(fresh().claims("audit", {{"error", webhook}}).judge(id) == "violated");
  CHECK(fresh().claims("metrics", {{"page", "breaker{endpoint=\"" + webhook + "\"} 2"}}).judge(id) ==
        "violated");
  CHECK(fresh().logs("POST " + webhook).judge(id) == "violated");
  CHECK(fresh().logs("Authorization: xoxb-racebed-0001").judge(id) == "violated");
  CHECK(fresh().fact(kController, event("1", "NotificationRetrying", webhook.c_str())).judge(id) ==
        "violated");
  CHECK(fresh().logs("all is well").judge(id) == "held");
  CHECK(fresh().judge(id) == "not reached");
}

namespace {

experiments::MetricNames names() {
  experiments::MetricNames names;
  names.deliveries = {"deliveries", "channel", "status", {"success"}, {"failed"}};
  names.attempts = {"sends", "channel", "result", {"delivered"}, {"rejected"}};
  names.duration = "took";
  names.duration_channel_label = "channel";
  names.breaker = "breaker";
  names.phase = "phase";
  names.phase_label = "phase";
  names.tls_errors = "tls";
  names.conflicts = "conflicts";
  names.retries = "retries";
  return names;
}
/// What a controller shows half a minute after it has delivered one notification.
const std::string kGood =
    "# HELP deliveries x\n"
    "deliveries{channel=\"slack\",status=\"success\"} 1\n"
    "sends{channel=\"slack\",result=\"delivered\"} 1\n"
    "took_count{channel=\"slack\"} 1\n"
    "took_sum{channel=\"slack\"} 0.25\n"
    "phase{phase=\"Sent\"} 1\n"
    "phase{phase=\"Pending\"} 0\n"
    "breaker{endpoint=\"https://slack/#1\"} 0\n";

std::string judge_page(Story story, const std::string& page) {
  return story.metrics(names()).at(60s).claims("metrics", {{"page", page}}).judge("metrics-match-ledger");
}
std::string but(const std::string& what, const std::string& with) {
  std::string page = kGood;
  return page.replace(page.find(what), what.size(), with);
}
Story started() {
  return Story().process("controller-0", models::ProcessEvent::What::started);
}
Story one_sent() {
  Story story = started();
  story.create("a", "1").at(1s).delivered("1", "slack").at(2s).status("1", "Sending");
  return story.status("1", "Sent", {{"slack", "success", 1s}});
}

}  // namespace

TEST_CASE("metrics-match-ledger: deliveries, histograms and phases agree with what happened") {
  CHECK(judge_page(one_sent(), kGood) == "held");
  CHECK(judge_page(one_sent(), but("status=\"success\"} 1", "status=\"success\"} 2")) == "violated");
  CHECK(judge_page(one_sent(), but("status=\"success\"} 1", "status=\"success\"} 0")) == "violated");
  CHECK(judge_page(one_sent(), but("status=\"success\"} 1", "status=\"failure\"} 1")) == "violated");
  CHECK(judge_page(one_sent(), but("status=\"success\"", "state=\"success\"")) == "violated");
  CHECK(judge_page(one_sent(), but("result=\"delivered\"} 1", "result=\"delivered\"} 2")) == "violated");
  CHECK(judge_page(one_sent(), but("took_count{channel=\"slack\"} 1", "")) == "violated");
  CHECK(judge_page(one_sent(), but("{phase=\"Sent\"} 1", "{phase=\"Sent\"} 2")) == "violated");
  CHECK(judge_page(one_sent(), but("{phase=\"Pending\"} 0", "{phase=\"Pending\"} 1")) == "violated");
  CHECK(judge_page(one_sent(), but("#1\"} 0", "#1\"} 3")) == "violated");
  CHECK(judge_page(one_sent(), but("#1\"} 0", "#1\"} 2")) == "held");
  const auto explained = [](const char* help, const char* value) {
    return judge_page(one_sent(), but("breaker{endpoint=\"https://slack/#1\"} 0",
                                      std::string("# HELP breaker ") + help +
                                          "\nbreaker{endpoint=\"https://slack/#1\"} " + value));
  };
  CHECK(explained("0 closed, 1 half-open, 2 open", "2") == "held");
  CHECK(explained("0=closed, 1=open, 2=half-open", "2") == "violated");
  CHECK(explained("0=closed, 1=open, 2=half-open", "0") == "held");  // nobody has to look it up yet
  CHECK(judge_page(started(), "") == "not reached");
}

TEST_CASE("metrics-match-ledger: nothing is made up before anything has happened") {
  CHECK(judge_page(started(), "sends{channel=\"console\",result=\"delivered\"} 1\n") == "violated");
  CHECK(judge_page(started(), "deliveries{channel=\"console\",status=\"failed\"} 1\n") == "violated");
  CHECK(judge_page(started(), "took_count{channel=\"console\"} 1\n") == "violated");
  CHECK(judge_page(started(), "conflicts 1\n") == "violated");
  CHECK(judge_page(started(), "tls{class=\"tls-expired\"} 1\n") == "violated");
}

TEST_CASE("metrics-match-ledger: what is still on its way counts either way") {
  const auto late = [](Duration delivered, const std::string& page) {
    Story story = started();
    story.create("a", "1")
        .at(delivered)
        .delivered("1", "slack")
        .status("1", "Sent", {{"slack", "success", delivered}});
    return judge_page(story, page);
  };
  const std::string nothing = "phase{phase=\"Sent\"} 1\n";
  CHECK(late(30s, nothing) == "violated");
  CHECK(late(55s, nothing) == "held");
}

TEST_CASE("metrics-match-ledger: who stood still may not have heard what became of a send") {
  const auto paused = [](bool stood_still) {
    Story story = one_sent();
    if (stood_still) story.fires("process-pause");
    return judge_page(story, but("sends{channel=\"slack\",result=\"delivered\"} 1\n", ""));
  };
  CHECK(paused(true) == "held");
  CHECK(paused(false) == "violated");
}

TEST_CASE("metrics-match-ledger: failures, conflicts and TLS errors are counted") {
  const auto failed = [] {
    Story story = started();
    story.create("a", "1").at(1s).fact(
        {"slack", 1}, models::ConnectionOpened{"slack", 1, "alert", "expired", "controller-0"});
    const Json attempts{
        {{"channel", "slack"}, {"attempt", 1}, {"status", "failed"}, {"error", "tls-expired: x"}}};
    story.writes("1", Json{{"phase", "Retrying"}, {"deliveryAttempts", attempts}});
    return story.fact(kController,
                      models::Refused{"PUT", {"notificationrequests", "default", "a", ""}, 409, "Conflict"});
  };
  const std::string good =
      "deliveries{channel=\"slack\",status=\"failed\"} 1\ntls{class=\"tls-expired\"} 1\nconflicts 1\n"
      "phase{phase=\"Retrying\"} 1\n";
  const auto without = [&](const std::string& line) {
    std::string page = good;
    page.erase(page.find(line), page.find('\n', page.find(line)) + 1 - page.find(line));
    return page;
  };
  CHECK(judge_page(failed(), good) == "held");
  CHECK(judge_page(failed(), without("deliveries")) == "violated");
  CHECK(judge_page(failed(), without("tls")) == "violated");
  CHECK(judge_page(failed(), without("conflicts")) == "violated");
  CHECK(judge_page(failed(), good + "conflicts 1\n") == "violated");
}

TEST_CASE("metrics-match-ledger: who tries again after a failure of its own counts retries") {
  const auto retried = [](const char* error, const std::string& page) {
    const auto attempts = [&](bool second) {
      Json all{{{"channel", "slack"}, {"attempt", 1}, {"status", "failed"}, {"error", error}}};
      if (second) all.push_back({{"channel", "slack"}, {"attempt", 2}, {"status", "success"}});
      return all;
    };
    Story story = started();
    story.create("a", "1").at(1s).writes("1",
                                         Json{{"phase", "Retrying"}, {"deliveryAttempts", attempts(false)}});
    story.at(9s).delivered("1", "slack");
    story.writes("1", Json{{"phase", "Sent"}, {"deliveryAttempts", attempts(true)}});
    return judge_page(story,
                      "deliveries{channel=\"slack\",status=\"failed\"} 1\n"
                      "deliveries{channel=\"slack\",status=\"success\"} 1\n"
                      "sends{channel=\"slack\",result=\"delivered\"} 1\n"
                      "took_count{channel=\"slack\"} 1\nphase{phase=\"Sent\"} 1\n" +
                          page);
  };
  CHECK(retried("503", "retries 1\n") == "held");
  CHECK(retried("503", "") == "violated");
  CHECK(retried("interrupted", "") == "held");
}
