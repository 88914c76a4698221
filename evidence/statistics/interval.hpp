// What may be said of a rate, or of a percentile, after n runs.
#pragma once

#include <cstdint>
#include <span>

namespace racebed::evidence {

/// Of a quantity: the smallest and greatest values that the data do not contradict.
struct Interval {
  double low = 0;
  double high = 0;
};

/// The exact interval for a rate after `events` in `n` independent runs, at `confidence` (0 to 1, exclusive;
/// each side gets half of what is left). n = 0: 0 to 1. C. J. Clopper and E. S. Pearson, "The use of
/// confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26 (1934).
Interval clopper_pearson(std::uint64_t events, std::uint64_t n, double confidence = 0.95);

/// The greatest rate that 0 in `n` runs do not contradict, one-sided: 1 - (1 - confidence)^(1/n). About
/// 3/n at 95 %.
double zero_upper_bound(std::uint64_t n, double confidence = 0.95);

/// The p-th percentile of sorted values by nearest rank (p from 0 to 100), and an interval for it from order
/// statistics, without an assumption about the distribution: W. J. Conover, "Practical Nonparametric
/// Statistics", 3rd ed., section 3.2. Too few values: the least and the greatest.
struct Percentile {
  std::int64_t value = 0;
  std::int64_t low = 0;
  std::int64_t high = 0;
};
/// Requires at least one value, in ascending order.
Percentile percentile(std::span<const std::int64_t> sorted, double p, double confidence = 0.95);

}  // namespace racebed::evidence
