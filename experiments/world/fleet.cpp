#include "experiments/world/fleet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "experiments/world/fixtures.hpp"
#include "models/sinks/audit_sink.hpp"
#include "models/sinks/failing_files.hpp"
#include "models/sinks/text_sink.hpp"
#include "models/slack/workspace.hpp"
#include "sim/heap_account.hpp"

namespace racebed::experiments {
namespace {

using models::Actor;

/// terminationGracePeriodSeconds, Kubernetes' default: then the process is killed.
constexpr Duration kGracePeriod = std::chrono::seconds{30};

Actor actor_of(const sim::Process& process) {
  return {std::string(process.name()), process.incarnation()};
}

/// A controller's log lines, into the trace and to whoever wants to read them.
class TracedLog final : public obs::LogSink {
 public:
  TracedLog(sim::Process& process, Fleet::LogLines& lines) : process_(process), lines_(lines) {}
  void line(obs::Level, std::string_view text) override {
    if (process_.state() != sim::ProcessState::running) return;
    process_.kernel().emit("log", {{"line", text}});
    if (lines_) lines_(process_.name(), text);
  }

 private:
  sim::Process& process_;
  Fleet::LogLines& lines_;
};

}  // namespace

models::ProcessEvent fact_of(sim::ProcessChange change, std::string_view detail) {
  using What = models::ProcessEvent::What;
  static constexpr std::array kWhat = {What::started, What::killed, What::power_lost, What::paused,
                                       What::resumed, What::exited, What::crashed};  // as sim::ProcessChange
  return {kWhat[static_cast<std::size_t>(change)], std::string(detail)};
}

Fleet::Fleet(sim::Kernel& kernel, models::Ledger& ledger, const Scenario& scenario, const Subject& subject,
             ApiServers& api, ApiConditions& conditions, faults::HostFaults& hosts, LogLines log_lines)
    : kernel_(kernel),
      ledger_(ledger),
      scenario_(scenario),
      subject_(subject),
      api_(api),
      conditions_(conditions),
      hosts_(hosts),
      log_lines_(std::move(log_lines)),
      scraper_(kernel, ledger) {}

void Fleet::start() {
  for (std::uint64_t i = 0; i < scenario_.world.replicas; ++i) start_one();
}

void Fleet::mark_initial() {
  for (sim::Process* controller : controllers_) controller->mark_initial();
}

void Fleet::start_one() {
  sim::Process& process = kernel_.add_process({.name = fmt::format("controller-{}", controllers_.size())});
  controllers_.push_back(&process);
  watch(process);
  process.start([this, &process](Runtime& runtime) { return main(runtime, process); });
}

void Fleet::watch(sim::Process& process) {
  process.on_change([this](sim::Process& p, sim::ProcessChange change, std::string_view detail) {
    ledger_.record(actor_of(p), fact_of(change, detail));
    if (p.state() != sim::ProcessState::dead) return;
    end_.erase(&p);
    const bool replaced = std::find(retired_.begin(), retired_.end(), &p) != retired_.end();
    if (!replaced && scenario_.world.restart_delay > Duration{0}) p.restart(scenario_.world.restart_delay);
  });
}

void Fleet::roll(Duration every) {
  if (!controllers_.empty()) replace(0, controllers_.size(), every);
}

void Fleet::replace(std::size_t index, std::size_t last, Duration every) {
  start_one();
  sim::Process& old = *controllers_[index];
  kernel_.call_at(kernel_.world(), kernel_.now() + every, [this, &old, index, last, every] {
    retired_.push_back(&old);
    terminate(old);
    if (index + 1 < last) replace(index + 1, last, every);
  });
}

void Fleet::terminate(sim::Process& process) {
  if (process.state() != sim::ProcessState::running) return;
  const std::uint32_t life = process.incarnation();
  const auto end = end_.find(&process);
  if (end != end_.end()) kernel_.call_at(process.domain(), kernel_.now(), end->second);
  kernel_.call_at(kernel_.world(), kernel_.now() + kGracePeriod, [&process, life] {
    if (process.incarnation() == life && process.state() != sim::ProcessState::dead) process.kill();
  });
}

SubjectEnvironment Fleet::environment_of(Runtime& own, kube::ApiTransport& api, obs::LogSink& logs,
                                         models::AuditSink& audit, sim::Process& process) {
  SubjectEnvironment environment{own,
                                 api,
                                 logs,
                                 fmt::format("{}_{}", process.name(), process.incarnation()),
                                 {},
                                 {},
                                 [&audit](const std::vector<kube::Json>& records) {
                                   const sim::heap::Unpaid testbed;
                                   return audit.take(records);
                                 },
                                 [&audit](const kube::Json& record) {
                                   const sim::heap::Unpaid testbed;
                                   return audit.check(record);
                                 }};
  const models::WorkspaceOptions slack;
  const std::string base = fmt::format("{}://{}{}", scenario_.world.slack_tls ? "https" : "http", kSlackHost,
                                       scenario_.world.slack_tls ? "" : ":443");
  environment.slack.webhook_url = base + slack.webhook_path;
  if (scenario_.world.slack_api == "web-api") {
    environment.slack.token = slack.token;
    environment.slack.api_url = base + "/api";
    environment.slack.channel = slack.channel;
  }
  environment.slack.roots = fixtures().roots;
  environment.metrics_page = scraper_.page_of(process);
  environment.on_terminate = [this, &process](std::function<void()> end) {
    if (end) {
      end_[&process] = std::move(end);
    } else {
      end_.erase(&process);
    }
  };
  return environment;
}

asio::awaitable<void> Fleet::main(Runtime& runtime, sim::Process& process) {
  const auto self = [&process] { return actor_of(process); };
  ApiLinkOptions way{scenario_.world.api_latency, &conditions_, &conditions_, &ledger_};
  ApiLink link(process, api_.endpoints(), way);
  const std::string name(process.name());
  const auto output = [this, &name](std::string_view channel) { return hosts_.output(name, channel); };
  models::TextSink console(ledger_, "console", self, output);
  models::TextSink log_channel(ledger_, "log", self, output);
  models::AuditSink audit(ledger_, hosts_, self);
  models::FailingFiles disk(runtime.files, runtime.clock, hosts_, name);
  models::RecordingFiles files(disk, ledger_, "/var/lib/notification", files_[&process], self);
  co_await files.look_again();
  TracedLog logs(process, log_lines_);
  Runtime own{runtime.executor, runtime.clock, runtime.random, runtime.network, files, runtime.tasks};
  SubjectEnvironment environment = environment_of(own, link, logs, audit, process);
  environment.console = [&](std::string_view text) {
    const sim::heap::Unpaid testbed;
    return console.write(text);
  };
  environment.log_channel = [&](std::string_view text) {
    const sim::heap::Unpaid testbed;
    return log_channel.write(text);
  };
  const std::string why = co_await subject_.run(environment, scenario_.subject);
  // "clean", "lost-lease" ...: the process exits now.
  ledger_.record(
      self(), models::Claimed{"exit", std::make_shared<const models::Json>(models::Json{{"reason", why}})});
}

}  // namespace racebed::experiments
