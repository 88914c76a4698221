// The parts of the historical controller of 2026-08 that decide without waiting, as tables.
#include <catch2/catch.hpp>

#include "experiments/subjects/notification_2026_08_backoff.hpp"
#include "experiments/subjects/notification_2026_08_breaker.hpp"
#include "experiments/subjects/notification_2026_08_channels.hpp"
#include "experiments/subjects/notification_2026_08_metrics.hpp"
#include "experiments/subjects/notification_2026_08_sanitizer.hpp"
#include "experiments/subjects/notification_2026_08_status.hpp"
#include "experiments/subjects/notification_2026_08_transition.hpp"
#include "tests/subjects/fake_cluster.hpp"

namespace racebed::experiments::tests {
namespace {

using namespace std::chrono_literals;
using namespace august_2026;

/// Always the least, or always the most.
struct Edge final : Random {
  explicit Edge(bool m) : most(m) {}
  std::uint64_t below(std::uint64_t n, Site) override { return most ? n - 1 : 0; }
  bool most;
};

Working working(std::vector<std::string> channels, Json policy, Json status) {
  return Working(Object::make(notification(std::move(channels), std::move(policy), std::move(status))));
}

Attempt at(const char* channel, bool success, Duration after = 0s, const char* error = "") {
  const Time midnight = *parse_rfc3339("2025-11-29T00:00:00Z");
  return {channel, 1, midnight + after, success, success ? "" : error, 0s};
}

}  // namespace

TEST_CASE("backoff is initial * multiplier^(attempt - 1), 10 % about it, within initial and max") {
  struct Row {
    std::int64_t initial, multiplier, max, attempt;
    Duration least, most;
  };
  for (const Row& row : std::vector<Row>{{30, 2, 480, 0, 30s, 30s},
                                         {30, 2, 480, 1, 30s, 33s},
                                         {30, 2, 480, 2, 54s, 66s},
                                         {30, 2, 480, 3, 108s, 132s},
                                         {30, 2, 480, 4, 216s, 264s},
                                         {30, 2, 480, 5, 432s, 480s},
                                         {30, 2, 480, 50, 432s, 480s},
                                         {30, 1, 480, 4, 30s, 33s},
                                         {1, 10, 3600, 3, 90s, 110s},
                                         {300, 2, 60, 1, 60s, 60s},
                                         {300, 2, 60, 0, 300s, 300s}}) {
    CAPTURE(row.initial, row.multiplier, row.max, row.attempt);
    const RetryPolicy policy{5, std::chrono::seconds{row.initial}, row.multiplier,
                             std::chrono::seconds{row.max}};
    Edge low(false);
    Edge high(true);
    CHECK(backoff(policy, row.attempt, low) == row.least);
    CHECK(backoff(policy, row.attempt, high) == row.most);
  }
}

TEST_CASE("durations read as Go prints them") {
  CHECK(go_duration(0s) == "0s");
  CHECK(go_duration(30s) == "30s");
  CHECK(go_duration(1500ms) == "1.5s");
  CHECK(go_duration(64s + 250ms) == "1m4.25s");
  CHECK(go_duration(3600s) == "1h0m0s");
  CHECK(go_duration(10250us) == "10.25ms");
}

TEST_CASE("the breaker is gobreaker: a transcript of requests, results and time") {
  using State = Breaker::State;
  // 's' and 'f': a request that succeeds or fails at once; 't': one that must not be let in.
  struct Step {
    Duration wait;
    const char* requests;
    State state;
  };
  struct Row {
    const char* name;
    std::vector<Step> steps;
  };
  for (const Row& row : std::vector<Row>{
           {"three failures in a row trip it", {{0s, "ff", State::closed}, {0s, "f", State::open}}},
           {"a success in between starts the row over",
            {{0s, "ffsff", State::closed}, {0s, "f", State::open}}},
           {"so does the end of the window of 10 s",
            {{0s, "ff", State::closed}, {10001ms, "f", State::closed}, {0s, "ff", State::open}}},
           {"at 10 s to the nanosecond the window still counts",
            {{0s, "ff", State::closed}, {10s, "f", State::open}}},
           {"open refuses for 30 s",
            {{0s, "fff", State::open}, {30s, "t", State::open}, {1ms, "", State::half_open}}},
           {"half-open closes after two successes",
            {{0s, "fff", State::open}, {31s, "s", State::half_open}, {0s, "s", State::closed}}},
           {"half-open opens at any failure",
            {{0s, "fff", State::open}, {31s, "sf", State::open}, {29s, "t", State::open}}},
           {"half-open has no window",
            {{0s, "fff", State::open}, {31s, "s", State::half_open}, {1h, "s", State::closed}}},
       }) {
    CAPTURE(row.name);
    Instant now{};
    int changes = 0;
    Breaker breaker(now, [&](State) { ++changes; });
    State before = State::closed;
    for (const Step& step : row.steps) {
      now += step.wait;
      for (const char* r = step.requests; *r != 0; ++r) {
        const auto ticket = breaker.before_request(now);
        CHECK((ticket.admission == Breaker::Admission::granted) == (*r != 't'));
        if (*r != 't') breaker.after_request(ticket.generation, *r == 's', now);
      }
      CHECK(breaker.state(now) == step.state);
      if (step.state != before) CHECK(changes > 0);
      before = step.state;
    }
  }
}

TEST_CASE("half-open lets two requests in at once; what outlives its window says nothing") {
  Instant now{};
  Breaker breaker(now, nullptr);
  const auto early = breaker.before_request(now);
  for (int i = 0; i < 3; ++i) {
    const auto ticket = breaker.before_request(now);
    breaker.after_request(ticket.generation, false, now);
  }
  now += 31s;
  const auto first = breaker.before_request(now);
  const auto second = breaker.before_request(now);
  CHECK(second.admission == Breaker::Admission::granted);
  CHECK(breaker.before_request(now).admission == Breaker::Admission::too_many_requests);
  breaker.after_request(early.generation, false, now);  // of a generation long past
  CHECK(breaker.state(now) == Breaker::State::half_open);
  breaker.after_request(first.generation, true, now);
  breaker.after_request(second.generation, true, now);
  CHECK(breaker.state(now) == Breaker::State::closed);
  // Failures that take longer than the window of 10 s never add up.
  for (int i = 0; i < 5; ++i) {
    const auto slow = breaker.before_request(now);
    now += 10001ms;
    breaker.after_request(slow.generation, false, now);
  }
  CHECK(breaker.state(now) == Breaker::State::closed);
}

TEST_CASE("what the delivery layer makes of Slack's answers") {
  for (const auto& [status, retryable] : std::map<int, bool>{{301, false},
                                                             {304, false},
                                                             {400, false},
                                                             {401, false},
                                                             {403, false},
                                                             {404, false},
                                                             {408, false},
                                                             {410, false},
                                                             {422, false},
                                                             {425, false},
                                                             {429, true},
                                                             {500, true},
                                                             {501, true},
                                                             {503, true},
                                                             {505, true}}) {
    CAPTURE(status);
    const ChannelResult result = slack_result(status, "no");
    REQUIRE(result);
    CHECK(result->retryable == retryable);
  }
  CHECK_FALSE(slack_result(200, "ok"));
  CHECK_FALSE(slack_result(204, ""));
  CHECK(slack_result(503, "busy")->text == "slack webhook returned 503 (retryable): busy");
}

TEST_CASE("what the client's failures read as, and which are permanent for their text") {
  using net::ErrorClass;
  struct Row {
    ErrorClass error_class;
    const char* message;
    const char* text;
    bool permanent;
  };
  const char* timed_out = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
  const Time now = *parse_rfc3339("2025-11-29T00:00:05Z");
  for (const Row& row : std::vector<Row>{
           {ErrorClass::refused, "h: connection failed: Connection refused",
            "dial tcp h:443: connect: connection refused", false},
           {ErrorClass::dns, "h: Host not found (authoritative)", "dial tcp: lookup h: no such host", false},
           {ErrorClass::dns, "h: Host not found (non-authoritative), try again later",
            "dial tcp: lookup h: server misbehaving", false},
           {ErrorClass::dns, "h: the name server did not answer in time", timed_out, false},
           {ErrorClass::unreachable, "h: connection failed: Network is unreachable",
            "dial tcp h:443: connect: network is unreachable", false},
           {ErrorClass::connect_timeout, "h: no answer to the connection attempt", timed_out, false},
           {ErrorClass::connect_timeout, "h: TLS handshake timed out", timed_out, false},
           {ErrorClass::read_timeout, "h: timed out waiting for an answer", timed_out, false},
           {ErrorClass::reset, "h: connection broken: Connection reset by peer",
            "read tcp h:443: read: connection reset by peer", false},
           {ErrorClass::reset, "h: connection broken: end of stream", "EOF", false},
           {ErrorClass::tls_expired, "h: certificate verification failed: certificate has expired",
            "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current "
            "time 2025-11-29T00:00:05Z is after its NotAfter",
            true},
           {ErrorClass::tls_host_mismatch, "h: certificate verification failed: mismatch (it is for a, b)",
            "tls: failed to verify certificate: x509: certificate is valid for a, b, not h", true},
           {ErrorClass::tls_self_signed, "h: certificate verification failed: self-signed certificate",
            "tls: failed to verify certificate: x509: certificate signed by unknown authority", true},
           {ErrorClass::tls_protocol, "h: TLS handshake failed: wrong version number",
            "tls: first record does not look like a TLS handshake", true},
           {ErrorClass::malformed, "h: the answer is not HTTP",
            "net/http: HTTP/1.x transport connection broken: malformed HTTP response", false},
       }) {
    CAPTURE(row.message);
    const std::string text = go_text({row.error_class, true, row.message}, "h:443", now);
    CHECK(text == row.text);
    CHECK(slack_error(text).retryable == !row.permanent);
  }
}

TEST_CASE("a redirect's location is seen from the URL that sent it") {
  const std::string base = "https://h:8443/services/a/b";
  CHECK(resolve_reference(base, "http://x/y") == "http://x/y");
  CHECK(resolve_reference(base, "/y") == "https://h:8443/y");
  CHECK(resolve_reference(base, "c") == "https://h:8443/services/a/c");
  CHECK(resolve_reference(base, "//x/y") == "https://x/y");
}

TEST_CASE("Slack is sent header, section and context, without limits") {
  const Json spec = {{"priority", "critical"},
                     {"type", "simple"},
                     {"subject", std::string(400, 's')},
                     {"body", std::string(9000, 'b')}};
  const Json body = Json::parse(slack_payload(spec));
  CHECK(body["blocks"][0]["text"]["text"] == "\U0001F6A8 " + std::string(400, 's'));
  CHECK(body["blocks"][1]["text"]["text"] == std::string(9000, 'b'));
  CHECK(body["blocks"][2]["elements"][0]["text"] == "*Priority:* critical | *Type:* simple");
}

TEST_CASE("which phases follow which") {
  const std::vector<std::string> phases = {"",     "Pending",       "Sending", "Retrying",
                                           "Sent", "PartiallySent", "Failed"};
  const std::map<std::string, std::string> table = {
      {"", ".P....."},     {"Pending", "..S...F"},       {"Sending", "...RspF"}, {"Retrying", "...RspF"},
      {"Sent", "......."}, {"PartiallySent", "......."}, {"Failed", "......."}};
  for (const auto& [from, row] : table) {
    for (std::size_t i = 0; i < phases.size(); ++i) {
      CAPTURE(from, phases[i]);
      CHECK(can_transition(from, phases[i]) == (row[i] != '.'));
    }
  }
}

TEST_CASE("step 12: an attempt is dropped when one of its kind lies less than a second away") {
  const Json recorded = attempt("slack", "failed", "e");  // at midnight
  struct Row {
    const char* name;
    Attempt made;
    std::size_t attempts_after;
  };
  for (const Row& row : std::vector<Row>{{"the same, 999 ms later", at("slack", false, 999ms, "e"), 1},
                                         {"the same, a second later", at("slack", false, 1s, "e"), 2},
                                         {"the same, 999 ms earlier", at("slack", false, -999ms, "e"), 1},
                                         {"another error", at("slack", false, 0s, "f"), 2},
                                         {"another status", at("slack", true), 2},
                                         {"another channel", at("console", false, 0s, "e"), 2}}) {
    CAPTURE(row.name);
    Working work = working({"slack"}, {}, status_of("Sending", {recorded}));
    append_attempts(work, {row.made});
    CHECK(work.attempts().size() == row.attempts_after);
    CHECK(work.counter("totalAttempts") == static_cast<std::int64_t>(row.attempts_after));
  }
  Working work = working({"slack"}, {}, status_of("Sending"));
  append_attempts(work, {at("slack", false, 400ms, "e"), at("slack", false, 1300ms, "e")});
  CHECK(work.attempts().size() == 1);
}

TEST_CASE("step 12: counters count channels") {
  Working work =
      working({"slack", "console"}, {},
              status_of("Sending", {attempt("slack", "failed", "e"), attempt("slack", "failed", "e"),
                                    attempt("console", "failed", "e"), attempt("console", "success")}));
  recount(work);
  CHECK(work.counter("successfulDeliveries") == 1);
  CHECK(work.counter("failedDeliveries") == 1);
}

TEST_CASE("step 11: the decision") {
  using Kind = Transition::Kind;
  const Json bad = attempt("slack", "failed", "e");
  const Json good = attempt("console", "success");
  const Json for_good = attempt("slack", "failed", "permanent failure: e");
  struct Row {
    const char* name;
    std::vector<std::string> channels;
    std::vector<Json> recorded;
    std::vector<Attempt> made;
    std::size_t failures;
    std::set<std::string> succeeded;
    Kind kind;
    const char* reason;
    std::int64_t worst;
  };
  const std::vector<std::string> both = {"console", "slack"};
  for (const Row& row : std::vector<Row>{
           {"all in this loop",
            both,
            {},
            {at("console", true), at("slack", true)},
            0,
            {"console", "slack"},
            Kind::sent,
            "AllDeliveriesSucceeded",
            0},
           {"all, over two loops",
            both,
            {good},
            {at("slack", true)},
            0,
            {"console", "slack"},
            Kind::sent,
            "AllDeliveriesSucceeded",
            0},
           {"some, tries left",
            both,
            {},
            {at("console", true), at("slack", false)},
            1,
            {"console"},
            Kind::retrying,
            "PartialFailureRetrying",
            0},
           {"some, the last try just made",
            both,
            {good, bad},
            {at("slack", false)},
            1,
            {"console"},
            Kind::retrying,
            "PartialFailureRetrying",
            1},
           {"some, no try left",
            both,
            {good, bad, bad},
            {},
            1,
            {"console"},
            Kind::partially_sent,
            "PartialDeliverySuccess",
            0},
           {"some, the rest permanent",
            both,
            {good, for_good},
            {},
            1,
            {"console"},
            Kind::partially_sent,
            "PartialDeliverySuccess",
            0},
           {"none, tries left",
            {"slack"},
            {bad},
            {at("slack", false)},
            1,
            {},
            Kind::stays,
            "AllDeliveriesFailed",
            1},
           {"none, no try left", {"slack"}, {bad, bad}, {}, 1, {}, Kind::failed, "MaxRetriesExhausted", 0},
           {"none, permanent in this loop",
            {"slack"},
            {},
            {at("slack", false)},
            1,
            {},
            Kind::stays,
            "AllDeliveriesFailed",
            0},
           {"none, recorded as permanent",
            {"slack"},
            {for_good},
            {},
            1,
            {},
            Kind::failed,
            "AllDeliveriesFailed",
            0},
           {"listed twice",
            {"console", "console"},
            {},
            {at("console", true)},
            0,
            {"console"},
            Kind::partially_sent,
            "PartialDeliverySuccess",
            0},
           {"remembered, not recorded",
            {"console"},
            {},
            {},
            0,
            {"console"},
            Kind::failed,
            "MaxRetriesExhausted",
            0},
           {"no channel", {}, {}, {}, 0, {}, Kind::failed, "NoChannelsResolved", 0},
       }) {
    CAPTURE(row.name);
    Working work = working(row.channels, {{"maxAttempts", 2}}, status_of("Sending", row.recorded));
    recount(work);
    const Transition decision = decide(work, row.made, row.failures, [&](const std::string& channel) {
      return row.succeeded.contains(channel);
    });
    CHECK(decision.kind == row.kind);
    CHECK(decision.reason == row.reason);
    CHECK(decision.attempts_of_worst == row.worst);
  }
}

TEST_CASE("subject and body are cleaned of secrets, and nothing else changes") {
  for (const auto& [text, clean] : std::map<std::string, std::string>{
           {"Disk full [token:cdc-0-3]", "Disk full [token:cdc-0-3]"},
           {"password=Wint3r! and more", "password=[REDACTED] and more"},
           {"{\"password\": \"x y\"}", "{\"password\": \"[REDACTED] y\"}"},
           {"Authorization: Bearer c2Vj and", "Authorization: [REDACTED] and"},
           {"with bearer c2Vj", "with bearer [REDACTED]"},
           {"api_key=ak-racebed-77", "api_key=[REDACTED]"},
           {"ghp_0123456789abcdef0123", "[REDACTED]"},
           {"postgres://u:p@db/x", "postgres://[REDACTED]@db/x"},
           {"ask ops@example.org", "ask [REDACTED]"},
           {"host 10.0.0.7 is down", "host [REDACTED] is down"},
           {"version 1.2.3 of it", "version 1.2.3 of it"},
           {"passwords are bad", "passwords are bad"},
           {"", ""},
       }) {
    CHECK(sanitize(text) == clean);
  }
}

TEST_CASE("metrics show a console delivery from the start, and a phase once reached") {
  Metrics metrics;
  const auto shows = [&](const char* line) { return metrics.text().find(line) != std::string::npos; };
  CHECK(shows("kubernaut_notification_delivery_attempts_total{channel=\"console\",status=\"success\"} 1"));
  CHECK(shows("kubernaut_notification_delivery_duration_seconds_count{channel=\"console\"} 1"));
  CHECK_FALSE(shows("delivery_retries_total{"));
  metrics.phase_reached("Sending");
  metrics.phase_reached("Sending");
  metrics.phase_reached("Sent");
  metrics.attempted("slack", false);
  metrics.breaker_changed("slack", Breaker::State::open);
  CHECK(shows("reconciler_active{phase=\"Sending\"} 1"));
  CHECK(shows("reconciler_active{phase=\"Sent\"} 1"));
  CHECK(shows("delivery_attempts_total{channel=\"slack\",status=\"failed\"} 1"));
  CHECK(shows("channel_circuit_breaker_state{channel=\"slack\"} 2"));
}

}  // namespace racebed::experiments::tests
