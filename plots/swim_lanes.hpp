// One run as a time line: a lane for each process, messages as arrows, faults and violations marked.
#pragma once

#include <string>
#include <vector>

#include "evidence/store/portrait.hpp"
#include "plots/figure.hpp"

namespace racebed::plots {

/// Time runs downwards, a row for each moment, with the virtual time beside it: what takes milliseconds stays
/// readable beside what takes minutes. A run with more moments than fit shows those around its first
/// violation, else its first death or fault, else its begin, and says how many it leaves out.
Figure swim_lanes(const evidence::Portrait& portrait, const std::string& title,
                  const std::string& id = "one-run");

/// What one row of it shows; the figure without its drawing.
struct LaneRow {
  std::int64_t at_us = 0;
  std::string from;  // the lane; for a bar across all lanes, "world"
  std::string to;    // of a message; else empty
  std::string kind;  // as in the portrait; "skipped": so many moments are left out
  std::string text;
  std::uint64_t times = 1;  // the same again, without anything between
};
std::vector<LaneRow> lane_rows(const evidence::Portrait& portrait);

}  // namespace racebed::plots
