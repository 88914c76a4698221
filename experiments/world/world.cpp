#include "experiments/world/world.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "experiments/scenario/fault_plans.hpp"
#include "experiments/world/api_conditions.hpp"
#include "experiments/world/api_servers.hpp"
#include "experiments/world/fact_trace.hpp"
#include "experiments/world/fixtures.hpp"
#include "experiments/world/fleet.hpp"
#include "experiments/world/plan.hpp"
#include "experiments/world/transport_user.hpp"
#include "experiments/world/visitors.hpp"
#include "faults/engine.hpp"
#include "models/slack/slack.hpp"
#include "models/users/workload.hpp"
#include "runtime/assert.hpp"
#include "sim/fabric.hpp"
#include "sim/openssl_hooks.hpp"

namespace racebed::experiments {
namespace {

using models::PhaseBegan;

constexpr Duration kWorkloadBegins =
    std::chrono::seconds{5};  // by then controllers have synced and one leads
constexpr Duration kReviveAfter = std::chrono::seconds{1};

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

models::ChainKind chain_named(std::string_view name) {
  for (models::ChainKind kind : models::kChainKinds) {
    if (to_text(kind) == name) return kind;
  }
  return models::ChainKind::good;
}

}  // namespace

struct World::Parts final : faults::Surroundings {
  Parts(sim::Kernel& k, const Scenario& s, const Subject& subject, models::Ledger& l, LogLines lines)
      : kernel(k),
        scenario(s),
        ledger(l),
        openssl(k.choices().pick(std::uint64_t{1} << 62, "openssl-seed")),
        calm_links(k.choices(), {}),
        calm_api(k.choices(), s.world.watch_lag),
        api(k, l, s.world.api_servers),
        engine(k, l, *this, {calm_links, calm_api, chain_named(s.world.slack_certificate)}, api.names()),
        fabric(k, engine.links()),
        conditions(k, engine),
        fleet(k, l, s, subject, api, conditions, engine.hosts(), std::move(lines)),
        visitors(k, l, s, api) {}

  sim::Kernel& kernel;
  const Scenario& scenario;
  models::Ledger& ledger;
  sim::SeededOpenssl openssl;
  sim::CalmLinks calm_links;
  LaggingFrontEnd calm_api;
  ApiServers api;
  faults::Engine engine;
  sim::SimFabric fabric;
  models::Workspace workspace{{}};
  ApiConditions conditions;
  Fleet fleet;
  Visitors visitors;
  std::uint64_t users_at_work = 0;
  bool gave_up = false;
  bool chaos_time_over = false;
  std::uint64_t moments = 0;  // how often the scenario's moment came
  sim::StopReason stop = sim::StopReason::idle;

  void start();
  void record_life(sim::Process& process);
  void start_slack();
  void start_user(std::uint64_t number);
  asio::awaitable<void> slack_main(Runtime& runtime);
  asio::awaitable<void> user_main(Runtime& runtime, sim::Process& process, std::uint64_t number);
  void begin_chaos();
  void watch_moment();
  void end_chaos_if_over();

