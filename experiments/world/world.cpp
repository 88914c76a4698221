#include "experiments/world/world.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "experiments/world/api_link.hpp"
#include "experiments/world/fact_trace.hpp"
#include "experiments/world/fixtures.hpp"
#include "experiments/world/plan.hpp"
#include "experiments/world/scrape.hpp"
#include "experiments/world/transport_user.hpp"
#include "faults/process_faults.hpp"
#include "faults/trigger.hpp"
#include "models/apiserver/front_end.hpp"
#include "models/sinks/recording_files.hpp"
#include "models/sinks/text_sink.hpp"
#include "models/slack/slack.hpp"
#include "models/users/workload.hpp"
#include "runtime/assert.hpp"
#include "sim/fabric.hpp"
#include "sim/openssl_hooks.hpp"

namespace racebed::experiments {
namespace {

using models::Actor;

constexpr Duration kWorkloadBegins =
    std::chrono::seconds{5};  // by then controllers have synced and one leads

/// A value of the range, in steps of 1 ms.
Duration draw(sim::Choices& choices, DurationRange range, Site site) {
  const auto steps = static_cast<std::uint64_t>((range.max - range.min) / std::chrono::milliseconds{1});
  return range.min + std::chrono::milliseconds{choices.pick(steps + 1, site)};
}

/// The API server's watch cache lags behind the store by a drawn time, change by change.
class LaggingFrontEnd final : public models::FrontEndPolicy {
 public:
  LaggingFrontEnd(sim::Choices& choices, DurationRange lag) : choices_(choices), lag_(lag) {}
  Duration cache_lag(const models::Change&) override { return draw(choices_, lag_, "watch-cache-lag"); }

 private:
  sim::Choices& choices_;
  DurationRange lag_;
};

class ScenarioSlack final : public models::SlackPolicy {
 public:
  explicit ScenarioSlack(models::ChainKind kind) : kind_(kind) {}
  models::ChainKind chain(std::uint64_t) override { return kind_; }

 private:
  models::ChainKind kind_;
};

models::ChainKind chain_named(std::string_view name) {
  for (models::ChainKind kind : models::kChainKinds) {
    if (to_text(kind) == name) return kind;
  }
  return models::ChainKind::good;
}

/// A controller's log lines, into the trace and to whoever wants to read them.
class TracedLog final : public obs::LogSink {
 public:
  TracedLog(sim::Process& process, World::LogLines& lines) : process_(process), lines_(lines) {}
  void line(obs::Level, std::string_view text) override {
    if (process_.state() != sim::ProcessState::running) return;
    process_.kernel().emit("log", {{"line", text}});
    if (lines_) lines_(process_.name(), text);
  }

 private:
  sim::Process& process_;
  World::LogLines& lines_;
};

models::ProcessEvent::What fact_of(sim::ProcessChange change) {
  using What = models::ProcessEvent::What;
  switch (change) {
    case sim::ProcessChange::started:
      return What::started;
    case sim::ProcessChange::killed:
      return What::killed;
    case sim::ProcessChange::power_lost:
      return What::power_lost;
    case sim::ProcessChange::paused:
      return What::paused;
    case sim::ProcessChange::resumed:
      return What::resumed;
    case sim::ProcessChange::exited:
      return What::exited;
    case sim::ProcessChange::crashed:
      return What::crashed;
  }
  return What::crashed;
}

}  // namespace

struct World::Parts {
  Parts(sim::Kernel& k, const Scenario& s, const Subject& sub, models::Ledger& l, LogLines lines)
      : kernel(k),
        scenario(s),
        subject(sub),
        ledger(l),
        log_lines(std::move(lines)),
        openssl(k.choices().pick(std::uint64_t{1} << 62, "openssl-seed")),
        links(k.choices(), {}),
        fabric(k, links),
        front_end_policy(k.choices(), s.world.watch_lag),
        slack_policy(chain_named(s.world.slack_certificate)),
        registry(models::builtin_resources()),
        store(l),
        leader(l),
        scraper(k, l) {}

  sim::Kernel& kernel;
  const Scenario& scenario;
  const Subject& subject;
  models::Ledger& ledger;
  LogLines log_lines;
  sim::SeededOpenssl openssl;
  sim::CalmLinks links;
  sim::SimFabric fabric;
  LaggingFrontEnd front_end_policy;
  ScenarioSlack slack_policy;
  models::Registry registry;
  models::Store store;
  models::Workspace workspace{{}};
  faults::LeaseHolder leader;
  Scraper scraper;
  std::unique_ptr<models::FrontEnd> front_end;
  std::unique_ptr<ApiService> api_service;
  ApiService* api_now = nullptr;  // null while the API server is down
  std::vector<sim::Process*> controllers;
  bool workload_done = false;
  sim::StopReason stop = sim::StopReason::idle;
  bool over = false;

