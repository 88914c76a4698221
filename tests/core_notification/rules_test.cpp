// Tables and laws of the small rules: backoff, breaker, answers, sanitiser, Slack's limits.
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "core/notification/breaker.hpp"
#include "core/notification/retry_policy.hpp"
#include "core/notification/sanitizer.hpp"
#include "core/notification/slack_answer.hpp"
#include "core/notification/slack_message.hpp"
#include "core/notification/utf8.hpp"

namespace racebed::notification {
namespace {

using namespace std::chrono_literals;
using net::ErrorClass;
using Outcome = DeliveryResult::Outcome;

Instant at(Duration since) {
  return Instant{} + since;
}

Message message_of(std::string subject, std::string body) {
  Message message;
  message.uid = "u1";
  message.priority = "critical";
  message.type = "escalation";
  message.channel = "slack";
  message.subject = std::move(subject);
  message.body = std::move(body);
  return message;
}

}  // namespace

TEST_CASE(
    "backoff: min(max, initial x multiplier^(attempt-1)) within ten per cent and within [initial, max]") {
  const bool held = rc::check("the law", [] {
    RetryPolicy policy;
    policy.initial = std::chrono::seconds{*rc::gen::inRange(1, 301)};
    policy.max = std::chrono::seconds{*rc::gen::inRange(60, 3601)};
    policy.multiplier = *rc::gen::inRange(1, 11);
    const int attempt = *rc::gen::inRange(1, 11);
    const auto jitter = *rc::gen::inRange<std::uint64_t>(0, kJitterSteps);
    std::int64_t exact = policy.initial.count();
    for (int i = 1; i < attempt && exact < 10'000; ++i) exact *= policy.multiplier;
    exact = std::min<std::int64_t>(exact, policy.max.count());
    const Duration delay = backoff(policy, attempt, jitter);
    const Duration lowest = std::min<Duration>(policy.initial, policy.max);
    RC_ASSERT(delay >= std::max<Duration>(lowest, std::chrono::milliseconds{exact * 900} - 1us));
    RC_ASSERT(delay <= std::min<Duration>(policy.max, std::chrono::milliseconds{exact * 1100}));
    const Time failed_at{
        std::chrono::nanoseconds{*rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000'000'000)}};
    const Time next = next_attempt(policy, attempt, jitter, failed_at, std::nullopt, 1h);
    RC_ASSERT(next - failed_at >= delay);
    RC_ASSERT(next - failed_at < delay + 1s);
    RC_ASSERT(next.time_since_epoch().count() % 1'000'000'000 == 0);
  });
  CHECK(held);
}

TEST_CASE("backoff: the middle of the jitter is the plain law, its ends are ten per cent away") {
  struct Row {
    int attempt;
    std::uint64_t jitter;
    Duration expected;
  };
  for (const Row& row : {Row{1, 1000, 30s}, Row{2, 1000, 60s}, Row{3, 1000, 120s}, Row{4, 1000, 240s},
                         Row{5, 1000, 480s}, Row{9, 1000, 480s}, Row{1, 0, 30s}, Row{2, 0, 54s},
                         Row{2, 2000, 66s}, Row{5, 2000, 480s}, Row{5, 0, 432s}}) {
    INFO("attempt " << row.attempt << ", jitter " << row.jitter);
    CHECK(backoff({}, row.attempt, row.jitter) == row.expected);
  }
  RetryPolicy upside_down;
  upside_down.initial = 300s;
  upside_down.max = 60s;
  CHECK(backoff(upside_down, 1, 2000) == 60s);
}

TEST_CASE("Retry-After is a lower bound for the next attempt, capped at an hour") {
  const Time now{};
  CHECK(next_attempt({}, 1, 1000, now, 5s, 1h) - now == 30s);
  CHECK(next_attempt({}, 1, 1000, now, 90s, 1h) - now == 90s);
  CHECK(next_attempt({}, 1, 1000, now, 5h, 1h) - now == 1h);
}

TEST_CASE(
    "breaker: three failures in a row open it, 30 s later one request may try, two successes close it") {
  Breaker breaker{BreakerConfig{}};
  for (int i = 0; i < 3; ++i) {
    CHECK(breaker.admits(at(0s)));
    breaker.started(at(0s));
    breaker.failed(at(0s));
  }
  CHECK_FALSE(breaker.admits(at(29s)));
  CHECK(breaker.state(at(30s)) == Breaker::State::half_open);
  breaker.started(at(30s));
  CHECK_FALSE(breaker.admits(at(30s)));
  breaker.succeeded(at(31s));
  CHECK(breaker.state(at(31s)) == Breaker::State::half_open);
  breaker.started(at(31s));
  breaker.succeeded(at(32s));
  CHECK(breaker.state(at(32s)) == Breaker::State::closed);
}

TEST_CASE("breaker: a failed trial doubles the wait, up to five minutes") {
  Breaker breaker{BreakerConfig{}};
  Duration now{0};
  for (int i = 0; i < 3; ++i) breaker.failed(at(now));
  for (const Duration wait : {30s, 60s, 120s, 240s, 300s, 300s}) {
    CHECK(breaker.open_until() == at(now + wait));
    now += wait;
    breaker.started(at(now));
    breaker.failed(at(now));
  }
}

TEST_CASE("breaker: six failures of the last ten open it; successes between keep shorter rows harmless") {
  Breaker breaker{BreakerConfig{}};
  const bool failures[] = {true, true, false, true, true, false, true, false, false, true};
  for (const bool failure : failures) {
    CHECK(breaker.state(at(0s)) == Breaker::State::closed);
    failure ? breaker.failed(at(0s)) : breaker.succeeded(at(0s));
  }
  CHECK(breaker.state(at(0s)) == Breaker::State::open);
}

TEST_CASE("breaker: a request that began before it opened neither closes nor re-opens it") {
  Breaker breaker{BreakerConfig{}};
  for (int i = 0; i < 5; ++i) breaker.started(at(0s));
  for (int i = 0; i < 3; ++i) breaker.failed(at(1s));
  breaker.succeeded(at(2s));
  breaker.failed(at(2s));
  CHECK(breaker.open_until() == at(31s));
  breaker.started(at(31s));
  breaker.said_nothing();
  CHECK(breaker.admits(at(31s)));
}

TEST_CASE("what an HTTP status means") {
  struct Row {
    int status;
    Outcome outcome;
    bool permanent;
    Health health;
  };
  for (const Row& row :
       {Row{200, Outcome::delivered, false, Health::well}, Row{204, Outcome::delivered, false, Health::well},
        Row{302, Outcome::rejected, true, Health::nothing},
        Row{400, Outcome::rejected, true, Health::nothing},
        Row{401, Outcome::rejected, true, Health::nothing},
        Row{404, Outcome::rejected, true, Health::nothing},
        Row{408, Outcome::rejected, false, Health::nothing},
        Row{425, Outcome::rejected, false, Health::nothing}, Row{429, Outcome::rejected, false, Health::sick},
        Row{500, Outcome::unknown, false, Health::sick}, Row{501, Outcome::unknown, false, Health::sick},
        Row{503, Outcome::unknown, false, Health::sick}}) {
    INFO("status " << row.status);
    net::HttpAnswer answer;
    answer.status = row.status;
    const DeliveryResult result = webhook_result(answer);
    CHECK(result.outcome == row.outcome);
    CHECK(result.permanent == row.permanent);
    CHECK(health_of(result) == row.health);
  }
}

TEST_CASE("a webhook that says more than ok is not Slack's") {
  net::HttpAnswer answer;
  answer.status = 200;
  answer.body = "ok";
  CHECK(webhook_result(answer).outcome == Outcome::delivered);
  answer.body = "<html>sign in</html>";
  CHECK(webhook_result(answer).outcome == Outcome::unknown);
  CHECK_FALSE(webhook_result(answer).permanent);
  answer.body_complete = false;
  CHECK(webhook_result(answer).outcome == Outcome::delivered_unconfirmed);
}

TEST_CASE("what a Web API answer means") {
  struct Row {
    const char* body;
    bool complete;
    Outcome outcome;
    bool permanent;
  };
  for (const Row& row : {Row{R"({"ok":true,"ts":"1.2"})", true, Outcome::delivered, false},
                         Row{R"({"ok":true)", false, Outcome::delivered_unconfirmed, false},
                         Row{"<html>", true, Outcome::unknown, false},
                         Row{R"({"ok":false,"error":"invalid_auth"})", true, Outcome::rejected, true},
                         Row{R"({"ok":false,"error":"channel_not_found"})", true, Outcome::rejected, true},
                         Row{R"({"ok":false,"error":"ratelimited"})", true, Outcome::rejected, false},
                         Row{R"({"ok":false,"error":"internal_error"})", true, Outcome::unknown, false}}) {
    INFO(row.body);
    net::HttpAnswer answer;
    answer.status = 200;
    answer.body = row.body;
    answer.body_complete = row.complete;
    const DeliveryResult result = web_api_result(answer);
    CHECK(result.outcome == row.outcome);
    CHECK(result.permanent == row.permanent);
  }
}

TEST_CASE("a failure before any byte went out is a rejection, any later one leaves doubt") {
  for (const auto error_class : {ErrorClass::dns, ErrorClass::refused, ErrorClass::connect_timeout,
                                 ErrorClass::tls_expired, ErrorClass::reset, ErrorClass::read_timeout}) {
    net::HttpFailure failure;
    failure.error_class = error_class;
    failure.not_sent = true;
    CHECK(failure_result(failure).outcome == Outcome::rejected);
    CHECK_FALSE(failure_result(failure).permanent);
    CHECK(health_of(failure_result(failure)) == Health::sick);
    failure.not_sent = false;
    CHECK(failure_result(failure).outcome == Outcome::unknown);
  }
}

TEST_CASE("sanitiser: each family of secrets goes, what is no secret stays") {
  struct Row {
    const char* text;
    const char* expected;
  };
  for (const Row& row :
       {Row{"password=hunter2 rest", "password=***REDACTED*** rest"},
        Row{R"({"password": "hun ter2", "a": 1})", R"({"password": "***REDACTED***", "a": 1})"},
        Row{"DB_PASSWORD: x;y", "DB_PASSWORD: ***REDACTED***;y"},
        Row{"api_key=abc&b=1", "api_key=***REDACTED***&b=1"},
        Row{"sk-abcdefghijklmnopqrstuvwx", "***REDACTED***"},
        Row{"ghp_abcdefghijklmnopqrstuvwxyz0123456789", "***REDACTED***"},
        Row{"xoxb-1234567890-abc", "***REDACTED***"},
        Row{"Authorization: Bearer abcdefgh.ijk", "Authorization: Bearer ***REDACTED***"},
        Row{"AKIAIOSFODNN7EXAMPLE", "***REDACTED***"},
        Row{"aws_secret_access_key = wJalr/K7", "aws_secret_access_key = ***REDACTED***"},
        Row{"postgres://user:pw@db/x", "postgres://user:***REDACTED***@db/x"},
        Row{"mongodb://u:p@h:27017", "mongodb://u:***REDACTED***@h:27017"},
        Row{"-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nafter",
            "***REDACTED***\nafter"},
        Row{"-----BEGIN CERTIFICATE-----\nabc", "***REDACTED***"},
        Row{"Disk full [token:cdc-0-3]", "Disk full [token:cdc-0-3]"},
        Row{"the password is wrong, tokens left: 3", "the password is wrong, tokens left: 3"},
        Row{"https://example.com:8080/a@b", "https://example.com:8080/a@b"}, Row{"", ""}}) {
    CHECK(sanitize(row.text) == row.expected);
  }
  CHECK(sanitize_value("slack-token", "x") == kRedacted);
  CHECK(sanitize_value("node", "worker-1") == "worker-1");
}

TEST_CASE("Slack's limits hold for every notification, and nothing is cut inside a character") {
  const bool held = rc::check("payload", [] {
    const auto piece = *rc::gen::element<std::string>("a", "ü", "\U0001F6A8", "<&>", " word ", "\n", "\xff");
    const auto times = *rc::gen::inRange<std::size_t>(1, 60'000);
    const auto subject_times = *rc::gen::inRange<std::size_t>(1, 500);
    std::string subject;
    std::string body;
    for (std::size_t i = 0; i < subject_times; ++i) subject += piece;
    for (std::size_t i = 0; i < times; ++i) body += piece;
    const nlohmann::json payload = slack_api_payload(message_of(subject, body), "C1");
    const auto& blocks = payload.at("blocks");
    RC_ASSERT(blocks.size() <= 50U);
    RC_ASSERT(blocks[0]["type"] == "header");
    RC_ASSERT(utf8_length(blocks[0]["text"]["text"].get<std::string>()) <= SlackLimits::kHeader);
    for (std::size_t i = 1; i + 1 < blocks.size(); ++i) {
      const auto text = blocks[i]["text"]["text"].get<std::string>();
      RC_ASSERT(!text.empty());
      RC_ASSERT(utf8_length(text) <= SlackLimits::kSection);
    }
    RC_ASSERT(blocks.back()["type"] == "context");
    RC_ASSERT(payload["metadata"]["event_payload"]["uid"] == "u1");
    const std::string wire = payload.dump();  // throws on text that is not UTF-8
    RC_ASSERT(nlohmann::json::parse(wire) == payload);
  });
  CHECK(held);
}

TEST_CASE("a body too long for Slack ends in a visible mark; one that fits is whole") {
  const nlohmann::json cut = slack_payload(message_of("s", std::string(200'000, 'x')));
  const auto& blocks = cut.at("blocks");
  REQUIRE(blocks.size() == 50);
  CHECK(blocks[48]["text"]["text"].get<std::string>().ends_with("[cut]"));
  const nlohmann::json whole = slack_payload(message_of("s", std::string(6'500, 'x')));
  std::string joined;
  for (std::size_t i = 1; i + 1 < whole["blocks"].size(); ++i) joined += whole["blocks"][i]["text"]["text"];
  CHECK(joined == std::string(6'500, 'x'));
}

}  // namespace racebed::notification
