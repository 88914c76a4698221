#include "core/kube/manager.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "runtime/assert.hpp"

namespace racebed::kube {
namespace {

/// How long past its end a lease may still be believed before /healthz fails (controller-runtime).
constexpr Duration kLeaseTolerance = std::chrono::seconds{20};

}  // namespace

ReconcileResult ReconcileResult::after(Duration delay) {
  if (delay <= Duration{0}) return done();
  return {Kind::after, delay, {}};
}

std::string_view to_string(ManagerExit exit) {
  switch (exit) {
    case ManagerExit::clean:
      return "clean";
    case ManagerExit::grace_period_over:
      return "grace-period-over";
    case ManagerExit::lost_lease:
      return "lost-lease";
    case ManagerExit::cache_sync_timeout:
      return "cache-sync-timeout";
  }
  return "unknown";
}

Manager::Manager(Runtime& runtime, Client& client, WorkQueue& queue, Reconciler& reconciler,
                 ManagerOptions options, obs::Logger log)
    : runtime_(runtime),
      queue_(queue),
      reconciler_(reconciler),
      options_(std::move(options)),
      log_(log.named("manager")),
      changed_(runtime.clock),
      helpers_(runtime),
      workers_(runtime) {
  RACEBED_ASSERT(options_.workers >= 1, "a manager has at least one worker");
  if (options_.election)
    elector_ = std::make_unique<LeaderElector>(runtime, client, *options_.election, log_);
}

Manager::~Manager() = default;

void Manager::add_informer(Informer& informer) {
  informers_.push_back(&informer);
}

void Manager::shut_down() {
  shutdown_requested_ = true;
  changed_.notify_all();
}

bool Manager::is_ready() const {
  return caches_synced_ && !shutdown_requested_;
}
bool Manager::is_healthy() const {
  return !elector_ || elector_->healthy(kLeaseTolerance);
}
bool Manager::is_leader() const {
  return elector_ ? elector_->is_leader() : leading_;
}
Duration Manager::leadership_remaining() const {
  return elector_ ? elector_->remaining() : Duration::max();
}

asio::awaitable<ManagerExit> Manager::run() {
  std::exception_ptr failure;
  ManagerExit exit = ManagerExit::clean;
  try {
    exit = co_await run_phases();
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await stop_everything();
  if (failure) std::rethrow_exception(failure);
  log_.info("stopped", {{"exit", to_string(exit)}});
  co_return exit;
}

asio::awaitable<ManagerExit> Manager::run_phases() {
  const bool synced = co_await start_caches();
  if (!synced) co_return shutdown_requested_ ? ManagerExit::clean : ManagerExit::cache_sync_timeout;
  log_.info("caches are synced");
  if (elector_) {
    helpers_.spawn("leader-election", elect());
  } else {
    leading_ = true;
  }
  while (!leading_ && !shutdown_requested_ && !lease_lost_) co_await changed_.wait();
  if (leading_ && !shutdown_requested_ && !lease_lost_) start_workers();
  while (!shutdown_requested_ && !lease_lost_) co_await changed_.wait();
  if (lease_lost_) co_return ManagerExit::lost_lease;
  co_return co_await finish_work();
}

asio::awaitable<bool> Manager::start_caches() {
  for (Informer* informer : informers_) informer->start();
  helpers_.spawn("cache-sync", sync_caches());
  const Instant deadline = runtime_.clock.steady_now() + options_.cache_sync_timeout;
  while (!caches_synced_ && !shutdown_requested_) {
    const bool notified = co_await changed_.wait_until(deadline);
    if (!notified) break;
  }
  co_return caches_synced_ && !shutdown_requested_;
}

asio::awaitable<void> Manager::sync_caches() {
  for (Informer* informer : informers_) co_await informer->wait_for_sync(Instant::max());
  caches_synced_ = true;
  changed_.notify_all();
}

asio::awaitable<void> Manager::elect() {
  ElectionCallbacks callbacks;
  callbacks.on_started_leading = [this] {
    leading_ = true;
    changed_.notify_all();
  };
  const ElectionEnd end = co_await elector_->run(std::move(callbacks));
  if (end == ElectionEnd::lost) {
    lease_lost_ = true;
    workers_.cancel();  // at once: others may act by now
  }
  elected_ = false;
  changed_.notify_all();
}

void Manager::start_workers() {
  log_.info("starting workers", {{"workers", options_.workers}});
  workers_live_ = options_.workers;
  for (std::size_t i = 0; i < options_.workers; ++i) workers_.spawn("worker", work());
}

asio::awaitable<void> Manager::work() {
  while (!shutdown_requested_) {
    const std::optional<ObjectKey> key = co_await queue_.get();
    if (!key) break;
    if (shutdown_requested_) {
      queue_.done(*key);
      break;
    }
    try {
      ObjectKey taken = *key;
      const ReconcileResult result = co_await reconciler_.reconcile(std::move(taken));
      apply(*key, result);
    } catch (...) {
      // Not by a destructor: when the process is killed, the queue may be gone before this frame.
      queue_.done(*key);
      throw;
    }
    queue_.done(*key);
  }
  --workers_live_;
  changed_.notify_all();
}

/// controller-runtime reconcileHandler.
void Manager::apply(const ObjectKey& key, const ReconcileResult& result) {
  switch (result.kind) {
    case ReconcileResult::Kind::done:
      return queue_.forget(key);
    case ReconcileResult::Kind::after:
      queue_.forget(key);
      return queue_.add_after(key, result.delay);
    case ReconcileResult::Kind::again:
      return queue_.add_rate_limited(key);
    case ReconcileResult::Kind::failed:
      log_.warning("reconcile failed", {{"key", key.text()}, {"error", result.error}});
      return queue_.add_rate_limited(key);
    case ReconcileResult::Kind::terminal:
      log_.error("reconcile failed for good", {{"key", key.text()}, {"error", result.error}});
      return;
  }
}

/// Keys are no longer taken; what runs may finish until the grace period is over or the lease is lost.
asio::awaitable<ManagerExit> Manager::finish_work() {
  log_.info("shutting down");
  queue_.shut_down();
  const Instant deadline = runtime_.clock.steady_now() + options_.grace_period;
  while (workers_live_ > 0 && !lease_lost_) {
    const bool notified = co_await changed_.wait_until(deadline);
    if (!notified) break;
  }
  if (lease_lost_) co_return ManagerExit::lost_lease;
  if (workers_live_ > 0) co_return ManagerExit::grace_period_over;
  // Only now, when no work of ours can still act on it. Cut-off work may have requests on their way: then the
  // lease runs out by itself.
  if (elector_) {
    elector_->stop();
    while (elected_) co_await changed_.wait();
    // Asked now: a call that was on its way when we were asked to end may have acquired the lease.
    const bool held = elector_->holds_lease() && !lease_lost_;
    if (held && options_.election->release_on_cancel) co_await elector_->release();
  }
  co_return ManagerExit::clean;
}

asio::awaitable<void> Manager::stop_everything() {
  workers_.cancel();
  co_await workers_.join();
  co_await queue_.stop();
  helpers_.cancel();
  co_await helpers_.join();
  for (Informer* informer : informers_) co_await informer->stop();
  leading_ = false;
}

}  // namespace racebed::kube
