#include "core/net/https_client.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include "models/slack/slack.hpp"
#include "runtime/task_group.hpp"
#include "sim/fabric.hpp"
#include "sim/openssl_hooks.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/world.hpp"

using namespace racebed;
using namespace std::chrono_literals;

namespace {

/// What stands at the other end, and what the network does on the way.
struct Other : models::SlackPolicy, sim::CalmLinks {
  Other(sim::Choices& choices) : CalmLinks(choices, {}) {}
  models::ChainKind chain(std::uint64_t) override { return chain_kind; }
  models::SlackVerdict post(std::uint64_t) override { return verdict; }
  sim::LookupVerdict lookup(std::string_view from, std::string_view name) override {
    return lookup_verdict ? *lookup_verdict : CalmLinks::lookup(from, name);
  }
  sim::ConnectVerdict connect(const sim::Link& link) override {
    return connect_verdict ? *connect_verdict : CalmLinks::connect(link);
  }
  sim::SegmentVerdict segment(const sim::Link& link, std::size_t bytes) override {
    if (break_after_segments > 0 && ++segments > break_after_segments) {
      return {break_with, 1ms};
    }
    return CalmLinks::segment(link, bytes);
  }
  models::ChainKind chain_kind = models::ChainKind::good;
  models::SlackVerdict verdict;
  std::optional<sim::LookupVerdict> lookup_verdict;
  std::optional<sim::ConnectVerdict> connect_verdict;
  int break_after_segments = 0;
  int segments = 0;
  sim::SegmentVerdict::Outcome break_with = sim::SegmentVerdict::Outcome::reset;
};

asio::awaitable<void> serve_text(Runtime& rt, std::string text) {
  auto listener = rt.network.listen(443);
  for (;;) {
    auto stream = co_await (*listener)->accept();
    if (!stream) co_return;
    co_await asio::async_write(*stream, asio::buffer(text), asio::as_tuple(asio::use_awaitable));
    co_await rt.clock.sleep_for(30s);
    stream->close();
  }
}

struct Case {
  const char* name;
  const char* expected;
  std::function<void(Other&)> set = nullptr;
  const char* url = "https://hooks.slack.example/services/T0RACE/B0RACE/f4k3s3cr3t";
  bool tls = true;
  const char* raw = nullptr;  // instead of Slack: a server that only writes this
  int times = 1;
};

std::string account(const Result<net::HttpAnswer, net::HttpFailure>& result) {
  if (!result) {
    return fmt::format("{}{}", to_text(result.error().error_class),
                       result.error().not_sent ? " (not sent)" : "");
  }
  std::string text = fmt::format("{} {}", result->status, result->body);
  if (!result->body_complete) text += "(incomplete)";
  if (result->retry_after) text += fmt::format(" retry-after={}s", *result->retry_after / 1s);
  return text;
}

/// Runs a client against the case's other end; what the client saw, one line for each request, and the
/// counts.
std::string run_case(std::uint64_t seed, const Case& c) {
  tests::authority();  // made before the run
  return tests::run_twice(seed, [&](sim::Kernel& kernel) {
    const sim::SeededOpenssl randomness(kernel.choices().pick(std::uint64_t{1} << 62, "openssl"));
    Other other(kernel.choices());
    if (c.set) c.set(other);
    sim::SimFabric fabric(kernel, other);
    kernel.set_fabric(&fabric);
    fabric.add_name("hooks.slack.example", "slack");
    models::Ledger ledger([&] { return kernel.now(); });
    models::Workspace workspace({});
    sim::Process& server = kernel.add_process({.name = "slack"});
    std::optional<models::Slack> slack;
    if (c.raw != nullptr) {
      server.start([&](Runtime& rt) { return serve_text(rt, c.raw); });
    } else {
      server.start([&](Runtime& rt) {
        slack.emplace(rt, workspace, &tests::authority(), other, ledger, models::Actor{"slack", 1},
                      models::SlackOptions{.tls = c.tls});
        (void)slack->listen();
        return slack->run();
      });
    }
    std::string story;
    sim::Process& client = kernel.add_process({.name = "client"});
    client.start([&](Runtime& rt) -> asio::awaitable<void> {
      co_await rt.clock.sleep_for(10ms);
      net::HttpsClientOptions options;
      options.roots = tests::trusted_roots();
      net::HttpsClient https(rt, options);
      for (int i = 0; i < c.times; ++i) {
        net::HttpRequest request;
        request.url = *net::parse_url(c.url);
        request.body = R"({"blocks":[{"type":"header","text":{"type":"plain_text","text":"hi [token:a]"}}]})";
        const auto result = co_await https.send(std::move(request));
        story += account(result) + "; ";
      }
      story += fmt::format("opened {}", https.counts().connections_opened);
      co_await rt.clock.sleep_for(2min);  // longer than connections stay idle
      CHECK(https.open_connections() == 0);
      CHECK(client.accounts().sockets.now == 0);
    });
    kernel.run(kernel.now() + 1h);
    CHECK(client.state() == sim::ProcessState::dead);
    CHECK(client.accounts().tasks.now == 0);
    server.kill();  // before what it serves goes
    return story;
  });
}

}  // namespace

