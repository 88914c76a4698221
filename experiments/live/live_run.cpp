#include "experiments/live/live_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/kube/http_transport.hpp"
#include "experiments/live/fake_world.hpp"
#include "experiments/live/replica.hpp"
#include "experiments/scenario/fault_plans.hpp"
#include "experiments/scenario/load.hpp"
#include "experiments/world/fixtures.hpp"
#include "experiments/world/plan.hpp"
#include "experiments/world/transport_user.hpp"
#include "faults/leader.hpp"
#include "live/child.hpp"
#include "live/process.hpp"
#include "models/users/workload.hpp"
#include "runtime/assert.hpp"
#include "runtime/event.hpp"
#include "runtime/task_group.hpp"

namespace racebed::experiments {
namespace {

using models::Actor;
using models::Json;

constexpr Duration kReadyWithin =
    std::chrono::seconds{30};                         // for a leader, from the start of the controllers
constexpr Duration kQuiet = std::chrono::seconds{1};  // after the last notification came to its end
constexpr Duration kPoll = std::chrono::milliseconds{50};

struct Replica {
  std::string name;
  std::string address;
  std::uint32_t incarnation = 0;
  std::unique_ptr<live::Child> child{};
  bool running = false;
};

Duration drawn(Random& random, DurationRange range, Site site) {
  const auto steps = static_cast<std::uint64_t>((range.max - range.min) / std::chrono::milliseconds{1});
  return range.min + std::chrono::milliseconds{random.below(steps + 1, site)};
}

bool is_terminal(const models::Json& notification) {
  const auto status = notification.find("status");
  if (status == notification.end() || !status->is_object()) return false;
  const std::string phase = status->value("phase", "");
  return phase == "Sent" || phase == "PartiallySent" || phase == "Failed";
}

class LiveRun {
 public:
  explicit LiveRun(const LiveRunSpec& spec)
      : spec_(spec),
        process_(loop_, {.name = "world"}),
        runtime_(process_.runtime()),
        ledger_([this] { return runtime_.clock.now(); }),
        panel_(spec.scenario, spec.subject, ledger_),
        leader_(ledger_),
        world_(runtime_, ledger_, world_options()),
        folder_(std::filesystem::temp_directory_path() / fmt::format("racebed-run-{}", ::getpid())) {}
  ~LiveRun() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  RunResult execute();

 private:
  FakeWorldOptions world_options();
  Json calm_faults() const;
  Actor who(const std::string& host) const;
  void start(Replica& replica);
  void ended(Replica& replica, int status);
  void kill(const FaultOptions& fault, const std::string& occasion);
  void arm(const FaultOptions& fault);
  asio::awaitable<void> fire_later(FaultOptions fault, Duration after);
  asio::awaitable<void> restart_later(Replica& replica);
  asio::awaitable<void> story();
  asio::awaitable<void> until_ready();
  asio::awaitable<void> until_settled();
  const models::Store::Objects& notifications() const;

