// Laws of the work queue's decisions, against a model so naive that it is plainly right.
#include "core/kube/work_queue_step.hpp"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <vector>

#include "core/kube/token_bucket.hpp"

namespace racebed::kube {
namespace {

using namespace std::chrono_literals;

ObjectKey key(int n) {
  return {"default", "k" + std::to_string(n)};
}

/// For each key only what a user may rely on: is a run owed, is one going on, and since when was it owed.
struct NaiveQueue {
  struct State {
    bool owed = false;
    bool running = false;
    int ready_since = 0;
  };
  std::map<int, State> keys;
  int clock = 0;

  void add(int k) {
    State& state = keys[k];
    if (!state.owed && !state.running) state.ready_since = ++clock;
    state.owed = true;
  }
  /// -1 when nothing can be taken.
  int take() {
    int best = -1;
    for (auto& [k, state] : keys) {
      const bool ready = state.owed && !state.running;
      if (ready && (best < 0 || state.ready_since < keys[best].ready_since)) best = k;
    }
    if (best >= 0) {
      keys[best].owed = false;
      keys[best].running = true;
    }
    return best;
  }
  void done(int k) {
    keys[k].running = false;
    if (keys[k].owed) keys[k].ready_since = ++clock;
  }
};

}  // namespace

TEST_CASE("a work queue behaves as the naive model of what its users rely on") {
  const bool held = rc::check("any sequence of add, take, done", [] {
    WorkQueueStep queue;
    NaiveQueue model;
    std::vector<int> running;
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12));
    for (const int step : steps) {
      if (step < 6) {
        queue.add(key(step));
        model.add(step);
      } else if (step < 9) {
        const auto taken = queue.take();
        const int expected = model.take();
        RC_ASSERT(taken.has_value() == (expected >= 0));
        if (!taken) continue;
        RC_ASSERT(*taken == key(expected));
        running.push_back(expected);
      } else if (!running.empty()) {
        const auto at = static_cast<std::size_t>(step) % running.size();
        const int k = running[at];
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(at));
        queue.done(key(k));
        model.done(k);
      }
      RC_ASSERT(queue.processing() == running.size());
    }
  });
  CHECK(held);
}

TEST_CASE("a second add while processing runs the key once more, not twice") {
  WorkQueueStep queue;
  CHECK(queue.add(key(1)));
  CHECK_FALSE(queue.add(key(1)));
  REQUIRE(queue.take() == key(1));
  CHECK_FALSE(queue.add(key(1)));
  CHECK_FALSE(queue.add(key(1)));
  CHECK_FALSE(queue.take().has_value());  // never two workers on one key
  CHECK(queue.done(key(1)));
  REQUIRE(queue.take() == key(1));
  CHECK_FALSE(queue.done(key(1)));
  CHECK_FALSE(queue.take().has_value());
}

TEST_CASE("a queue that shuts down hands out what is queued and takes nothing new") {
  WorkQueueStep queue;
  queue.add(key(1));
  queue.add(key(2));
  REQUIRE(queue.take() == key(1));
  queue.shut_down();
  CHECK_FALSE(queue.add(key(3)));
  CHECK_FALSE(queue.drained());
  REQUIRE(queue.take() == key(2));
  queue.done(key(1));
  CHECK_FALSE(queue.drained());
  queue.done(key(2));
  CHECK(queue.drained());
}

TEST_CASE("of two delays of one key the earlier stays, and equal times leave first come first served") {
  const bool held = rc::check("any sequence of delayed adds", [] {
    DelayingStep delaying;
    std::map<int, std::pair<int, int>> model;  // key -> time, order of arrival
    int number = 0;
    for (const int n : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 60))) {
      const int k = n % 6;
      const int at = n / 6;
      const bool first = delaying.add(key(k), Instant{std::chrono::seconds{at}});
      const auto known = model.find(k);
      if (known == model.end() || at < known->second.first) model[k] = {at, ++number};
      RC_ASSERT(delaying.waiting() == model.size());
      if (first) RC_ASSERT(delaying.next() == Instant{std::chrono::seconds{at}});
    }
    std::vector<std::pair<std::pair<int, int>, int>> expected;
    for (const auto& [k, when] : model) expected.push_back({when, k});
    std::sort(expected.begin(), expected.end());
    for (const auto& [when, k] : expected) {
      const Instant at{std::chrono::seconds{when.first}};
      RC_ASSERT(!delaying.take(at - 1ns).has_value());
      RC_ASSERT(delaying.take(at) == key(k));
    }
    RC_ASSERT(!delaying.next().has_value());
  });
  CHECK(held);
}

TEST_CASE("a failing key waits 5 ms, 10 ms, ... 1000 s, as client-go's sequence says") {
  RateLimiterStep limiter(RateLimits{5ms, 1000s, 0, 0});
  const std::vector<Duration> expected = {5ms,     10ms,     20ms,     40ms,     80ms,    160ms,   320ms,
                                          640ms,   1280ms,   2560ms,   5120ms,   10240ms, 20480ms, 40960ms,
                                          81920ms, 163840ms, 327680ms, 655360ms, 1000s,   1000s};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("failure " << i + 1);
    CHECK(limiter.num_requeues(key(1)) == static_cast<int>(i));
    CHECK(limiter.when(key(1), Instant{}).count() == expected[i].count());
  }
  CHECK(limiter.when(key(2), Instant{}) == 5ms);  // each key counts for itself
  limiter.forget(key(1));
  CHECK(limiter.num_requeues(key(1)) == 0);
  CHECK(limiter.when(key(1), Instant{}) == 5ms);
}

TEST_CASE("a thousand keys that fail together are spread at 10 a second after the first 100") {
  RateLimiterStep limiter;
  for (int i = 1; i <= 1000; ++i) {
    INFO("key " << i);
    const Duration expected = i <= 100 ? Duration{5ms} : std::max(Duration{5ms}, Duration{(i - 100) * 100ms});
    CHECK(limiter.when(key(i), Instant{1h}).count() == expected.count());
  }
}

TEST_CASE("a token bucket fills again with time, up to its burst and no further") {
  TokenBucket bucket(2, 3);
  const Instant start{1h};
  for (int i = 0; i < 3; ++i) CHECK(bucket.reserve(start) == 0ns);
  CHECK(bucket.reserve(start) == 500ms);
  CHECK(bucket.reserve(start) == 1000ms);
  CHECK(bucket.reserve(start + 1500ms) == 0ns);  // three tokens came, two were reserved ahead
  const Instant later = start + 10min;
  for (int i = 0; i < 3; ++i) CHECK(bucket.reserve(later) == 0ns);
  CHECK(bucket.reserve(later) == 500ms);
  TokenBucket unlimited(0, 0);
  for (int i = 0; i < 1000; ++i) CHECK(unlimited.reserve(start) == 0ns);
}

}  // namespace racebed::kube
