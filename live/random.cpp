#include "live/random.hpp"

#include <sys/random.h>

#include "runtime/assert.hpp"

namespace racebed::live {

std::uint64_t SystemRandom::next() {
  if (used_ == drawn_.size()) {
    const auto bytes = static_cast<ssize_t>(sizeof drawn_);
    RACEBED_ASSERT(getrandom(drawn_.data(), sizeof drawn_, 0) == bytes, "the system gives random numbers");
    used_ = 0;
  }
  return drawn_[used_++];
}

std::uint64_t SystemRandom::below(std::uint64_t n, Site) {
  RACEBED_ASSERT(n >= 1, "a draw has at least one outcome");
  // Values at the top that would make low outcomes likelier are drawn again.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % n;
  std::uint64_t value = next();
  while (value >= limit) value = next();
  return value % n;
}

}  // namespace racebed::live