  void start_api_server();
  void start_slack();
  void start_user();
  void start_controller(std::uint64_t number);
  void arm(const FaultOptions& fault);
  void fire(const FaultOptions& fault, const std::string& occasion);
  asio::awaitable<void> api_server_main(Runtime& runtime, sim::Process& process);
  asio::awaitable<void> slack_main(Runtime& runtime);
  asio::awaitable<void> user_main(Runtime& runtime, sim::Process& process);
  asio::awaitable<void> controller_main(Runtime& runtime, sim::Process& process);
  void watch_process(sim::Process& process, bool restarts);
};

void World::Parts::watch_process(sim::Process& process, bool restarts) {
  process.on_change([this, restarts](sim::Process& p, sim::ProcessChange change, std::string_view detail) {
    ledger.record({std::string(p.name()), p.incarnation()},
                  models::ProcessEvent{fact_of(change), std::string(detail)});
    const bool ended = p.state() == sim::ProcessState::dead;
    if (ended && restarts && !over && scenario.world.restart_delay > Duration{0})
      p.restart(scenario.world.restart_delay);
  });
}

asio::awaitable<void> World::Parts::api_server_main(Runtime& runtime, sim::Process& process) {
  front_end = std::make_unique<models::FrontEnd>(runtime, store, registry, front_end_policy, ledger);
  api_service = std::make_unique<ApiService>(
      process, [this](models::ApiHttpRequest request) { return front_end->handle(std::move(request)); });
  api_now = api_service.get();
  // A kube-apiserver makes this namespace by itself.
  store.put(
      *registry.find("", "v1", "namespaces"), models::Store::key("", kUserNamespace),
      models::Json{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", kUserNamespace}}}},
      {"apiserver", process.incarnation()}, models::Committed::Operation::create);
  co_await front_end->run();
}

void World::Parts::start_api_server() {
  sim::Process& process = kernel.add_process({.name = "apiserver"});
  watch_process(process, false);
  process.start([this, &process](Runtime& runtime) { return api_server_main(runtime, process); });
}

asio::awaitable<void> World::Parts::slack_main(Runtime& runtime) {
  models::SlackOptions options;
  options.tls = scenario.world.slack_tls;
  options.think_min = scenario.world.slack_think.min;
  options.think_spread = scenario.world.slack_think.max - scenario.world.slack_think.min;
  models::Slack slack(runtime, workspace, fixtures().authority.get(), slack_policy, ledger, {"slack", 1},
                      options);
  const auto listening = slack.listen();
  RACEBED_ASSERT(listening, "the port of Slack's host is free");
  co_await slack.run();
}

void World::Parts::start_slack() {
  sim::Process& process = kernel.add_process({.name = "slack"});
  fabric.add_name(kSlackHost, "slack");
  watch_process(process, false);
  process.start([this](Runtime& runtime) { return slack_main(runtime); });
}

asio::awaitable<void> World::Parts::user_main(Runtime& runtime, sim::Process& process) {
  co_await runtime.clock.sleep_for(kWorkloadBegins);
  for (sim::Process* controller : controllers) controller->mark_initial();
  for (const FaultOptions& fault : scenario.faults) arm(fault);
  ApiLink link(process, api_now, scenario.world.api_latency);
  TransportUser api(link);
  models::Workload workload(runtime, api, ledger, plan_of(scenario.workload));
  co_await workload.run();
  workload_done = workload.gave_up().empty();
}

void World::Parts::start_user() {
  sim::Process& process = kernel.add_process({.name = "user"});
  process.on_change([this](sim::Process&, sim::ProcessChange change, std::string_view) {
    if (change == sim::ProcessChange::started) return;
    kernel.call_at(kernel.world(), kernel.now() + scenario.settle, [this] { kernel.stop(); });
  });
  process.start([this, &process](Runtime& runtime) { return user_main(runtime, process); });
}

asio::awaitable<void> World::Parts::controller_main(Runtime& runtime, sim::Process& process) {
  const auto self = [&process] { return Actor{std::string(process.name()), process.incarnation()}; };
  ApiLink link(process, api_now, scenario.world.api_latency);
  models::TextSink console(ledger, "console", self);
  models::TextSink log_channel(ledger, "log", self);
  models::RecordingFiles files(runtime.files, ledger, "/var/lib/notification", self);
  TracedLog logs(process, log_lines);
  Runtime own{runtime.executor, runtime.clock, runtime.random, runtime.network, files, runtime.tasks};
  SubjectEnvironment environment{
      own,
      link,
      logs,
      fmt::format("{}_{}", process.name(), process.incarnation()),
      [&](std::string_view text) { return console.write(text); },
      [&](std::string_view text) { return log_channel.write(text); },
      [this, self](const kube::Json& record) {
        ledger.record(self(), models::Claimed{"audit", std::make_shared<const models::Json>(record)});
      }};
  const models::WorkspaceOptions slack;
  const std::string base = fmt::format("{}://{}{}", scenario.world.slack_tls ? "https" : "http", kSlackHost,
                                       scenario.world.slack_tls ? "" : ":443");
  environment.slack.webhook_url = base + slack.webhook_path;
  if (scenario.world.slack_api == "web-api") {
    environment.slack.token = slack.token;
    environment.slack.api_url = base + "/api";
    environment.slack.channel = slack.channel;
  }
  environment.slack.roots = fixtures().roots;
  environment.metrics_page = scraper.page_of(process);
  const std::string why = co_await subject.run(environment, scenario.subject);
  // "clean", "lost-lease" ...: the process exits now.
  ledger.record(self(),
                models::Claimed{"exit", std::make_shared<const models::Json>(models::Json{{"reason", why}})});
}

void World::Parts::start_controller(std::uint64_t number) {
  sim::Process& process = kernel.add_process({.name = fmt::format("controller-{}", number)});
  controllers.push_back(&process);
  watch_process(process, true);
  process.start([this, &process](Runtime& runtime) { return controller_main(runtime, process); });
}

void World::Parts::fire(const FaultOptions& fault, const std::string& occasion) {
  sim::Process* target = faults::find_target(kernel, fault.target, leader);
  if (target == nullptr) return;
  const auto kind =
      fault.fault == "process-power-loss" ? faults::ProcessFault::power_loss : faults::ProcessFault::kill;
  faults::end_process(*target, kind, occasion, ledger);
}

void World::Parts::arm(const FaultOptions& fault) {
  if (fault.when == "drawn") {
    const Duration at = draw(kernel.choices(), fault.at, "fault-time");
    kernel.call_at(kernel.world(), kernel.now() + at, [this, fault] { fire(fault, "at a drawn moment"); });
    return;
  }
  const std::uint64_t occurrence = 1 + kernel.choices().pick(fault.occurrence_max, "fault-occurrence");
  faults::at_occurrence(
      ledger, faults::message_accepted("slack"), occurrence, [this, fault, occurrence](const models::Fact&) {
        fire(fault, fmt::format("message {} accepted by Slack, its answer not yet sent", occurrence));
      });
}

World::World(sim::Kernel& kernel, const Scenario& scenario, const Subject& subject, models::Ledger& ledger,
             LogLines log_lines)
    : parts_(std::make_unique<Parts>(kernel, scenario, subject, ledger, std::move(log_lines))) {
  trace_facts(ledger, kernel);
  kernel.set_fabric(&parts_->fabric);
}

World::~World() {
  parts_->over = true;
  // Before what the processes use goes.
  for (const auto& process : parts_->kernel.processes()) {
    process->on_change(nullptr);
    process->kill();
  }
  parts_->kernel.set_fabric(nullptr);
}

FinalState World::run() {
  Parts& parts = *parts_;
  FinalState state;
  state.begin = parts.kernel.now();
  parts.start_api_server();
  parts.start_slack();
  for (std::uint64_t i = 0; i < parts.scenario.world.replicas; ++i) parts.start_controller(i);
  parts.start_user();
  parts.scraper.start();
  parts.stop = parts.kernel.run(state.begin + parts.scenario.world.time_limit);
  parts.over = true;
  parts.scraper.at_end();
  state.end = parts.kernel.now();
  state.workload_done = parts.workload_done;
  const auto* type = parts.registry.find("notification.kubernaut.ai", "v1alpha1", "notificationrequests");
  for (const auto& [key, object] : parts.store.objects(*type)) state.notifications.push_back(object);
  for (const auto& process : parts.kernel.processes()) {
    static constexpr const char* kStates[] = {"not-started", "running", "paused", "dead"};
    state.processes.push_back(
        {std::string(process->name()), kStates[static_cast<int>(process->state())], process->accounts()});
  }
  return state;
}

sim::StopReason World::stop_reason() const {
  return parts_->stop;
}

}  // namespace racebed::experiments
