#include "core/kube/work_queue_step.hpp"

#include <algorithm>

#include "runtime/assert.hpp"

namespace racebed::kube {

bool WorkQueueStep::add(const ObjectKey& key) {
  if (shutting_down_ || !dirty_.insert(key).second) return false;
  if (processing_.contains(key)) return false;  // done() will queue it
  queue_.push_back(key);
  return true;
}

std::optional<ObjectKey> WorkQueueStep::take() {
  if (queue_.empty()) return std::nullopt;
  ObjectKey key = std::move(queue_.front());
  queue_.pop_front();
  const auto node = dirty_.extract(key);
  RACEBED_ASSERT(!node.empty(), "what is queued is dirty: " + key.text());
  const bool fresh = processing_.insert(key).second;
  RACEBED_ASSERT(fresh, "a key is never processed twice at once: " + key.text());
  return key;
}

bool WorkQueueStep::done(const ObjectKey& key) {
  const auto erased = processing_.erase(key);
  RACEBED_ASSERT(erased == 1, "done() is for a key that is being processed: " + key.text());
  if (!dirty_.contains(key)) return false;
  queue_.push_back(key);
  return true;
}

bool DelayingStep::add(const ObjectKey& key, Instant ready_at) {
  const auto known = times_.find(key);
  if (known != times_.end()) {
    if (known->second.at <= ready_at) return false;  // the earlier time wins
    order_.erase(known->second);
    times_.erase(known);
  }
  const Entry entry{ready_at, ++number_};
  times_.emplace(key, entry);
  const auto place = order_.emplace(entry, key).first;
  return place == order_.begin();
}

std::optional<Instant> DelayingStep::next() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first.at;
}

std::optional<ObjectKey> DelayingStep::take(Instant now) {
  if (order_.empty() || order_.begin()->first.at > now) return std::nullopt;
  auto node = order_.extract(order_.begin());
  times_.erase(node.mapped());
  return std::move(node.mapped());
}

void DelayingStep::clear() {
  order_.clear();
  times_.clear();
}

Duration RateLimiterStep::when(const ObjectKey& key, Instant now) {
  const Duration bucket = bucket_.reserve(now);
  return std::max(item_delay(key), bucket);
}

int RateLimiterStep::num_requeues(const ObjectKey& key) const {
  const auto found = failures_.find(key);
  return found == failures_.end() ? 0 : found->second;
}

Duration RateLimiterStep::item_delay(const ObjectKey& key) {
  const int failures = failures_[key]++;
  Duration delay = limits_.item_base;
  for (int i = 0; i < failures && delay < limits_.item_max; ++i) delay *= 2;
  return std::min(delay, limits_.item_max);
}

}  // namespace racebed::kube
