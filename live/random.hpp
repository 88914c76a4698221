// The operating system's random numbers behind runtime/'s Random. Private to live/.
#pragma once

#include <array>
#include <cstddef>

#include "runtime/random.hpp"

namespace racebed::live {

class SystemRandom final : public Random {
 public:
  std::uint64_t below(std::uint64_t n, Site site) override;

 private:
  std::uint64_t next();
  std::array<std::uint64_t, 64> drawn_{};
  std::size_t used_ = drawn_.size();
};

}  // namespace racebed::live
