#include "evidence/statistics/comparison.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/assert.hpp"

namespace racebed::evidence {

namespace {

/// ln(n!) for whole n.
double log_factorial(std::uint64_t n) {
  return std::lgamma(static_cast<double>(n) + 1);
}

/// The logarithm of the chance of `k` events in a, given the sums.
double log_chance(std::uint64_t k, std::uint64_t events, std::uint64_t n_a, std::uint64_t n_b) {
  const auto choose = [](std::uint64_t n, std::uint64_t m) {
    return log_factorial(n) - log_factorial(m) - log_factorial(n - m);
  };
  return choose(n_a, k) + choose(n_b, events - k) - choose(n_a + n_b, events);
}

}  // namespace

double fisher_exact(Counts a, Counts b) {
  RACEBED_ASSERT(a.events <= a.n && b.events <= b.n, "no more events than runs");
  if (a.n == 0 || b.n == 0) return 1;
  const std::uint64_t events = a.events + b.events;
  const std::uint64_t least = events > b.n ? events - b.n : 0;
  const std::uint64_t most = std::min(events, a.n);
  const double here = log_chance(a.events, events, a.n, b.n);
  constexpr double kEqual = 1e-7;  // of logarithms: equal tables must count as equal
  double sum = 0;
  for (std::uint64_t k = least; k <= most; ++k) {
    const double chance = log_chance(k, events, a.n, b.n);
    if (chance <= here + kEqual) sum += std::exp(chance);
  }
  return std::min(sum, 1.0);
}

double Discovery::chance_of_new() const {
  if (runs == 0) return 1;
  const auto once =
      std::count_if(seen.begin(), seen.end(), [](const auto& kind) { return kind.second == 1; });
  return static_cast<double>(once) / static_cast<double>(runs);
}

}  // namespace racebed::evidence
