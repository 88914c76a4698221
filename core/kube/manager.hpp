// The life of a controller process: caches, then ready, then leading, then workers; graceful shutdown; stop
// at once when the lease is lost (controller-runtime's manager, with release after the work has ended).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/client.hpp"
#include "core/kube/informer.hpp"
#include "core/kube/leader_election.hpp"
#include "core/kube/work_queue.hpp"
#include "core/obs/log.hpp"
#include "runtime/event.hpp"
#include "runtime/runtime.hpp"
#include "runtime/task_group.hpp"

namespace racebed::kube {

/// What one reconcile asks of the queue (controller-runtime reconcileHandler).
struct ReconcileResult {
  enum class Kind {
    done,      // forget the key's failures
    after,     // forget, and add again after `delay`
    again,     // add again, rate limited
    failed,    // add again, rate limited; `error` is logged
    terminal,  // not added again, failures not forgotten; `error` is logged
  };
  Kind kind = Kind::done;
  Duration delay{0};
  std::string error;

  static ReconcileResult done() { return {}; }
  /// delay <= 0 is done().
  static ReconcileResult after(Duration delay);
  static ReconcileResult again() { return {Kind::again, {}, {}}; }
  static ReconcileResult failed(std::string error) { return {Kind::failed, {}, std::move(error)}; }
  static ReconcileResult terminal(std::string error) { return {Kind::terminal, {}, std::move(error)}; }
};

class Reconciler {
 public:
  virtual ~Reconciler() = default;
  /// Never runs twice at once for one key. Cancelled when the lease is lost or the grace period ends.
  virtual asio::awaitable<ReconcileResult> reconcile(ObjectKey key) = 0;
};

struct ManagerOptions {
  std::string name = "manager";
  std::size_t workers = 1;
  std::optional<ElectionOptions> election;  // nothing: no leader election, leads from the start
  Duration cache_sync_timeout = std::chrono::minutes{2};
  Duration grace_period = std::chrono::seconds{10};
};

enum class ManagerExit {
  clean,               // shut_down(): the work ended within the grace period
  grace_period_over,   // shut_down(): work was cut off
  lost_lease,          // exit non-zero
  cache_sync_timeout,  // exit non-zero
};
std::string_view to_string(ManagerExit exit);

/// Informers, queue and reconciler are the caller's and outlive run(). Handlers that fill the queue are added
/// to the informers by the caller before run(); keys that arrive before leadership wait in the queue.
class Manager {
 public:
  Manager(Runtime& runtime, Client& client, WorkQueue& queue, Reconciler& reconciler, ManagerOptions options,
          obs::Logger log);
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  ~Manager();

  /// Started and synced before anything else. Before run().
  void add_informer(Informer& informer);

  /// Returns when everything has ended; informers and queue are stopped then. Cancelling it is a crash:
  /// nothing is finished or released.
  asio::awaitable<ManagerExit> run();
  /// SIGTERM: stop taking keys, finish what runs within the grace period, release the lease, return from
  /// run().
  void shut_down();

  /// Caches are synced and shutdown has not begun (/readyz).
  bool is_ready() const;
  /// /healthz: the elector is not a zombie.
  bool is_healthy() const;
  bool is_leader() const;
  /// Time for which this process surely leads; Duration::max() without leader election.
  Duration leadership_remaining() const;
  /// Null without leader election.
  const LeaderElector* elector() const { return elector_.get(); }

 private:
  asio::awaitable<ManagerExit> run_phases();
  asio::awaitable<bool> start_caches();
  asio::awaitable<void> sync_caches();
  asio::awaitable<void> elect();
  asio::awaitable<void> work();
  asio::awaitable<ManagerExit> finish_work();
  asio::awaitable<void> stop_everything();
  void apply(const ObjectKey& key, const ReconcileResult& result);
  void start_workers();

  Runtime& runtime_;
  WorkQueue& queue_;
  Reconciler& reconciler_;
  ManagerOptions options_;
  obs::Logger log_;
  std::vector<Informer*> informers_;
  std::unique_ptr<LeaderElector> elector_;
  bool caches_synced_ = false;
  bool leading_ = false;
  bool elected_ = true;  // the elector's task has not ended
  bool lease_lost_ = false;
  bool shutdown_requested_ = false;
  std::size_t workers_live_ = 0;
  Event changed_;  // any of the above
  TaskGroup helpers_;
  TaskGroup workers_;
};

}  // namespace racebed::kube