  LiveRunSpec spec_;
  live::Loop loop_;
  live::Process process_;
  Runtime& runtime_;
  models::Ledger ledger_;
  Panel panel_;
  faults::LeaseHolder leader_;
  std::vector<Replica> replicas_;
  FakeWorld world_;
  FakeWorldPorts ports_;
  std::filesystem::path folder_;
  std::unique_ptr<TaskGroup> tasks_;
  bool over_ = false;
  bool workload_done_ = false;
};

FakeWorldOptions LiveRun::world_options() {
  const WorldOptions& world = spec_.scenario.world;
  FakeWorldOptions options;
  options.https_port.reset();
  options.control_port.reset();
  options.slack_host = kSlackHost;
  options.slack_tls = world.slack_tls;
  options.slack_think_min = world.slack_think.min;
  options.slack_think_spread = world.slack_think.max - world.slack_think.min;
  options.who = [this](const std::string& host) { return who(host); };
  return options;
}

Json LiveRun::calm_faults() const {
  const WorldOptions& world = spec_.scenario.world;
  return {{"slack", {{"certificate", world.slack_certificate}}},
          {"api", {{"watchLagMs", world.watch_lag.max / std::chrono::milliseconds{1}}}}};
}

Actor LiveRun::who(const std::string& host) const {
  for (const Replica& replica : replicas_) {
    if (replica.address == host) return {replica.name, replica.incarnation};
  }
  return {"user", 1};
}

void LiveRun::start(Replica& replica) {
  ++replica.incarnation;
  ReplicaOptions options{.process = replica.name,
                         .incarnation = replica.incarnation,
                         .subject = std::string(spec_.subject.name()),
                         .scenario = spec_.scenario,
                         .api_url = fmt::format("http://127.0.0.1:{}", ports_.http),
                         .address = replica.address,
                         .slack_webhook_url = world_.slack_webhook_url(),
                         .slack_api_url = world_.slack_api_url(),
                         .slack_host = kSlackHost,
                         .slack_address = "127.0.0.1",
                         .roots_pem = world_.ca_pem(),
                         .revocations_pem = world_.revocations_pem(),
                         .files_root = (folder_ / replica.name).string()};
  const Actor self{replica.name, replica.incarnation};
  auto child = live::Child::start(
      loop_, {.command = {spec_.program, "live-replica"},
              .input = replica_input(options),
              .show_errors = spec_.show_logs,
              .on_line = [this, self](std::string_view line) { ledger_.record(self, fact_of_line(line)); },
              .on_end = [this, &replica](int status) { ended(replica, status); }});
  if (!child)
    throw std::runtime_error(fmt::format("{} cannot be started: {}", spec_.program, child.error().message()));
  replica.child = std::move(*child);
  replica.running = true;
  ledger_.record(self, models::ProcessEvent{models::ProcessEvent::What::started, ""});
}

void LiveRun::ended(Replica& replica, int status) {
  using What = models::ProcessEvent::What;
  replica.running = false;
  if (over_) return;
  ledger_.record(
      {replica.name, replica.incarnation},
      models::ProcessEvent{status < 0 ? What::killed : What::exited, fmt::format("status {}", status)});
  if (spec_.scenario.world.restart_delay > Duration{0}) tasks_->spawn("restart", restart_later(replica));
}

asio::awaitable<void> LiveRun::restart_later(Replica& replica) {
  co_await runtime_.clock.sleep_for(spec_.scenario.world.restart_delay);
  if (!over_) start(replica);
}

void LiveRun::kill(const FaultOptions& fault, const std::string& occasion) {
  for (Replica& replica : replicas_) {
    const bool meant = fault.target == "leader" || fault.target.empty()
                           ? leader_.identity().starts_with(replica.name + "_")
                           : fault.target == replica.name;
    if (!meant || !replica.running) continue;
    ledger_.record({replica.name, replica.incarnation},
                   models::FaultFired{fault.fault, fmt::format("{}, {}", replica.name, occasion)});
    replica.child->kill();
    return;
  }
}

asio::awaitable<void> LiveRun::fire_later(FaultOptions fault, Duration after) {
  co_await runtime_.clock.sleep_for(after);
  kill(fault, "at a drawn moment");
}

void LiveRun::arm(const FaultOptions& fault) {
  if (!fault.after.is_set()) {
    tasks_->spawn("fault", fire_later(fault, drawn(runtime_.random, fault.at, "fault-time")));
    return;
  }
  faults::Progress progress(condition_of(fault.after, [this](const CountRange& range) {
    return range.min + runtime_.random.below(range.max - range.min + 1, "fault-occurrence");
  }));
  ledger_.subscribe([this, fault, progress = std::move(progress)](const models::Fact& fact) mutable {
    if (progress.on(fact)) kill(fault, "at the moment");
  });
}

const models::Store::Objects& LiveRun::notifications() const {
  return world_.store().objects(
      *world_.registry().stored("notification.kubernaut.ai", "notificationrequests"));
}

/// A leader holds the lease, or, without election, a moment has passed.
asio::awaitable<void> LiveRun::until_ready() {
  const Instant limit = runtime_.clock.steady_now() + kReadyWithin;
  while (spec_.scenario.subject.leader_election && leader_.identity().empty()) {
    if (runtime_.clock.steady_now() >= limit) throw std::runtime_error("no controller led within 30 s");
    co_await runtime_.clock.sleep_for(kPoll);
  }
  co_await runtime_.clock.sleep_for(kQuiet);
}

/// Every notification has come to its end and stayed there for a while, or the scenario's own time has
/// passed.
asio::awaitable<void> LiveRun::until_settled() {
  const Instant limit = runtime_.clock.steady_now() + spec_.scenario.settle;
  Instant quiet_since = runtime_.clock.steady_now();
  std::uint64_t revision = 0;
  while (runtime_.clock.steady_now() < limit) {
    bool busy = false;
    for (const auto& [key, object] : notifications()) busy = busy || !is_terminal(*object);
    if (busy || world_.store().revision() != revision) {
      // Renewals of leases go on for ever: what counts is that every notification is at its end.
      if (busy) quiet_since = runtime_.clock.steady_now();
      revision = world_.store().revision();
    }
    if (!busy && runtime_.clock.steady_now() - quiet_since >= kQuiet) co_return;
    co_await runtime_.clock.sleep_for(kPoll);
  }
}

asio::awaitable<void> LiveRun::story() {
  for (Replica& replica : replicas_) start(replica);
  co_await until_ready();
  for (const FaultOptions& fault : spec_.scenario.faults) arm(fault);
  const auto url = net::parse_url(fmt::format("http://127.0.0.1:{}", ports_.http));
  kube::HttpTransport transport(runtime_, {.server = *url});
  TransportUser api(transport);
  models::Workload workload(runtime_, api, ledger_, plan_of(spec_.scenario.workload));
  co_await workload.run();
  workload_done_ = workload.gave_up().empty();
  co_await until_settled();
  over_ = true;
}

RunResult LiveRun::execute() {
  RunResult result;
  result.live = true;
  result.final_state.begin = runtime_.clock.now();
  if (const std::string wrong = world_.set_faults(calm_faults()); !wrong.empty()) throw InputError(wrong);
  const auto ports = world_.listen();
  if (!ports) throw std::runtime_error(ports.error());
  ports_ = *ports;
  for (std::uint64_t i = 0; i < spec_.scenario.world.replicas; ++i)
    replicas_.push_back({fmt::format("controller-{}", i), fmt::format("127.0.1.{}", 10 + i)});
  tasks_ = std::make_unique<TaskGroup>(runtime_);
  std::exception_ptr failure;
  tasks_->spawn("world", world_.run());
  process_.start([this](Runtime&) { return story(); },
                 [&](std::exception_ptr ended) {
                   failure = ended;
                   loop_.stop();
                 });
  loop_.run();
  over_ = true;
  for (Replica& replica : replicas_) replica.child.reset();
  if (failure) std::rethrow_exception(failure);
  result.final_state.end = runtime_.clock.now();
  result.final_state.workload_done = workload_done_;
  for (const auto& [key, object] : notifications()) result.final_state.notifications.push_back(object);
  result.verdicts = panel_.verdicts(result.final_state);
  result.facts = ledger_.facts();
  return result;
}

}  // namespace

RunResult execute_live(const LiveRunSpec& spec) {
  for (const FaultOptions& fault : spec.scenario.faults) {
    if (fault.fault != "process-kill")
      throw InputError(
          fmt::format("--live: found the fault {}, expected none but process-kill: others need "
                      "the simulated network, clock or API server",
                      fault.fault));
  }
  LiveRun run(spec);
  return run.execute();
}

}  // namespace racebed::experiments
