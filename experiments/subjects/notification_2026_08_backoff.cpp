#include "experiments/subjects/notification_2026_08_backoff.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace racebed::experiments::august_2026 {
namespace {

/// "4.5" of 4,500,000,000 / 1,000,000,000: no zeros at the end.
std::string decimal(std::int64_t value, std::int64_t unit, int digits) {
  std::string text = fmt::format("{}.{:0{}}", value / unit, value % unit, digits);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

Duration backoff(const RetryPolicy& policy, std::int64_t attempt, Random& random) {
  if (attempt < 1) return policy.initial;
  Duration delay = policy.initial;
  for (std::int64_t i = 1; i < attempt && delay < policy.max; ++i)
    delay = std::min(delay * policy.multiplier, policy.max);
  const auto spread = static_cast<std::uint64_t>(delay.count() / 5);
  delay +=
      Duration{static_cast<std::int64_t>(random.below(spread + 1, "aug2026-backoff-jitter"))} - delay / 10;
  return std::min(std::max(delay, policy.initial), policy.max);
}

std::string go_duration(Duration duration) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t ns = duration.count();
  if (ns == 0) return "0s";
  if (ns < 1'000) return fmt::format("{}ns", ns);
  if (ns < 1'000'000) return decimal(ns, 1'000, 3) + "\u00b5s";
  if (ns < kSecond) return decimal(ns, 1'000'000, 6) + "ms";
  const std::int64_t minutes = ns / (60 * kSecond);
  const std::string seconds = decimal(ns % (60 * kSecond), kSecond, 9) + "s";
  if (minutes == 0) return seconds;
  if (minutes < 60) return fmt::format("{}m{}", minutes, seconds);
  return fmt::format("{}h{}m{}", minutes / 60, minutes % 60, seconds);
}

}  // namespace racebed::experiments::august_2026