  models::FrontEnd* front_end(std::string_view name) override { return api.front_end(name); }
  models::Store& store() override { return api.store(); }
  void roll_controllers(Duration every) override { fleet.roll(every); }
  void create_more(std::uint64_t count, Duration over, bool accelerating) override {
    visitors.create_more(count, over, accelerating);
  }
  void remove(const models::ObjectRef& object, std::uint64_t clients) override {
    visitors.remove(object, clients);
  }
  void recreate(const models::ObjectRef& object, Duration gap) override { visitors.recreate(object, gap); }
  void meddle(const models::ObjectRef& object, bool with_status, faults::Meddling how,
              std::function<bool()> over) override {
    visitors.meddle(object, with_status, how, std::move(over));
  }
  void remove_lease() override { visitors.remove_lease(); }
};

void World::Parts::record_life(sim::Process& process) {
  process.on_change([this](sim::Process& p, sim::ProcessChange change, std::string_view detail) {
    ledger.record({std::string(p.name()), p.incarnation()}, fact_of(change, detail));
  });
}

asio::awaitable<void> World::Parts::slack_main(Runtime& runtime) {
  models::SlackOptions options;
  options.tls = scenario.world.slack_tls;
  options.think_min = scenario.world.slack_think.min;
  options.think_spread = scenario.world.slack_think.max - scenario.world.slack_think.min;
  models::Slack slack(runtime, workspace, fixtures().authority.get(), engine.slack(), ledger, {"slack", 1},
                      options);
  const auto listening = slack.listen();
  RACEBED_ASSERT(listening, "the port of Slack's host is free");
  co_await slack.run();
}

void World::Parts::start_slack() {
  sim::Process& process = kernel.add_process({.name = "slack"});
  fabric.add_name(kSlackHost, "slack");
  record_life(process);
  process.start([this](Runtime& runtime) { return slack_main(runtime); });
}

asio::awaitable<void> World::Parts::user_main(Runtime& runtime, sim::Process& process, std::uint64_t number) {
  co_await runtime.clock.sleep_for(kWorkloadBegins);
  ApiLink link(process, api.endpoints(), ApiLinkOptions{scenario.world.api_latency, nullptr, &conditions});
  TransportUser transport(link);
  models::WorkloadOptions options;
  options.user = {std::string(process.name()), process.incarnation()};
  models::Workload workload(runtime, transport, ledger, plan_of(scenario.workload, number), options);
  co_await workload.run();
  gave_up = gave_up || !workload.gave_up().empty();
}

void World::Parts::start_user(std::uint64_t number) {
  sim::Process& process =
      kernel.add_process({.name = number == 0 ? std::string("user") : fmt::format("user-{}", number)});
  ++users_at_work;
  process.on_change([this](sim::Process& p, sim::ProcessChange, std::string_view) {
    if (p.state() != sim::ProcessState::dead) return;
    --users_at_work;
    end_chaos_if_over();
  });
  process.start([this, &process, number](Runtime& runtime) { return user_main(runtime, process, number); });
}

void World::Parts::watch_moment() {
  if (!scenario.moment.is_set()) return;
  faults::Trigger trigger;
  trigger.condition = condition_of(scenario.moment, [](const CountRange& range) { return range.min; });
  trigger.budget = UINT64_MAX;
  faults::arm(kernel, ledger, std::move(trigger), [this](const models::Fact*) { ++moments; });
}

void World::Parts::begin_chaos() {
  fleet.mark_initial();
  ledger.record({"world", 0}, PhaseBegan{PhaseBegan::Phase::chaos});
  watch_moment();
  engine.arm(fault_plans(scenario, scenario.name, [this](const CountRange& range) {
    return range.min + kernel.choices().pick(range.max - range.min + 1, "fault-occurrence");
  }));
  kernel.call_at(kernel.world(), kernel.now() + scenario.chaos, [this] {
    chaos_time_over = true;
    end_chaos_if_over();
  });
}

/// Heals when the chaos has had its time and every user is done: faults are lifted, the dead rise, and what
/// is left is to settle.
void World::Parts::end_chaos_if_over() {
  if (!chaos_time_over || users_at_work > 0) return;
  engine.heal();
  for (const auto& process : kernel.processes()) {
    const bool serves = process->name() == "slack" || process->name().starts_with("apiserver");
    if (serves && process->state() == sim::ProcessState::dead) process->restart(kReviveAfter);
  }
  ledger.record({"world", 0}, PhaseBegan{PhaseBegan::Phase::settle});
  kernel.call_at(kernel.world(), kernel.now() + scenario.settle, [this] { kernel.stop(); });
}

void World::Parts::start() {
  api.start([this](std::string_view server) -> models::FrontEndPolicy& { return engine.api(server); },
            [this](sim::Process& process) { record_life(process); });
  start_slack();
  fleet.start();
  for (std::uint64_t i = 0; i < scenario.workload.users * scenario.workload.namespaces; ++i) start_user(i);
  visitors.start();
  fleet.scraper().start();
  kernel.call_at(kernel.world(), kernel.now() + kWorkloadBegins, [this] { begin_chaos(); });
}

World::World(sim::Kernel& kernel, const Scenario& scenario, const Subject& subject, models::Ledger& ledger,
             LogLines log_lines)
    : parts_(std::make_unique<Parts>(kernel, scenario, subject, ledger, std::move(log_lines))) {
  trace_facts(ledger, kernel);
  kernel.set_fabric(&parts_->fabric);
}

World::~World() {
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
  parts.start();
  parts.stop = parts.kernel.run(state.begin + parts.scenario.world.time_limit);
  parts.fleet.scraper().at_end();
  state.end = parts.kernel.now();
  state.workload_done = parts.users_at_work == 0 && !parts.gave_up;
  state.moments = parts.moments;
  const auto* type =
      parts.api.registry().find("notification.kubernaut.ai", "v1alpha1", "notificationrequests");
  for (const auto& [key, object] : parts.api.store().objects(*type)) state.notifications.push_back(object);
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
