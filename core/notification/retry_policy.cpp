#include "core/notification/retry_policy.hpp"

#include <algorithm>

#include "runtime/assert.hpp"

namespace racebed::notification {

Duration backoff(const RetryPolicy& policy, int attempt, std::uint64_t jitter) {
  RACEBED_ASSERT(jitter < kJitterSteps, "jitter is drawn below kJitterSteps");
  const Duration max = policy.max;
  const Duration min = std::min<Duration>(policy.initial, max);
  Duration delay = min;
  for (int i = 1; i < attempt && delay < max; ++i) delay = std::min(max, delay * policy.multiplier);
  constexpr std::int64_t kHalf = (static_cast<std::int64_t>(kJitterSteps) - 1) / 2;
  const std::int64_t per_mille_x10 = static_cast<std::int64_t>(jitter) - kHalf;  // -1000..1000: ±10 %
  delay += delay / (10 * kHalf) * per_mille_x10;
  return std::clamp(delay, min, max);
}

Time next_attempt(const RetryPolicy& policy, int attempt, std::uint64_t jitter, Time failed_at,
                  std::optional<Duration> retry_after, Duration retry_after_max) {
  Duration delay = backoff(policy, attempt, jitter);
  if (retry_after) delay = std::max(delay, std::min(*retry_after, retry_after_max));
  return Time(std::chrono::ceil<std::chrono::seconds>((failed_at + delay).time_since_epoch()));
}

}  // namespace racebed::notification
