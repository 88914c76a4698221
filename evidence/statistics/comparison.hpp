// Whether two sets of runs differ, and what more runs would bring.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace racebed::evidence {

struct Counts {
  std::uint64_t events = 0;
  std::uint64_t n = 0;
};

/// The chance that two samples of one rate differ at least as much as these: Fisher's exact test, two-sided
/// (the sum of all tables no more likely than this one). R. A. Fisher, "On the interpretation of chi^2 from
/// contingency tables", J. Royal Statistical Society 85 (1922). 1 where one has no runs.
double fisher_exact(Counts a, Counts b);

/// The chance that two samples of one distribution differ at least as much in their ranks as these: the test
/// of H. B. Mann and D. R. Whitney, "On a test of whether one of two random variables is stochastically
/// larger than the other", Annals of Mathematical Statistics 18 (1947), two-sided, by the normal
/// approximation with its corrections for ties and continuity: good from about eight values each. 1 where one
/// has none. Both in ascending order.
double mann_whitney(std::span<const std::int64_t> a, std::span<const std::int64_t> b);

/// Chances of single comparisons, made good for there being many: the chance that any of them that is below
/// its new value is a false alarm is no greater than that. S. Holm, "A simple sequentially rejective multiple
/// test procedure", Scandinavian Journal of Statistics 6 (1979).
std::vector<double> holm(const std::vector<double>& chances);

/// What runs showed, in the order of their seeds: for each the kinds of failure it had.
struct Discovery {
  std::uint64_t runs = 0;
  std::map<std::string, std::uint64_t> seen{};   // by kind: in how many runs
  std::map<std::string, std::uint64_t> first{};  // by kind: in which run first, counted from 1
  /// The chance that the next run shows a kind that none has shown: kinds seen once, by runs. I. J. Good,
  /// "The population frequencies of species and the estimation of population parameters", Biometrika 40
  /// (1953).
  double chance_of_new() const;
};

}  // namespace racebed::evidence
