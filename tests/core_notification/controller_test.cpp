// The whole controller in the kernel, against the fake API server and the fake Slack.
#include "core/notification/controller.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "experiments/world/api_link.hpp"
#include "models/apiserver/front_end.hpp"
#include "models/sinks/recording_files.hpp"
#include "models/sinks/text_sink.hpp"
#include "models/slack/slack.hpp"
#include "sim/fabric.hpp"
#include "tests/support/world.hpp"

namespace racebed::notification::tests {
namespace {

using namespace std::chrono_literals;
using models::Json;

struct ConsoleAdapter final : TextSink {
  explicit ConsoleAdapter(models::TextSink& s) : sink(s) {}
  Result<void> write(std::string_view text) override {
    const ErrorCode error = sink.write(text);
    if (error) return error;
    return {};
  }
  models::TextSink& sink;
};

struct Audits final : AuditSink {
  bool record(const AuditRecord& r) override {
    keys.insert(r.idempotency_key());
    return true;
  }
  std::set<std::string> keys;
};

struct Setting {
  Guarantee guarantee = Guarantee::probe;
  int replicas = 1;
  /// Hears of each fact; may kill.
  std::function<void(class Scene&, const models::Fact&)> on_fact{};
};

/// An API server, a Slack over plain HTTP, replicas of the controller.
class Scene {
 public:
  Scene(sim::Kernel& k, Setting s)
      : kernel(k), setting(std::move(s)), links(k.choices(), {}), fabric(k, links), ledger([&k] {
          return k.now();
        }) {
    kernel.set_fabric(&fabric);
    fabric.add_name("slack.example", "slack");
    ledger.subscribe([this](const models::Fact& fact) {
      if (setting.on_fact) setting.on_fact(*this, fact);
    });
    api = &kernel.add_process({.name = "api"});
    api->start([this](Runtime& rt) { return serve_api(rt); });
    slack = &kernel.add_process({.name = "slack"});
    slack->start([this](Runtime& rt) { return serve_slack(rt); });
    for (int i = 0; i < setting.replicas; ++i) {
      replicas.push_back(&kernel.add_process({.name = fmt::format("controller-{}", i)}));
      replicas.back()->start([this, i](Runtime& rt) { return control(rt, i); });
    }
  }
  ~Scene() {
    for (sim::Process* replica : replicas) replica->kill();
    slack->kill();
    api->kill();
  }

