#include "evidence/statistics/interval.hpp"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>

#include "runtime/assert.hpp"

namespace racebed::evidence {

Interval clopper_pearson(std::uint64_t events, std::uint64_t n, double confidence) {
  RACEBED_ASSERT(events <= n, "no more events than runs");
  RACEBED_ASSERT(confidence > 0 && confidence < 1, "a confidence lies between 0 and 1");
  if (n == 0) return {0, 1};
  const double tail = (1 - confidence) / 2;
  const auto k = static_cast<double>(events);
  const auto m = static_cast<double>(n);
  Interval interval{0, 1};
  if (events > 0) interval.low = boost::math::quantile(boost::math::beta_distribution<>(k, m - k + 1), tail);
  if (events < n)
    interval.high =
        boost::math::quantile(boost::math::complement(boost::math::beta_distribution<>(k + 1, m - k), tail));
  return interval;
}

double zero_upper_bound(std::uint64_t n, double confidence) {
  RACEBED_ASSERT(confidence > 0 && confidence < 1, "a confidence lies between 0 and 1");
  if (n == 0) return 1;
  return -std::expm1(std::log1p(-confidence) / static_cast<double>(n));
}

Percentile percentile(std::span<const std::int64_t> sorted, double p, double confidence) {
  RACEBED_ASSERT(!sorted.empty(), "a percentile is of something");
  RACEBED_ASSERT(p >= 0 && p <= 100, "a percentile is between 0 and 100");
  const auto n = static_cast<std::int64_t>(sorted.size());
  const auto at = [&](double rank) {  // ranks are from 1
    return sorted[static_cast<std::size_t>(std::clamp<std::int64_t>(static_cast<std::int64_t>(rank), 1, n) -
                                           1)];
  };
  Percentile result;
  result.value = at(std::ceil(p / 100 * static_cast<double>(n)));
  result.low = sorted.front();
  result.high = sorted.back();
  if (p <= 0 || p >= 100) return result;
  // How many values lie below the percentile is binomial.
  const boost::math::binomial_distribution<> below(static_cast<double>(n), p / 100);
  const double tail = (1 - confidence) / 2;
  result.low = at(std::floor(boost::math::quantile(below, tail)));
  result.high = at(std::ceil(boost::math::quantile(boost::math::complement(below, tail))) + 1);
  return result;
}

}  // namespace racebed::evidence