TEST_CASE("every error class is reached by a real failure") {
  using models::ChainKind;
  using models::SlackVerdict;
  using sim::ConnectVerdict;
  using sim::LookupVerdict;
  const auto chain = [](ChainKind kind) { return [kind](Other& o) { o.chain_kind = kind; }; };
  const auto posts = [](SlackVerdict v) { return [v](Other& o) { o.verdict = v; }; };
  const auto connects = [](ConnectVerdict::Outcome what) {
    return [what](Other& o) { o.connect_verdict = ConnectVerdict{what, 1ms}; };
  };
  const auto looks = [](LookupVerdict::Outcome what) {
    return [what](Other& o) { o.lookup_verdict = LookupVerdict{what, 1ms}; };
  };
  const std::vector<Case> table = {
      {"a good day", "200 ok; opened 1"},
      {"plain HTTP", "200 ok; opened 1", nullptr,
       "http://hooks.slack.example:443/services/T0RACE/B0RACE/f4k3s3cr3t", false},
      {"no such name", "dns (not sent); opened 0", looks(LookupVerdict::Outcome::no_such_name)},
      {"name server fails", "dns (not sent); opened 0", looks(LookupVerdict::Outcome::server_failure)},
      {"name server is silent", "dns (not sent); opened 0", looks(LookupVerdict::Outcome::silence)},
      {"nobody listens", "refused (not sent); opened 0", nullptr, "https://hooks.slack.example:444/"},
      {"no route", "unreachable (not sent); opened 0",
       connects(ConnectVerdict::Outcome::network_unreachable)},
      {"a black hole", "connect-timeout (not sent); opened 0", connects(ConnectVerdict::Outcome::silence)},
      {"expired", "tls-expired (not sent); opened 1", chain(ChainKind::expired)},
      {"expired intermediate", "tls-expired (not sent); opened 1", chain(ChainKind::expired_intermediate)},
      {"not yet valid", "tls-not-yet-valid (not sent); opened 1", chain(ChainKind::not_yet_valid)},
      {"another host's", "tls-host-mismatch (not sent); opened 1", chain(ChainKind::wrong_host)},
      {"self-signed", "tls-self-signed (not sent); opened 1", chain(ChainKind::self_signed)},
      {"unknown authority", "tls-unknown-authority (not sent); opened 1",
       chain(ChainKind::unknown_authority)},
      {"missing intermediate", "tls-unknown-authority (not sent); opened 1",
       chain(ChainKind::missing_intermediate)},
      {"garbage instead of TLS", "tls-protocol (not sent); opened 1", nullptr, "https://hooks.slack.example/",
       true, "220 smtp ready\r\n"},
      {"silence during the handshake", "connect-timeout (not sent); opened 1", nullptr,
       "https://hooks.slack.example/", true, "", 1},
      {"reset in the handshake", "reset (not sent); opened 1", [](Other& o) { o.break_after_segments = 2; }},
      {"reset after the request", "reset; opened 1", [](Other& o) { o.break_after_segments = 5; }},
      {"accepted, then silence", "read-timeout; opened 1", posts({.before_answer = 1min})},
      {"accepted, then the connection closes", "reset; opened 1",
       posts({.outcome = SlackVerdict::Outcome::accept_then_lose})},
      {"unknown webhook", "404 no_service; opened 1", nullptr, "https://hooks.slack.example/services/x"},
      {"429 with Retry-After", "429 refused retry-after=30s; opened 1",
       posts({.outcome = SlackVerdict::Outcome::refuse, .status = 429, .retry_after = 30s})},
      {"503", "503 refused; opened 1", posts({.outcome = SlackVerdict::Outcome::refuse, .status = 503})},
      {"not HTTP", "malformed; opened 1", nullptr, "http://hooks.slack.example:443/", true,
       "220 smtp ready\r\n\r\n"},
      {"a body cut short", "200 hal(incomplete); opened 1", nullptr, "http://hooks.slack.example:443/", true,
       "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"},
      {"an absurd length", "200 hal(incomplete); opened 1", nullptr, "http://hooks.slack.example:443/", true,
       "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999\r\n\r\nhal"},
      {"an interim answer only", "read-timeout; opened 1", nullptr, "http://hooks.slack.example:443/", true,
       "HTTP/1.1 103 Early Hints\r\n\r\n"},
      {"accepted, the body cut", "200 o(incomplete); opened 1", posts({.body = SlackVerdict::Body::cut})},
      {"accepted, the body never whole", "200 o(incomplete); opened 1",
       posts({.body = SlackVerdict::Body::stalled})},
      {"accepted, the body another's", "200 <html>upstream</html>; opened 1",
       posts({.body = SlackVerdict::Body::malformed})},
      {"keep-alive", "200 ok; 200 ok; 200 ok; opened 1", nullptr,
       "https://hooks.slack.example/services/T0RACE/B0RACE/f4k3s3cr3t", true, nullptr, 3},
  };
  for (const Case& c : table) {
    CAPTURE(c.name);
    CHECK(run_case(7, c) == c.expected);
  }
}

TEST_CASE("Retry-After is read as seconds or as a date, and nothing else") {
  // Covered through the client's answers: a plain server that says each form.
  struct Row {
    const char* header;
    const char* expected;
  };
  for (const Row& row : {Row{"120", "503  retry-after=120s; opened 1"},
                         Row{"Sat, 29 Nov 2025 00:01:00 GMT", "503  retry-after=59s; opened 1"},
                         Row{"Sat, 29 Nov 2025 00:00:00 GMT", "503  retry-after=0s; opened 1"},
                         Row{"soon", "503 ; opened 1"}, Row{"-1", "503 ; opened 1"}}) {
    CAPTURE(row.header);
    const std::string raw =
        fmt::format("HTTP/1.1 503 No\r\nContent-Length: 0\r\nRetry-After: {}\r\n\r\n", row.header);
    CHECK(run_case(8, {"", "", nullptr, "http://hooks.slack.example:443/", true, raw.c_str()}) ==
          row.expected);
  }
}