  asio::awaitable<void> serve_api(Runtime& rt) {
    front_end.emplace(rt, store, registry, calm_front_end, ledger);
    service.emplace(*api,
                    [this](models::ApiHttpRequest request) { return front_end->handle(std::move(request)); });
    service_now = &*service;
    models::ApiHttpRequest request;
    request.method = "POST";
    request.target = "/api/v1/namespaces";
    request.content_type = "application/json";
    request.body = std::make_shared<const Json>(
        Json{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "default"}}}});
    request.client = {"user", 1};
    co_await front_end->handle(std::move(request));
    co_await front_end->run();
  }
  asio::awaitable<void> serve_slack(Runtime& rt) {
    slack_server.emplace(rt, workspace, nullptr, calm_slack, ledger, models::Actor{"slack", 1},
                         models::SlackOptions{.port = 80, .tls = false});
    (void)slack_server->listen();
    return slack_server->run();
  }
  asio::awaitable<void> control(Runtime& rt, int i) {
    co_await rt.clock.sleep_for(10ms * (i + 1));
    sim::Process& process = *replicas[static_cast<std::size_t>(i)];
    experiments::ApiLink link(process, service_now, {1ms, 4ms});
    obs::Metrics metrics;
    const auto writer = [&process] {
      return models::Actor{std::string(process.name()), process.incarnation()};
    };
    models::TextSink console(ledger, "console", writer);
    ConsoleAdapter adapter(console);
    models::FileDeliveries given;
    models::RecordingFiles files(rt.files, ledger, "/var/lib/notification", given, writer);
    Runtime with_files{rt.executor, rt.clock, rt.random, rt.network, files, rt.tasks};
    Config config;
    config.election.enabled = setting.replicas > 1;
    config.slack.token = "xoxb-racebed-0001";
    config.slack.channel = "C0NOTIFY";
    config.slack.api_url = "http://slack.example/api";
    config.delivery.guarantee["slack"] = setting.guarantee;
    Controller controller(
        with_files, config,
        {.api = link, .metrics = metrics, .console = &adapter, .log_channel = nullptr, .audit = &audits},
        obs::Logger());
    co_await controller.run();
  }

  /// As a user of the API server process's own.
  asio::awaitable<int> call(std::string method, std::string target, Json body) {
    models::ApiHttpRequest request;
    request.method = std::move(method);
    request.target = "/apis/notification.kubernaut.ai/v1alpha1/namespaces/default/notificationrequests" +
                     std::move(target);
    request.content_type = "application/json";
    if (!body.is_null()) request.body = std::make_shared<const Json>(std::move(body));
    request.client = {"user", 1};
    auto response = co_await front_end->handle(std::move(request));
    co_return response ? response->status : 0;
  }
  Json notification(const std::string& name, const std::string& token,
                    std::vector<std::string> channels) const {
    return {{"apiVersion", "notification.kubernaut.ai/v1alpha1"},
            {"kind", "NotificationRequest"},
            {"metadata", {{"name", name}, {"namespace", "default"}}},
            {"spec",
             {{"type", "simple"},
              {"priority", "high"},
              {"recipients", {{{"slack", "#alerts"}}}},
              {"subject", "Disk full [token:" + token + "]"},
              {"body", "b"},
              {"channels", channels},
              {"retryPolicy", {{"initialBackoffSeconds", 1}, {"maxBackoffSeconds", 60}}}}}};
  }

  /// token/channel -> how often.
  std::map<std::string, int> delivered() const {
    std::map<std::string, int> counts;
    for (const models::Fact& fact : ledger.facts()) {
      if (const auto* d = std::get_if<models::Delivered>(&fact.what)) ++counts[d->token + "/" + d->channel];
    }
    return counts;
  }
  std::string phases() const {
    std::string text;
    const auto* type = registry.find("notification.kubernaut.ai", "v1alpha1", "notificationrequests");
    for (const auto& [key, object] : store.objects(*type)) {
      const auto status = object->find("status");
      text += key + ":" + (status == object->end() ? std::string("-") : status->value("phase", "")) + " ";
    }
    return text;
  }

  sim::Kernel& kernel;
  Setting setting;
  sim::CalmLinks links;
  sim::SimFabric fabric;
  models::Ledger ledger;
  models::Store store{ledger};
  models::Registry registry = models::builtin_resources();
  models::FrontEndPolicy calm_front_end;
  models::SlackPolicy calm_slack;
  models::Workspace workspace{{}};
  std::optional<models::FrontEnd> front_end;
  std::optional<experiments::ApiService> service;
  experiments::ApiService* service_now = nullptr;
  std::optional<models::Slack> slack_server;
  sim::Process* api = nullptr;
  sim::Process* slack = nullptr;
  std::vector<sim::Process*> replicas;
  Audits audits;
  int kills = 0;
};

asio::awaitable<void> create_some(Scene& scene, int count, std::vector<std::string> channels) {
  co_await scene.api->runtime().clock.sleep_for(3s);
  for (int i = 0; i < count; ++i) {
    const std::string name = fmt::format("n-{}", i);
    Json body = scene.notification(name, name, channels);
    const int status = co_await scene.call("POST", "", std::move(body));
    CHECK(status == 201);
    co_await scene.api->runtime().clock.sleep_for(50ms);
  }
}

