// The rate-limited, delaying work queue of a controller, with client-go's semantics; decisions in
// work_queue_step.hpp. What waits is keys, never objects.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/kube/object.hpp"
#include "core/kube/work_queue_step.hpp"
#include "runtime/event.hpp"
#include "runtime/runtime.hpp"
#include "runtime/task_group.hpp"

namespace racebed::kube {

class WorkQueue {
 public:
  explicit WorkQueue(Runtime& runtime, RateLimits limits = {});
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  ~WorkQueue();

  /// Ignored after shut_down().
  void add(const ObjectKey& key);
  /// Adds the key when `delay` is over, at once if it is <= 0. A later plain add() does not cancel it.
  void add_after(const ObjectKey& key, Duration delay);
  /// add_after the rate limiter's delay, counting one more failure of the key.
  void add_rate_limited(const ObjectKey& key);
  /// The key's failure count starts over; what waits for its time still comes.
  void forget(const ObjectKey& key);
  int num_requeues(const ObjectKey& key) const;

  /// The next key, which is then being processed until done(); nothing once the queue is shut down and empty.
  asio::awaitable<std::optional<ObjectKey>> get();
  void done(const ObjectKey& key);

  /// No more adds; waiting delayed keys are lost; get() hands out what is ready, then nothing.
  void shut_down();
  /// shut_down(), then returns when nothing is being processed either. Bounded by the caller.
  asio::awaitable<void> shut_down_with_drain();
  /// Ends the queue's own task. Call it before destruction; implies shut_down().
  asio::awaitable<void> stop();

  std::size_t depth() const { return step_.ready(); }
  std::size_t delayed() const { return delaying_.waiting(); }
  std::size_t processing() const { return step_.processing(); }
  std::uint64_t adds() const { return adds_; }

 private:
  asio::awaitable<void> run_delaying();

  Runtime& runtime_;
  WorkQueueStep step_;
  DelayingStep delaying_;
  RateLimiterStep limiter_;
  Event ready_;
  Event earlier_;
  Event drained_;
  std::uint64_t adds_ = 0;
  bool delaying_runs_ = false;
  TaskGroup tasks_;
};

}  // namespace racebed::kube
