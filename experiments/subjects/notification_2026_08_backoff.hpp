// Waiting between attempts in the controller of 2026-08 (notification.md C.3, HEAD).
#pragma once

#include <cstdint>
#include <string>

#include "runtime/random.hpp"
#include "runtime/time.hpp"

namespace racebed::experiments::august_2026 {

struct RetryPolicy {
  std::int64_t max_attempts = 5;  // of each channel
  Duration initial = std::chrono::seconds{30};
  std::int64_t multiplier = 2;
  Duration max = std::chrono::seconds{480};
};

/// initial * multiplier^(attempt - 1), capped on the way, ±10 % uniform, then at least initial, then at most
/// max. Below the first attempt: initial, without jitter.
Duration backoff(const RetryPolicy& policy, std::int64_t attempt, Random& random);

/// As Go prints a time.Duration: "30s", "1m4.5s", "10.25ms".
std::string go_duration(Duration duration);

}  // namespace racebed::experiments::august_2026