/// Kills whoever acts when Slack has just accepted a message; once.
void kill_leader_at_acceptance(Scene& scene, const models::Fact& fact) {
  const auto* delivered = std::get_if<models::Delivered>(&fact.what);
  if (delivered == nullptr || delivered->channel != "slack" || scene.kills > 0) return;
  ++scene.kills;
  for (const models::Fact& f : scene.ledger.facts()) {
    const auto* committed = std::get_if<models::Committed>(&f.what);
    if (committed == nullptr || committed->operation != models::Committed::Operation::status) continue;
    for (sim::Process* replica : scene.replicas) {
      if (replica->name() == f.actor.process) return replica->kill();
    }
  }
}

}  // namespace

TEST_CASE("three channels, five notifications, one replica: each delivered once, all Sent") {
  racebed::tests::run_twice(1, [](sim::Kernel& kernel) {
    Scene scene(kernel, {});
    sim::Process& user = kernel.add_process({.name = "user"});
    user.start([&](Runtime&) { return create_some(scene, 5, {"console", "slack", "file"}); });
    kernel.run(kernel.now() + 60s);
    const auto delivered = scene.delivered();
    CHECK(delivered.size() == 15);
    for (const auto& [what, times] : delivered) {
      INFO(what);
      CHECK(times == 1);
    }
    CHECK(scene.phases() ==
          "default/n-0:Sent default/n-1:Sent default/n-2:Sent default/n-3:Sent default/n-4:Sent ");
    CHECK(scene.audits.keys.size() == 20);
    return scene.phases();
  });
}

TEST_CASE(
    "the leader dies between Slack's acceptance and the status write: nothing lost, and as the guarantee "
    "says") {
  for (const auto guarantee : {Guarantee::probe, Guarantee::at_least_once, Guarantee::at_most_once}) {
    INFO(to_text(guarantee));
    racebed::tests::run_twice(2, [guarantee](sim::Kernel& kernel) {
      Scene scene(kernel, {guarantee, 2, kill_leader_at_acceptance});
      sim::Process& user = kernel.add_process({.name = "user"});
      user.start([&](Runtime&) { return create_some(scene, 6, {"slack"}); });
      kernel.run(kernel.now() + 5min);
      CHECK(scene.kills == 1);
      int duplicates = 0;
      const auto delivered = scene.delivered();
      for (const auto& [what, times] : delivered) duplicates += times - 1;
      CHECK(delivered.size() == (guarantee == Guarantee::at_most_once ? delivered.size() : 6U));
      if (guarantee == Guarantee::at_least_once) {
        CHECK(duplicates == 1);
      } else {
        CHECK(duplicates == 0);
      }
      if (guarantee != Guarantee::at_most_once) {
        CHECK(scene.phases() ==
              "default/n-0:Sent default/n-1:Sent default/n-2:Sent default/n-3:Sent default/n-4:Sent "
              "default/n-5:Sent ");
      }
      return scene.phases();
    });
  }
}

TEST_CASE("one name created and deleted over and over: no incarnation is delivered twice, the last one is") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    racebed::tests::run_twice(seed, [](sim::Kernel& kernel) {
      Scene scene(kernel, {});
      sim::Process& user = kernel.add_process({.name = "user"});
      user.start([&](Runtime& rt) -> asio::awaitable<void> {
        co_await rt.clock.sleep_for(1s);
        for (int i = 0; i < 10; ++i) {
          Json body = scene.notification("n", fmt::format("t-{}", i), {"slack", "console"});
          co_await scene.call("POST", "", std::move(body));
          if (i == 9) break;
          co_await rt.clock.sleep_for(std::chrono::milliseconds{rt.random.below(120, "test-life")});
          Json nothing;
          co_await scene.call("DELETE", "/n", std::move(nothing));
          co_await rt.clock.sleep_for(std::chrono::milliseconds{rt.random.below(40, "test-gap")});
        }
      });
      kernel.run(kernel.now() + 2min);
      const auto delivered = scene.delivered();
      for (const auto& [what, times] : delivered) {
        INFO(what);
        CHECK(times == 1);
      }
      CHECK(delivered.contains("t-9/slack"));
      CHECK(delivered.contains("t-9/console"));
      CHECK(scene.phases() == "default/n:Sent ");
      return scene.phases();
    });
  }
}

}  // namespace racebed::notification::tests
