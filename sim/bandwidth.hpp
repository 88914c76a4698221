// How long a thin pipe takes: each way between two hosts passes so many bytes per second, and what is sent
// waits until what was sent before it is through. For weather that has a bandwidth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/time.hpp"

namespace racebed::sim {

class Bandwidth {
 public:
  /// Requires: bytes_per_second >= 1.
  explicit Bandwidth(std::uint64_t bytes_per_second);

  /// From `now` until the last of `bytes`, sent now, is through: a whole number of nanoseconds, rounded up.
  /// Requires: `now` does not go back on one way.
  Duration delay(std::string_view from, std::string_view to, std::size_t bytes, Time now);

 private:
  std::uint64_t bytes_per_second_;
  std::map<std::pair<std::string, std::string>, Time> busy_until_;  // by way
};

}  // namespace racebed::sim
