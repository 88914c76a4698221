// Whether two sets of runs differ, and what more runs would bring.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace racebed::evidence {

struct Counts {
  std::uint64_t events = 0;
  std::uint64_t n = 0;
};

/// The chance that two samples of one rate differ at least as much as these: Fisher's exact test, two-sided
/// (the sum of all tables no more likely than this one). R. A. Fisher, "On the interpretation of chi^2 from
/// contingency tables", J. Royal Statistical Society 85 (1922). 1 where one has no runs.
double fisher_exact(Counts a, Counts b);

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
