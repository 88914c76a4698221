#include "core/kube/work_queue.hpp"

namespace racebed::kube {

WorkQueue::WorkQueue(Runtime& runtime, RateLimits limits)
    : runtime_(runtime),
      limiter_(limits),
      ready_(runtime.clock),
      earlier_(runtime.clock),
      drained_(runtime.clock),
      tasks_(runtime) {}

WorkQueue::~WorkQueue() = default;

void WorkQueue::add(const ObjectKey& key) {
  if (!step_.shutting_down()) ++adds_;
  if (step_.add(key)) ready_.notify_one();
}

void WorkQueue::add_after(const ObjectKey& key, Duration delay) {
  if (step_.shutting_down()) return;
  if (delay <= Duration{0}) return add(key);
  if (!delaying_.add(key, runtime_.clock.steady_now() + delay)) return;
  if (delaying_runs_) {
    earlier_.notify_all();
  } else {
    delaying_runs_ = true;
    tasks_.spawn("work-queue-delaying", run_delaying());
  }
}

void WorkQueue::add_rate_limited(const ObjectKey& key) {
  if (step_.shutting_down()) return;
  add_after(key, limiter_.when(key, runtime_.clock.steady_now()));
}

void WorkQueue::forget(const ObjectKey& key) {
  limiter_.forget(key);
}

int WorkQueue::num_requeues(const ObjectKey& key) const {
  return limiter_.num_requeues(key);
}

asio::awaitable<std::optional<ObjectKey>> WorkQueue::get() {
  for (;;) {
    if (auto key = step_.take()) co_return key;
    if (step_.shutting_down()) co_return std::nullopt;
    co_await ready_.wait();
  }
}

void WorkQueue::done(const ObjectKey& key) {
  if (step_.done(key)) ready_.notify_one();
  if (step_.drained()) drained_.notify_all();
}

void WorkQueue::shut_down() {
  step_.shut_down();
  delaying_.clear();
  ready_.notify_all();
  earlier_.notify_all();
  if (step_.drained()) drained_.notify_all();
}

asio::awaitable<void> WorkQueue::shut_down_with_drain() {
  shut_down();
  while (!step_.drained()) co_await drained_.wait();
}

asio::awaitable<void> WorkQueue::stop() {
  shut_down();
  tasks_.cancel();
  co_await tasks_.join();
}

asio::awaitable<void> WorkQueue::run_delaying() {
  while (!step_.shutting_down()) {
    while (auto key = delaying_.take(runtime_.clock.steady_now())) add(*key);
    if (const auto next = delaying_.next()) {
      co_await earlier_.wait_until(*next);
    } else {
      co_await earlier_.wait();
    }
  }
}

}  // namespace racebed::kube
