// The numbers of several cells, put together: of a risk, of a part of the plan.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "evidence/report/material.hpp"

namespace racebed::evidence {

struct Sum {
  std::uint64_t runs = 0;
  std::uint64_t reached = 0;  // the dangerous moment; all runs where there is none
  std::uint64_t violated = 0;
  std::string level, likelihood, impact, source;  // of the cell with the greatest level
  std::set<std::string> scenarios;
  std::string command;  // brings back the first failure; else a run, to be looked at
  bool has_failure = false;
  std::vector<std::string> failures;  // a few commands, the first of different invariants
};

Sum sum_of(const std::vector<const CellSummary*>& cells);

/// 3 for high, 2, 1, and 0 for very low or none.
int rank(const std::string& level);

/// How one invariant fared.
struct InvariantSum {
  std::uint64_t reached = 0;  // runs that put it to the test
  std::uint64_t allowed = 0;  // by the subject's declared guarantee: no violations
  std::uint64_t violated = 0;
  std::string command;  // brings back the first violation; else a run that puts it to the test
};

InvariantSum sum_of_invariant(const std::vector<const CellSummary*>& cells, const std::string& invariant);

}  // namespace racebed::evidence
