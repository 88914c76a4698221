#include "experiments/subjects/notification_2026_08.hpp"

#include "core/kube/work_queue.hpp"
#include "experiments/subjects/notification_2026_08_algorithm.hpp"

namespace racebed::experiments {
namespace {

using namespace august_2026;

constexpr const char* kNamespace = "default";  // the controller's own

/// One process's worth of it (C.2), in the order in which main makes it.
struct Process {
  Process(SubjectEnvironment& environment, std::size_t audit_buffer, obs::Logger log)
      : runtime(environment.runtime),
        context(runtime.clock),
        client(runtime, environment.api),
        cache(runtime, client, notification_requests(), informer_options(), log.named("informer")),
        queue(runtime),
        events(runtime, client, {.component = "notification-controller", .instance = environment.identity},
               log),
        store(runtime, environment.audit, audit_buffer, log),
        audit(store, environment.audit_check, events, log),
        breakers(runtime.clock,
                 [this](const std::string& name, Breaker::State to) { metrics.breaker_changed(name, to); }),
        channels(environment, context, breakers),
        orchestrator({runtime, channels, breakers, audit, metrics, events}, log),
        status(runtime, context, client),
        algorithm({runtime, context, client, cache, orchestrator, status, audit, metrics, events}, log) {
    cache.add_handlers({.on_add = [this](const Object& object, bool) { queue.add(object.key()); },
                        .on_update = [this](const Object&, const Object& after) { queue.add(after.key()); },
                        .on_delete = [this](const Object& last, bool) { queue.add(last.key()); }});
  }
  static kube::InformerOptions informer_options() {
    kube::InformerOptions options;
    options.reflector.ns = kNamespace;
    return options;
  }

  Runtime& runtime;
  Context context;
  kube::Client client;
  kube::Informer cache;
  kube::WorkQueue queue;
  kube::EventRecorder events;
  Metrics metrics;
  AuditStore store;
  Auditor audit;
  Breakers breakers;
  Channels channels;
  Orchestrator orchestrator;
  StatusWriter status;
  Algorithm algorithm;
};

class Notification202608 final : public Subject {
 public:
  std::string_view name() const override { return "notification-2026-08"; }
  std::string_view description() const override {
    return "the historical controller of 2026-08, rebuilt; no guarantee";
  }
  std::string guarantee(const SubjectOptions&, bool) const override { return "none"; }
  MetricNames metrics() const override { return metric_names(); }

  asio::awaitable<std::string> run(SubjectEnvironment& environment, SubjectOptions options) const override {
    obs::Logger log("head", environment.runtime.clock, environment.logs, obs::Level::warning);
    Process process(environment, options.audit_buffer, log);
    kube::ManagerOptions manager_options;
    manager_options.workers = options.workers == 0 ? 1 : options.workers;
    if (options.leader_election) {
      kube::ElectionOptions election;
      election.identity = environment.identity;
      election.lease = {kNamespace, "notification.kubernaut.ai"};
      election.release_on_cancel = false;
      manager_options.election = election;
    }
    kube::Manager manager(environment.runtime, process.client, process.queue, process.algorithm,
                          manager_options, log.named("manager"));
    manager.add_informer(process.cache);
    process.store.start();
    process.events.start();
    environment.metrics_page([&process] { return process.metrics.text(); });
    environment.on_terminate([&process, &manager] {
      process.context.cancel();
      manager.shut_down();
    });
    const kube::ManagerExit exit = co_await manager.run();
    environment.on_terminate({});
    environment.metrics_page({});
    co_await process.events.stop();
    if (exit == kube::ManagerExit::clean) {
      co_await process.store.close();
    } else {
      co_await process.store.abandon();  // os.Exit(1)
    }
    co_return std::string(kube::to_string(exit));
  }
};

}  // namespace

const Subject& notification_2026_08() {
  static const Notification202608 subject;
  return subject;
}

}  // namespace racebed::experiments
