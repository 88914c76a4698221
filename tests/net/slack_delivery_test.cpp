// What the Slack channel makes of everything that the endpoint and the network between can do: surely
// delivered, surely not, or not known; for ever or for now.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "core/notification/reconcile_step.hpp"
#include "core/notification/slack_answer.hpp"
#include "core/notification/slack_channel.hpp"
#include "models/slack/workspace.hpp"
#include "tests/net/slack_world.hpp"
#include "tests/support/certificates.hpp"

using namespace racebed;
using namespace racebed::tests;
using namespace std::chrono_literals;
using models::ChainKind;
using models::SlackVerdict;
using notification::DeliveryResult;
using Outcome = SlackVerdict::Outcome;
using Body = SlackVerdict::Body;
using Server = models::TlsVerdict::Server;
using StopAt = models::TlsVerdict::StopAt;
using StopHow = models::TlsVerdict::StopHow;

namespace {

enum class Way { webhook, web_api };

class ClientSender final : public notification::HttpSender {
 public:
  explicit ClientSender(net::HttpsClient& client) : client_(client) {}
  asio::awaitable<Result<net::HttpAnswer, net::HttpFailure>> send(net::HttpRequest request) override {
    return client_.send(std::move(request));
  }

 private:
  net::HttpsClient& client_;
};

/// "delivered", "rejected tls-expired certificate", "unknown http-5xx retry in 7000 ms" ...
std::string told(const DeliveryResult& result) {
  static constexpr std::array<const char*, 4> kOutcomes = {"delivered", "delivered, unconfirmed", "rejected",
                                                           "unknown"};
  std::string text = kOutcomes[static_cast<std::size_t>(result.outcome)];
  if (result.error_class) {
    text += fmt::format(" {}", to_text(*result.error_class));
    if (notification::is_certificate_failure(*result.error_class)) text += " certificate";
  }
  if (result.permanent) text += " permanent";
  if (result.timed_out) text += " timed-out";
  if (result.retry_after) text += fmt::format(" retry in {} ms", *result.retry_after / 1ms);
  return text;
}

std::string told(const notification::ProbeAnswer& answer) {
  static constexpr std::array<const char*, 3> kWhat = {"found", "absent", "not asked"};
  return fmt::format("{} {}", kWhat[static_cast<std::size_t>(answer.what)], answer.error);
}

notification::SlackConfig config_for(Way way, bool tls) {
  const models::WorkspaceOptions slack;
  const std::string base = fmt::format("{}://{}:443", tls ? "https" : "http", kSlackHost);
  notification::SlackConfig config;
  config.webhook_url = base + slack.webhook_path;
  if (way == Way::web_api) {
    config.token = slack.token;
    config.api_url = base + "/api";
    config.channel = slack.channel;
  }
  return config;
}

asio::awaitable<void> deliver_once(Runtime& rt, net::HttpsClient& client, std::string& story, Way way,
                                   bool tls, bool probe) {
  ClientSender sender(client);
  notification::SlackChannel channel(config_for(way, tls), sender);
  notification::Message message;
  message.uid = "u-1";
  message.type = "simple";
  message.priority = "medium";
  message.subject = "hello [token:a]";
  message.body = "b";
  message.channel = "slack";
  message.created = rt.clock.now();
  notification::ProbeKey key{"u-1", "slack", message.created};
  const DeliveryResult result = co_await channel.deliver(std::move(message));
  story = told(result);
  if (!probe) co_return;
  const auto answer = co_await channel.probe(std::move(key));
  story += " | " + told(answer);
}

/// What the channel says of one delivery, and, where asked, of the history afterwards.
std::string delivery(const SlackWorld& world, Way way, bool probe = false) {
  const bool tls = world.tls;
  const std::string all =
      play(world, [way, tls, probe](Runtime& rt, net::HttpsClient& client, std::string& story) {
        return deliver_once(rt, client, story, way, tls, probe);
      });
  return all.substr(0, all.find("  connection"));
}

SlackWorld answering(SlackVerdict verdict) {
  SlackWorld world;
  world.tls = false;
  world.weather.on_post = [verdict](std::uint64_t) { return verdict; };
  return world;
}

SlackWorld shaking_hands(models::TlsVerdict verdict) {
  SlackWorld world;
  world.weather.on_tls = [verdict](std::uint64_t) { return verdict; };
  return world;
}

SlackVerdict refusal(int status, std::string error = "") {
  return {.outcome = Outcome::refuse, .status = status, .error = std::move(error)};
}

}  // namespace

