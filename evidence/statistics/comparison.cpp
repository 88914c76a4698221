#include "evidence/statistics/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

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

/// How many values from `at` on are `value`; `at` is then behind them.
std::size_t count_equal(std::span<const std::int64_t> values, std::int64_t value, std::size_t& at) {
  const std::size_t first = at;
  while (at < values.size() && values[at] == value) ++at;
  return at - first;
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

double mann_whitney(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
  if (a.empty() || b.empty()) return 1;
  const auto n_a = static_cast<double>(a.size());
  const auto n_b = static_cast<double>(b.size());
  const double n = n_a + n_b;
  double ranks_of_a = 0;
  double ties = 0;
  double before = 0;  // values that are smaller
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    const std::int64_t value = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
    const std::size_t of_a = count_equal(a, value, i);
    const auto here = static_cast<double>(of_a + count_equal(b, value, j));
    ranks_of_a += static_cast<double>(of_a) * (before + (here + 1) / 2);
    ties += here * here * here - here;
    before += here;
  }
  const double u = ranks_of_a - n_a * (n_a + 1) / 2;
  const double variance = n_a * n_b / 12 * (n + 1 - ties / (n * (n - 1)));
  if (!(variance > 0)) return 1;  // all values are equal
  const double z = std::max(std::abs(u - n_a * n_b / 2) - 0.5, 0.0) / std::sqrt(variance);
  return std::erfc(z / std::sqrt(2.0));
}

std::vector<double> holm(const std::vector<double>& chances) {
  std::vector<std::size_t> order(chances.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return chances[a] < chances[b]; });
  std::vector<double> adjusted(chances.size());
  double greatest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto left = static_cast<double>(order.size() - i);
    greatest = std::max(greatest, std::min(1.0, chances[order[i]] * left));
    adjusted[order[i]] = greatest;
  }
  return adjusted;
}

double Discovery::chance_of_new() const {
  if (runs == 0) return 1;
  const auto once =
      std::count_if(seen.begin(), seen.end(), [](const auto& kind) { return kind.second == 1; });
  return static_cast<double>(once) / static_cast<double>(runs);
}

}  // namespace racebed::evidence
