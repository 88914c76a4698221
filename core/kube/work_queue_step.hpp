// The decisions of the work queue, without waiting and without a clock of their own: client-go
// util/workqueue's base queue (dirty and processing sets), delaying queue and rate limiters. Times are handed
// in. Integer arithmetic only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/kube/object.hpp"
#include "core/kube/token_bucket.hpp"
#include "runtime/time.hpp"

namespace racebed::kube {

/// client-go's base queue. Guarantees: a key waits at most once; a key is never processed twice at once; an
/// add while the key is processed runs it once more afterwards.
class WorkQueueStep {
 public:
  /// True when the key became ready to be taken (a worker may be woken).
  bool add(const ObjectKey& key);
  /// Moves the key at the head to `processing`; nothing when none is ready.
  std::optional<ObjectKey> take();
  /// The worker is done with `key`. True when the key became ready again. Requires that it is being
  /// processed.
  bool done(const ObjectKey& key);
  /// From now on add() does nothing; what is queued can still be taken.
  void shut_down() { shutting_down_ = true; }

  bool shutting_down() const { return shutting_down_; }
  std::size_t ready() const { return queue_.size(); }
  std::size_t processing() const { return processing_.size(); }
  /// Nothing left to do after shut_down().
  bool drained() const { return shutting_down_ && queue_.empty() && processing_.empty(); }

 private:
  std::deque<ObjectKey> queue_;
  std::set<ObjectKey> dirty_;
  std::set<ObjectKey> processing_;
  bool shutting_down_ = false;
};

/// client-go's delaying queue: a heap by time. Of two times for one key the earlier stays; equal times leave
/// in the order in which they came.
class DelayingStep {
 public:
  /// True when `key` now is the first to become ready, so that who sleeps must look again.
  bool add(const ObjectKey& key, Instant ready_at);
  std::optional<Instant> next() const;
  /// The next key whose time has come.
  std::optional<ObjectKey> take(Instant now);
  std::size_t waiting() const { return times_.size(); }
  void clear();

 private:
  struct Entry {
    Instant at;
    std::uint64_t number;  // first come, first served among equals
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  std::map<Entry, ObjectKey> order_;
  std::map<ObjectKey, Entry> times_;
  std::uint64_t number_ = 0;
};

struct RateLimits {
  Duration item_base = std::chrono::milliseconds{5};
  Duration item_max = std::chrono::seconds{1000};
  int bucket_per_second = 10;  // 0: no bucket
  int bucket_burst = 100;
};

/// client-go DefaultTypedControllerRateLimiter: the longer of an exponential delay per key and a token bucket
/// shared by all keys, which reserves: a thousand keys that fail together are spread over time.
class RateLimiterStep {
 public:
  explicit RateLimiterStep(RateLimits limits = {})
      : limits_(limits), bucket_(limits.bucket_per_second, limits.bucket_burst) {}
  /// How long `key` must wait, counting this as one more failure of it.
  Duration when(const ObjectKey& key, Instant now);
  void forget(const ObjectKey& key) { failures_.erase(key); }
  int num_requeues(const ObjectKey& key) const;
  std::size_t tracked() const { return failures_.size(); }

 private:
  Duration item_delay(const ObjectKey& key);

  RateLimits limits_;
  std::map<ObjectKey, int> failures_;
  TokenBucket bucket_;
};

}  // namespace racebed::kube
