#include "tests/net/slack_world.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "models/slack/slack.hpp"
#include "sim/fabric.hpp"
#include "sim/openssl_hooks.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/world.hpp"

namespace racebed::tests {

using namespace std::chrono_literals;

models::TlsVerdict Weather::tls(std::uint64_t connection) {
  return on_tls ? on_tls(connection) : models::TlsVerdict{};
}
models::SlackVerdict Weather::post(std::uint64_t) {
  ++posts_;
  return on_post ? on_post(posts_) : models::SlackVerdict{};
}
models::SlackVerdict Weather::history(std::uint64_t) {
  return on_history ? on_history() : models::SlackVerdict{};
}
models::ReuseVerdict Weather::reuse(std::uint64_t) {
  return on_reuse;
}

namespace {

std::string account(const models::Ledger& ledger) {
  std::string text;
  for (const models::Fact& fact : ledger.facts()) {
    if (const auto* c = std::get_if<models::ConnectionOpened>(&fact.what)) {
      text += fmt::format("  connection {} [{}] {}\n", c->connection, c->certificate, c->tls);
    } else if (const auto* d = std::get_if<models::Delivered>(&fact.what)) {
      text += fmt::format("  delivered {} over {}\n", d->token, d->connection);
    } else if (const auto* a = std::get_if<models::Answered>(&fact.what)) {
      text += fmt::format("  answered {}{}\n", a->status,
                          a->retry_after ? fmt::format(" retry in {} ms", *a->retry_after / 1ms) : "");
    }
  }
  return text;
}

}  // namespace

std::string told(const Result<net::HttpAnswer, net::HttpFailure>& result) {
  if (!result) {
    const net::HttpFailure failure = result.error();
    return fmt::format("{}{}: {}", to_text(failure.error_class), failure.not_sent ? " (not sent)" : "",
                       failure.message);
  }
  std::string body = result->body;
  if (body.size() > 30) body = fmt::format("{} bytes", body.size());
  return fmt::format("{} [{}]{}{}", result->status, body, result->body_complete ? "" : " incomplete",
                     result->retry_after ? fmt::format(" retry in {} ms", *result->retry_after / 1ms) : "");
}

net::HttpRequest webhook_post(const SlackWorld& world) {
  net::HttpRequest request;
  request.url = *net::parse_url(
      fmt::format("{}://{}:443/services/T0RACE/B0RACE/f4k3s3cr3t", world.tls ? "https" : "http", kSlackHost));
  request.body = R"({"text":"hi [token:a]"})";
  return request;
}

namespace {
asio::awaitable<void> post_times(Runtime& rt, net::HttpsClient& client, std::string& story, bool tls,
                                 int times, Duration pause) {
  for (int i = 0; i < times; ++i) {
    if (i > 0) co_await rt.clock.sleep_for(pause);
    net::HttpRequest request = webhook_post({.tls = tls});
    const auto result = co_await client.send(std::move(request));
    story += told(result) + "\n";
  }
}
}  // namespace

ClientMain posts(const SlackWorld& world, int times, Duration pause) {
  return [tls = world.tls, times, pause](Runtime& rt, net::HttpsClient& client, std::string& story) {
    return post_times(rt, client, story, tls, times, pause);
  };
}

namespace {
asio::awaitable<void> run_client(Runtime& rt, ClientMain main, std::shared_ptr<const net::TrustRoots> roots,
                                 std::string& story) {
  co_await rt.clock.sleep_for(10ms);
  net::HttpsClientOptions options;
  options.roots = std::move(roots);
  net::HttpsClient client(rt, options);
  co_await main(rt, client, story);
}
}  // namespace

std::string play(const SlackWorld& world, const ClientMain& main) {
  const auto roots =
      world.check_revocation ? trusted_roots() : net::trust_roots_from_pem(authority().root_pem());
  return run_twice(world.seed, [&](sim::Kernel& kernel) {
    const sim::SeededOpenssl randomness(kernel.choices().pick(std::uint64_t{1} << 62, "openssl"));
    sim::CalmLinks calm(kernel.choices(), {});
    sim::SimFabric fabric(kernel, calm);
    kernel.set_fabric(&fabric);
    fabric.add_name(kSlackHost, "slack");
    models::Ledger ledger([&] { return kernel.now(); });
    models::Workspace workspace({});
    Weather weather = world.weather;
    std::optional<models::Slack> slack;
    sim::Process& server = kernel.add_process({.name = "slack"});
    server.start([&](Runtime& rt) {
      const models::SlackOptions options{.tls = world.tls, .think_spread = 0ms, .answer_spread = 0ms};
      slack.emplace(rt, workspace, &authority(), weather, ledger, models::Actor{"slack", 1}, options);
      (void)slack->listen();
      return slack->run();
    });
    std::string story;
    sim::Process& client = kernel.add_process({.name = "client"});
    client.start([&](Runtime& rt) { return run_client(rt, main, roots, story); });
    kernel.run(kernel.now() + 1h);
    CHECK(client.state() == sim::ProcessState::dead);
    CHECK(client.accounts().tasks.now == 0);
    CHECK(client.accounts().sockets.now == 0);
    server.kill();  // before what it serves goes
    return story + account(ledger);
  });
}

}  // namespace racebed::tests