TEST_CASE("what an answer, or its absence, says of a delivery") {
  SlackVerdict limited = refusal(429);
  limited.retry_after = 7s;
  SlackVerdict limited_until = limited;
  limited_until.retry_after_as_date = true;
  SlackVerdict moved = refusal(302);
  moved.location = "https://elsewhere.example/";
  SlackVerdict too_late = refusal(500);
  too_late.outcome = Outcome::accept_then_refuse;
  struct Row {
    const char* name;
    SlackVerdict verdict;
    const char* webhook;
    const char* web_api;  // null: the same
  };
  const std::vector<Row> table = {
      {"accepted", {}, "delivered", nullptr},
      // Not in Slack's words: somebody between may have taken the message, or passed it on.
      {"another's page", {.body = Body::malformed}, "unknown malformed", nullptr},
      {"broken JSON", {.body = Body::bad_json}, "unknown malformed", nullptr},
      {"body cut", {.body = Body::cut}, "delivered, unconfirmed", nullptr},
      {"body stalled", {.body = Body::stalled}, "delivered, unconfirmed", nullptr},
      {"slow body", {.body = Body::slow_body, .interval = 8s}, "delivered, unconfirmed", nullptr},
      {"too few bytes", {.body = Body::length_too_great}, "delivered, unconfirmed", nullptr},
      {"too many bytes", {.body = Body::length_too_small}, "unknown malformed", nullptr},
      {"huge", {.body = Body::huge}, "unknown malformed", nullptr},
      {"interim answers", {.body = Body::interim_first}, "delivered", nullptr},
      {"slow header",
       {.body = Body::slow_head, .interval = 300ms},
       "unknown read-timeout timed-out",
       nullptr},
      {"header stalled", {.body = Body::stalled_head}, "unknown read-timeout timed-out", nullptr},
      {"header too large", {.body = Body::huge_head}, "unknown malformed", nullptr},
      {"no HTTP", {.body = Body::not_http}, "unknown malformed", nullptr},
      {"answer lost", {.outcome = Outcome::accept_then_lose}, "unknown reset", nullptr},
      {"dropped", {.outcome = Outcome::drop}, "unknown reset", nullptr},
      {"late", {.before_answer = 11s}, "unknown read-timeout timed-out", nullptr},
      {"302", moved, "rejected http-4xx permanent", nullptr},
      {"400", refusal(400), "rejected http-4xx permanent", nullptr},
      {"404", refusal(404), "rejected http-4xx permanent", nullptr},
      {"408", refusal(408), "rejected http-4xx timed-out", nullptr},
      {"425", refusal(425), "rejected http-4xx", nullptr},
      {"429", refusal(429), "rejected http-429", nullptr},
      {"429, seconds", limited, "rejected http-429 retry in 7000 ms", nullptr},
      {"500", refusal(500), "unknown http-5xx", nullptr},
      {"503", refusal(503), "unknown http-5xx", nullptr},
      {"500 after acceptance", too_late, "unknown http-5xx", nullptr},
      // The Web API says no with a 200, too. A webhook has no such answer: there the server fails instead.
      {"ok:false, limited", refusal(200, "ratelimited"), "unknown http-5xx", "rejected http-429"},
      {"ok:false, their fault", refusal(200, "internal_error"), "unknown http-5xx", "unknown http-5xx"},
      {"ok:false, our fault", refusal(200, "channel_not_found"), "unknown http-5xx",
       "rejected http-4xx permanent"},
      {"ok:false", refusal(200), "unknown http-5xx", "rejected http-4xx permanent"},
  };
  for (const Row& row : table) {
    CAPTURE(row.name);
    CHECK(delivery(answering(row.verdict), Way::webhook) == row.webhook);
    CHECK(delivery(answering(row.verdict), Way::web_api) ==
          (row.web_api != nullptr ? row.web_api : row.webhook));
  }
  CHECK(delivery(answering(limited_until), Way::webhook).starts_with("rejected http-429 retry in 7"));
}

TEST_CASE("only a bad certificate is a certificate failure: whatever else spoils a handshake may pass") {
  struct Row {
    models::TlsVerdict verdict;
    const char* expected;
  };
  const std::vector<Row> table = {
      {{.chain = ChainKind::expired}, "rejected tls-expired certificate"},
      {{.chain = ChainKind::revoked}, "rejected tls-other certificate"},
      {{.chain = ChainKind::wildcard_too_wide}, "rejected tls-host-mismatch certificate"},
      {{.server = Server::demands_client_certificate}, "rejected tls-other certificate"},
      {{.server = Server::old_protocol}, "rejected tls-protocol"},
      {{.server = Server::rare_cipher}, "rejected tls-protocol"},
      {{.server = Server::plain_http}, "rejected tls-protocol"},
      {{.server = Server::garbage}, "rejected tls-protocol"},
      {{.stop_at = StopAt::accept}, "rejected reset"},
      {{.stop_at = StopAt::server_hello, .stop_how = StopHow::reset}, "rejected reset"},
      {{.stop_at = StopAt::certificate, .stop_how = StopHow::silence}, "rejected connect-timeout timed-out"},
      {{.stop_at = StopAt::flight}, "unknown reset"},
      {{.stop_at = StopAt::established, .stop_how = StopHow::silence}, "unknown read-timeout timed-out"},
      {{.delay = 6s}, "rejected connect-timeout timed-out"},
  };
  for (const Row& row : table) {
    CAPTURE(row.expected);
    CHECK(delivery(shaking_hands(row.verdict), Way::webhook) == row.expected);
  }
}

TEST_CASE("the history tells what was accepted, and a history that cannot be asked is no answer") {
  const SlackWorld lost = answering({.outcome = Outcome::accept_then_lose});
  CHECK(delivery(lost, Way::web_api, true) == "unknown reset | found ");
  CHECK(delivery(answering({.outcome = Outcome::drop}), Way::web_api, true) == "unknown reset | absent ");
  struct Row {
    SlackVerdict verdict;
    const char* expected;
  };
  for (const Row& row : {
           Row{{.before_answer = 9s}, "found "},
           Row{{.before_answer = 11s}, "not asked hooks.slack.example: timed out waiting for an answer"},
           Row{refusal(503), "not asked history: HTTP status 503"},
           Row{refusal(429), "not asked history: HTTP status 429"},
           Row{refusal(200, "ratelimited"), "not asked history: refused or malformed"},
           Row{{.body = Body::bad_json}, "not asked history: refused or malformed"},
           Row{{.body = Body::cut}, "not asked history: HTTP status 200"},
           Row{{.outcome = Outcome::drop}, "not asked hooks.slack.example: connection broken: end of stream"},
       }) {
    CAPTURE(row.expected);
    SlackWorld world = lost;
    world.weather.on_history = [verdict = row.verdict] { return verdict; };
    CHECK(delivery(world, Way::web_api, true) == std::string("unknown reset | ") + row.expected);
  }
}
