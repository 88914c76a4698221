#include "sim/bandwidth.hpp"

#include <algorithm>

#include "runtime/assert.hpp"

namespace racebed::sim {

Bandwidth::Bandwidth(std::uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {
  RACEBED_ASSERT(bytes_per_second > 0, "something gets through");
}

Duration Bandwidth::delay(std::string_view from, std::string_view to, std::size_t bytes, Time now) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  // Whole seconds apart, so that no product overflows.
  const std::uint64_t seconds = bytes / bytes_per_second_;
  const std::uint64_t rest = bytes % bytes_per_second_;
  const std::uint64_t part = (rest * kSecond + bytes_per_second_ - 1) / bytes_per_second_;
  Time& busy = busy_until_[{std::string(from), std::string(to)}];
  busy = std::max(busy, now) + Duration{static_cast<std::int64_t>(seconds * kSecond + part)};
  return busy - now;
}

}  // namespace racebed::sim
