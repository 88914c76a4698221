// How the historical controller posted to Slack: what it sent, once, and which failures it took for final.
#include "experiments/subjects/notification_2025_11_delivery.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include "models/slack/slack.hpp"
#include "sim/fabric.hpp"
#include "sim/openssl_hooks.hpp"
#include "tests/subjects/fake_cluster.hpp"
#include "tests/support/certificates.hpp"

namespace racebed::experiments::tests {
namespace {

using namespace std::chrono_literals;
using models::ChainKind;
using models::SlackVerdict;

struct Weather : models::SlackPolicy, sim::CalmLinks {
  explicit Weather(sim::Choices& choices) : CalmLinks(choices, {}) {}
  ChainKind chain(std::uint64_t) override { return chain_kind; }
  SlackVerdict post(std::uint64_t) override { return verdict; }
  sim::ConnectVerdict connect(const sim::Link& link) override {
    return connect_outcome ? sim::ConnectVerdict{*connect_outcome, 1ms} : CalmLinks::connect(link);
  }
  ChainKind chain_kind = ChainKind::good;
  SlackVerdict verdict;
  std::optional<sim::ConnectVerdict::Outcome> connect_outcome;
};

struct NoTransport final : kube::ApiTransport {
  asio::awaitable<Result<kube::ApiResponse, kube::TransportError>> call(kube::ApiRequest, Duration) override {
    co_return kube::TransportError{};
  }
  asio::awaitable<Result<kube::WatchAnswer, kube::TransportError>> watch(kube::ApiRequest,
                                                                         Duration) override {
    co_return kube::TransportError{};
  }
};
struct NoLog final : obs::LogSink {
  void line(obs::Level, std::string_view) override {}
};

struct Outcome {
  std::string error;
  std::size_t accepted = 0;  // messages that Slack took
  Duration took{0};
};

asio::awaitable<void> client(Runtime& runtime, std::string url, Outcome& outcome) {
  NoTransport api;
  NoLog logs;
  SubjectEnvironment environment{runtime,
                                 api,
                                 logs,
                                 "replica-0_1",
                                 [](std::string_view) { return ErrorCode(); },
                                 [](std::string_view) { return ErrorCode(); },
                                 [](const std::vector<Json>&) { return ErrorCode(); },
                                 [](const Json&) { return ErrorCode(); }};
  environment.slack.webhook_url = std::move(url);
  environment.slack.roots = racebed::tests::trusted_roots();
  Notification202511Delivery delivery(environment);
  co_await runtime.clock.sleep_for(10ms);
  const Instant begin = runtime.clock.steady_now();
  std::string channel = "slack";
  kube::Object object = kube::Object::make(notification({"slack"}));
  outcome.error = co_await delivery.deliver(std::move(channel), std::move(object));
  outcome.took = runtime.clock.steady_now() - begin;
  co_await runtime.clock.sleep_for(2min);  // longer than connections stay idle
}

/// One delivery to Slack, or to `server` in its place.
Outcome deliver(const std::string& url, const std::function<void(Weather&)>& set,
                std::function<asio::awaitable<void>(Runtime&)> server = nullptr) {
  racebed::tests::authority();  // made before the run
  sim::Choices choices(sim::scripted_choices({}));
  sim::Kernel kernel(choices);
  const sim::SeededOpenssl randomness(7);
  Weather weather(choices);
  if (set) set(weather);
  sim::SimFabric fabric(kernel, weather);
  kernel.set_fabric(&fabric);
  fabric.add_name(racebed::tests::kSlackHost, "slack");
  models::Ledger ledger([&] { return kernel.now(); });
  models::Workspace workspace({});
  std::optional<models::Slack> slack;
  sim::Process& slack_process = kernel.add_process({.name = "slack"});
  if (!server) {
    server = [&](Runtime& runtime) {
      slack.emplace(runtime, workspace, &racebed::tests::authority(), weather, ledger,
                    models::Actor{"slack", 1}, models::SlackOptions{});
      (void)slack->listen();
      return slack->run();
    };
  }
  slack_process.start(server);
  Outcome outcome;
  sim::Process& replica = kernel.add_process({.name = "replica-0"});
  replica.start([&](Runtime& runtime) { return client(runtime, url, outcome); });
  kernel.run(kernel.now() + 10min);
  CHECK(replica.state() == sim::ProcessState::dead);
  slack_process.kill();
  outcome.accepted = workspace.messages();
  return outcome;
}

const std::string kWebhook = "https://hooks.slack.example/services/T0RACE/B0RACE/f4k3s3cr3t";

/// Takes one request whole, as text, and says ok.
asio::awaitable<void> take_request(Runtime& runtime, std::string& request) {
  auto listener = runtime.network.listen(443);
  auto stream = co_await (*listener)->accept();
  char buffer[4096];
  while (request.find("\"}]}") == std::string::npos) {
    auto [error, bytes] =
        co_await stream->async_read_some(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    request.append(buffer, bytes);
  }
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  co_await asio::async_write(*stream, asio::buffer(answer), asio::as_tuple(asio::use_awaitable));
  co_await runtime.clock.sleep_for(10s);
}

}  // namespace

TEST_CASE("which failures of Slack are final, as the text of the error says") {
  struct Row {
    const char* name;
    std::function<void(Weather&)> set;
    std::string error;  // how it begins; "" is success
    bool permanent;
    std::size_t accepted;
  };
  const auto status = [](int code) {
    return [code](Weather& w) { w.verdict = {.outcome = SlackVerdict::Outcome::refuse, .status = code}; };
  };
  const auto chain = [](ChainKind kind) { return [kind](Weather& w) { w.chain_kind = kind; }; };
  for (const Row& row : std::vector<Row>{
           {"2xx", nullptr, "", false, 1},
           {"429, its Retry-After unread", status(429), "Slack webhook returned 429", false, 0},
           {"500", status(500), "Slack webhook returned 500", false, 0},
           {"501", status(501), "Slack webhook returned 501", false, 0},
           {"400", status(400), "permanent failure: Slack webhook returned 400", true, 0},
           {"408", status(408), "permanent failure: Slack webhook returned 408", true, 0},
           {"expired", chain(ChainKind::expired), "permanent failure: TLS", true, 0},
           {"self-signed", chain(ChainKind::self_signed), "permanent failure: TLS", true, 0},
           {"another host's", chain(ChainKind::wrong_host), "permanent failure: TLS", true, 0},
           {"refused", [](Weather& w) { w.connect_outcome = sim::ConnectVerdict::Outcome::refused; },
            "hooks.slack.example", false, 0},
           {"accepted, but the answer is lost: a failure that can be retried, hence a duplicate",
            [](Weather& w) { w.verdict = {.outcome = SlackVerdict::Outcome::accept_then_lose}; },
            "hooks.slack.example", false, 1},
       }) {
    CAPTURE(row.name);
    const Outcome outcome = deliver(kWebhook, row.set);
    CAPTURE(outcome.error);
    CHECK(outcome.error.empty() == row.error.empty());
    CHECK(outcome.error.starts_with(row.error));
    CHECK((outcome.error.find("permanent failure") != std::string::npos) == row.permanent);
    CHECK(outcome.accepted == row.accepted);
  }
}

TEST_CASE("one time-out of 10 s covers a delivery, wherever it hangs") {
  using Outcomes = sim::ConnectVerdict::Outcome;
  const Outcome hole = deliver(kWebhook, [](Weather& w) { w.connect_outcome = Outcomes::silence; });
  CHECK(hole.took >= 10s);
  CHECK(hole.took < 10s + 10ms);
  CHECK_FALSE(hole.error.empty());
  const Outcome slow = deliver(kWebhook, [](Weather& w) { w.verdict.before_answer = 1min; });
  CHECK(slow.took >= 10s);
  CHECK(slow.took < 10s + 10ms);
  CHECK(slow.error.find("permanent failure") == std::string::npos);
  CHECK(slow.accepted == 1);
}

TEST_CASE("a handshake that takes too long is not final: its text says TLS, not tls:") {
  std::string request;
  const Outcome mute =
      deliver(kWebhook, nullptr, [&](Runtime& runtime) { return take_request(runtime, request); });
  CHECK_FALSE(mute.error.empty());
  CHECK(mute.error.find("permanent failure") == std::string::npos);
}

TEST_CASE("without a webhook URL every delivery fails, retryably") {
  const Outcome outcome = deliver("", nullptr);
  CHECK_FALSE(outcome.error.empty());
  CHECK(outcome.error.find("permanent failure") == std::string::npos);
}

TEST_CASE("Slack is sent header, section and context, and nothing to tell a repeat by") {
  std::string request;
  const Outcome outcome = deliver("http://hooks.slack.example:443/services/x", nullptr,
                                  [&](Runtime& runtime) { return take_request(runtime, request); });
  CHECK(outcome.error == "");
  CHECK(request.starts_with("POST /services/x HTTP/1.1\r\n"));
  const Json body = Json::parse(request.substr(request.find("\r\n\r\n") + 4));
  CHECK(body == Json::parse(R"({"blocks": [
    {"type": "header", "text": {"type": "plain_text", "text": "⚠️ disk full [token:t-1]"}},
    {"type": "section", "text": {"type": "mrkdwn", "text": "on node 7"}},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "*Priority:* high | *Type:* simple"}]}]})"));
}

}  // namespace racebed::experiments::tests
