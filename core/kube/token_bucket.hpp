// A token bucket that reserves, as golang.org/x/time/rate does: a request takes its token at once, from the
// future if need be, and is told how long to wait for it. Whole nanoseconds, no floating point.
#pragma once

#include <algorithm>
#include <chrono>

#include "runtime/time.hpp"

namespace racebed::kube {

class TokenBucket {
 public:
  /// per_second <= 0: no limit. burst >= 1 otherwise.
  TokenBucket(int per_second, int burst)
      : interval_(per_second > 0 ? Duration{std::chrono::seconds{1}} / per_second : Duration{0}),
        tolerance_(interval_ * std::max(burst, 1)) {}

  /// How long the caller must wait from `now`; 0 while tokens are there. `now` never goes back.
  Duration reserve(Instant now) {
    if (interval_ == Duration{0}) return Duration{0};
    full_at_ = std::max(full_at_, now) + interval_;
    return std::max(full_at_ - tolerance_ - now, Duration{0});
  }

 private:
  Duration interval_;   // one token
  Duration tolerance_;  // burst tokens
  Instant full_at_{};   // when the bucket will be full if nobody takes more
};

}  // namespace racebed::kube
