// Results for programs that build other programs.
#pragma once

#include <string>
#include <vector>

#include "evidence/statistics/summary.hpp"

namespace racebed::cli {

/// JUnit XML: a suite for each cell, a case for each invariant that some run reached.
std::string junit_xml(const std::vector<evidence::CellSummary>& cells);
/// The same as JSON, with exact intervals.
std::string summary_json(const std::vector<evidence::CellSummary>& cells);

}  // namespace racebed::cli
