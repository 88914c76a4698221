// What differs between pairs of cells by more than chance: last night and tonight, two subjects, two
// guarantees.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "evidence/statistics/summary.hpp"

namespace racebed::evidence {

/// Two cells whose runs are held against each other; not null.
using Pair = std::pair<const CellSummary*, const CellSummary*>;

struct Difference {
  Pair pair;
  std::string quantity;  // "runs that violate", "runs that a guarantee allows", "latency_p95_us"
  std::string before;    // the first cell's, in words, with its interval
  std::string after;
  double p = 1;           // Fisher's exact test or Mann's and Whitney's, made good by Holm's for their number
  bool is_worse = false;  // the second has more of it
  bool is_of_rate = true;  // else of how much
};

/// Those whose p is below `real`, the most certain first. `compared` becomes the number of comparisons.
std::vector<Difference> differences(const std::vector<Pair>& pairs, double real, std::size_t& compared);

}  // namespace racebed::evidence
