// What Slack writes into the ledger, as a transcript of one client that posts.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "core/net/https_client.hpp"
#include "models/slack/slack.hpp"
#include "sim/fabric.hpp"
#include "sim/openssl_hooks.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/world.hpp"

using namespace racebed;
using namespace std::chrono_literals;
using models::ChainKind;
using models::SlackVerdict;

namespace {

struct Scripted : models::SlackPolicy {
  ChainKind kind = ChainKind::good;
  SlackVerdict verdict;
  ChainKind chain(std::uint64_t) override { return kind; }
  SlackVerdict post(std::uint64_t) override { return verdict; }
};

struct Tell {
  std::string operator()(const models::Delivered& d) const {
    return fmt::format("delivered {} by {} over {}", d.token, d.sender, d.connection);
  }
  std::string operator()(const models::Answered& a) const {
    return fmt::format("answered {} for {}{}", a.status, a.token, a.message.empty() ? "" : ": accepted");
  }
  std::string operator()(const models::ConnectionOpened& c) const {
    return fmt::format("connection {}{}", c.connection,
                       c.tls.empty()   ? ""
                       : c.tls == "ok" ? " tls"
                                       : " refused");
  }
  std::string operator()(const models::Requested& r) const {
    return fmt::format("asked for {} by {}", r.token, r.sender);
  }
  template <class Other>
  std::string operator()(const Other&) const {
    return "something else";
  }
};

asio::awaitable<void> post_once(Runtime& rt, std::string scheme) {
  co_await rt.clock.sleep_for(10ms);
  net::HttpsClientOptions options;
  options.roots = tests::trusted_roots();
  net::HttpsClient client(rt, options);
  net::HttpRequest request;
  request.url = *net::parse_url(scheme + "://hooks.slack.example:443/services/T0RACE/B0RACE/f4k3s3cr3t");
  request.body = R"({"text":"hi [token:a]"})";
  (void)co_await client.send(std::move(request));
}

std::string transcript(const Scripted& script, bool tls) {
  tests::authority();  // made before the run
  return tests::run_twice(3, [&](sim::Kernel& kernel) {
    const sim::SeededOpenssl randomness(kernel.choices().pick(std::uint64_t{1} << 62, "openssl"));
    sim::CalmLinks calm(kernel.choices(), {});
    sim::SimFabric fabric(kernel, calm);
    kernel.set_fabric(&fabric);
    fabric.add_name("hooks.slack.example", "slack");
    models::Ledger ledger([&] { return kernel.now(); });
    models::Workspace workspace({});
    Scripted policy = script;
    std::optional<models::Slack> slack;
    sim::Process& server = kernel.add_process({.name = "slack"});
    server.start([&](Runtime& rt) {
      slack.emplace(rt, workspace, &tests::authority(), policy, ledger, models::Actor{"slack", 1},
                    models::SlackOptions{.tls = tls});
      (void)slack->listen();
      return slack->run();
    });
    kernel.add_process({.name = "client"}).start([&](Runtime& rt) {
      return post_once(rt, tls ? "https" : "http");
    });
    kernel.run(kernel.now() + 10min);
    server.kill();
    std::string story;
    for (const models::Fact& fact : ledger.facts()) story += std::visit(Tell{}, fact.what) + "; ";
    return story + fmt::format("{} held", workspace.messages());
  });
}

}  // namespace

TEST_CASE(
    "a message is in the ledger when it is accepted, an answer when it leaves, a connection in any case") {
  using Outcome = SlackVerdict::Outcome;
  using Body = SlackVerdict::Body;
  struct Row {
    const char* name;
    Scripted script;
    bool tls;
    const char* expected;
  };
  const auto says = [](SlackVerdict verdict) {
    Scripted script;
    script.verdict = verdict;
    return script;
  };
  Scripted expired;
  expired.kind = ChainKind::expired;
  for (const Row& row : {
           Row{"TLS", says({}), true,
               "connection 1 tls; asked for a by client; delivered a by client over 1; answered 200 for a: "
               "accepted; 1 held"},
           Row{"plain", says({}), false,
               "connection 1; asked for a by client; delivered a by client over 1; answered 200 for a: "
               "accepted; 1 held"},
           Row{"a chain the client refuses", expired, true, "connection 1 refused; 0 held"},
           Row{"lost answer", says({.outcome = Outcome::accept_then_lose}), true,
               "connection 1 tls; asked for a by client; delivered a by client over 1; answered 0 for a: "
               "accepted; 1 held"},
           Row{"cut answer", says({.body = Body::cut}), true,
               "connection 1 tls; asked for a by client; delivered a by client over 1; answered 0 for a: "
               "accepted; 1 held"},
           Row{"malformed answer", says({.body = Body::malformed}), true,
               "connection 1 tls; asked for a by client; delivered a by client over 1; answered 200 for a: "
               "accepted; 1 held"},
           Row{"refused", says({.outcome = Outcome::refuse, .status = 503}), false,
               "connection 1; asked for a by client; answered 503 for a; 0 held"},
           Row{"dropped", says({.outcome = Outcome::drop}), false,
               "connection 1; asked for a by client; answered 0 for a; 0 held"},
       }) {
    CAPTURE(row.name);
    CHECK(transcript(row.script, row.tls) == row.expected);
  }
}
