#include "runtime/random.hpp"

#include <fmt/format.h>

namespace racebed {

std::string uuid_v4(Random& random, Site site) {
  constexpr std::uint64_t k48Bits = std::uint64_t{1} << 48;
  const std::uint64_t a = random.below(k48Bits, site);
  const std::uint64_t b = random.below(1U << 12, site);
  const std::uint64_t c = random.below(1U << 14, site);
  const std::uint64_t d = random.below(k48Bits, site);
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", a >> 16, a & 0xffff, b, 0x8000 | c, d);
}

}  // namespace racebed
