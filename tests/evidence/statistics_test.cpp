#include <rapidcheck.h>
#include <algorithm>
#include <catch2/catch.hpp>

#include "evidence/statistics/comparison.hpp"
#include "evidence/statistics/interval.hpp"

using namespace racebed::evidence;

TEST_CASE("an exact interval for a rate is Clopper and Pearson's") {
  // Solved from the binomial sums in exact arithmetic.
  struct Row {
    std::uint64_t events, n;
    double low, high;
  };
  for (const Row& row :
       {Row{0, 0, 0, 1}, Row{0, 10, 0, 0.3084971078}, Row{5, 10, 0.1870860284, 0.8129139716},
        Row{10, 10, 0.6915028922, 1}, Row{3, 400, 0.0015493589, 0.0217606685}, Row{1, 1, 0.025, 1}}) {
    CAPTURE(row.events, row.n);
    const Interval interval = clopper_pearson(row.events, row.n);
    CHECK(interval.low == Approx(row.low).margin(1e-9));
    CHECK(interval.high == Approx(row.high).margin(1e-9));
  }
}

TEST_CASE("none in n runs bounds the rate from above") {
  CHECK(zero_upper_bound(0) == 1);
  CHECK(zero_upper_bound(100) == Approx(0.02951304961));
  CHECK(zero_upper_bound(2000) == Approx(0.00149674490));
  CHECK(zero_upper_bound(100'000'000) == Approx(3.0e-8).epsilon(0.01));  // the rule of three
}

TEST_CASE("intervals: laws") {
  rc::check("an interval contains the rate that was seen, and more runs make it narrower", [] {
    const auto n = *rc::gen::inRange<std::uint64_t>(1, 2000);
    const auto events = *rc::gen::inRange<std::uint64_t>(0, n + 1);
    const Interval few = clopper_pearson(events, n);
    const Interval many = clopper_pearson(events * 10, n * 10);
    const double seen = static_cast<double>(events) / static_cast<double>(n);
    RC_ASSERT(few.low <= seen && seen <= few.high);
    RC_ASSERT(many.high - many.low <= few.high - few.low + 1e-12);
    RC_ASSERT(clopper_pearson(n - events, n).low == Approx(1 - few.high).margin(1e-9));
  });
  rc::check("a percentile is a value that was seen, within its interval, and percentiles rise", [] {
    auto values = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::int64_t>>());
    std::sort(values.begin(), values.end());
    const auto p = *rc::gen::inRange(0, 100);
    const Percentile here = percentile(values, p);
    RC_ASSERT(std::binary_search(values.begin(), values.end(), here.value));
    RC_ASSERT(here.low <= here.value && here.value <= here.high);
    RC_ASSERT(here.value <= percentile(values, p + 1).value);
  });
}

TEST_CASE("percentiles are by nearest rank") {
  const std::vector<std::int64_t> ten{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  CHECK(percentile(ten, 50).value == 5);
  CHECK(percentile(ten, 90).value == 9);
  CHECK(percentile(ten, 99).value == 10);
  CHECK(percentile(ten, 0).value == 1);
  CHECK(percentile(std::vector<std::int64_t>{7}, 99).value == 7);
}

TEST_CASE("whether two rates differ: Fisher's exact test") {
  CHECK(fisher_exact({3, 4}, {1, 4}) == Approx(0.4857142857));  // the lady tasting tea, two-sided
  CHECK(fisher_exact({1, 10}, {9, 10}) == Approx(0.00109333391));
  CHECK(fisher_exact({0, 20}, {5, 20}) == Approx(0.04712404712));
  CHECK(fisher_exact({0, 1000}, {8, 1000}) == Approx(0.00770348085));
  CHECK(fisher_exact({0, 0}, {3, 5}) == 1);
  CHECK(fisher_exact({2, 10}, {2, 10}) == Approx(1));
  rc::check("it does not matter which is which", [] {
    const auto n = *rc::gen::inRange<std::uint64_t>(1, 300);
    const auto m = *rc::gen::inRange<std::uint64_t>(1, 300);
    const Counts a{*rc::gen::inRange<std::uint64_t>(0, n + 1), n};
    const Counts b{*rc::gen::inRange<std::uint64_t>(0, m + 1), m};
    RC_ASSERT(fisher_exact(a, b) == Approx(fisher_exact(b, a)));
    RC_ASSERT(fisher_exact(a, b) >= 0);
  });
}

TEST_CASE("whether two sets of values differ: Mann's and Whitney's test") {
  using Values = std::vector<std::int64_t>;
  // Two-sided, normal approximation with continuity correction, worked out by hand.
  CHECK(mann_whitney(Values{1, 2, 3, 4, 5}, Values{6, 7, 8, 9, 10}) == Approx(0.0121857).epsilon(1e-4));
  CHECK(mann_whitney(Values{1, 1, 2, 2}, Values{1, 1, 2, 2}) == Approx(1));
  CHECK(mann_whitney(Values{5, 5, 5}, Values{5, 5}) == 1);
  CHECK(mann_whitney(Values{}, Values{5}) == 1);
  rc::check("it does not matter which is which, nor how far apart values are", [] {
    auto a = *rc::gen::container<Values>(rc::gen::inRange<std::int64_t>(0, 50));
    auto b = *rc::gen::container<Values>(rc::gen::inRange<std::int64_t>(0, 50));
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    const double p = mann_whitney(a, b);
    RC_ASSERT(p >= 0 && p <= 1);
    RC_ASSERT(mann_whitney(b, a) == Approx(p));
    for (Values* values : {&a, &b}) {
      for (std::int64_t& value : *values) value = value * value + 1;
    }
    RC_ASSERT(mann_whitney(a, b) == Approx(p));
  });
}

TEST_CASE("many comparisons: Holm's correction") {
  const std::vector<double> adjusted = holm({0.01, 0.04, 0.03, 0.005});
  CHECK(adjusted[0] == Approx(0.03));
  CHECK(adjusted[1] == Approx(0.06));
  CHECK(adjusted[2] == Approx(0.06));
  CHECK(adjusted[3] == Approx(0.02));
  CHECK(holm({}).empty());
  CHECK(holm({0.9, 0.8})[0] == 1);
}

TEST_CASE("the chance of something new: kinds seen once, by runs") {
  CHECK(Discovery{}.chance_of_new() == 1);
  CHECK(Discovery{100, {}}.chance_of_new() == 0);
  CHECK(Discovery{100, {{"a", 1}, {"b", 7}, {"c", 1}}}.chance_of_new() == Approx(0.02));
}
