// When to try again: spec.retryPolicy and its backoff, in whole numbers only.
#pragma once

#include <cstdint>

#include "core/notification/delivery.hpp"
#include "runtime/time.hpp"

namespace racebed::notification {

/// spec.retryPolicy with its defaults. `initial` may exceed `max`; then `max` counts.
struct RetryPolicy {
  int attempts_max = 5;              // 1..10
  std::chrono::seconds initial{30};  // 1..300
  int multiplier = 2;                // 1..10
  std::chrono::seconds max{480};     // 60..3600
  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

/// Draw `jitter` uniformly below this.
constexpr std::uint64_t kJitterSteps = 2001;

/// min(max, initial × multiplier^(attempt−1)), times 0.9 to 1.1 by `jitter` in [0, kJitterSteps), within
/// [min(initial, max), max]. `attempt` counts from 1 (the one that failed).
Duration backoff(const RetryPolicy& policy, int attempt, std::uint64_t jitter);

/// The moment of the next attempt, rounded up to the whole second that a status can hold, so that storing it
/// never shortens the wait. `retry_after` is a lower bound, itself cut to `retry_after_max`.
Time next_attempt(const RetryPolicy& policy, int attempt, std::uint64_t jitter, Time failed_at,
                  std::optional<Duration> retry_after, Duration retry_after_max);

}  // namespace racebed::notification
