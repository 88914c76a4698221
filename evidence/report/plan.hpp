// The staging-validation plan and the risk assessment that it rests on (both of 2025-11-29): their risks and
// ratings, in their own words. What was measured stands beside them.
#pragma once

#include <string>
#include <vector>

#include "evidence/report/material.hpp"

namespace racebed::evidence {

struct PlannedRisk {
  std::string number;  // "A1" to "A4", "1" to "29"
  std::string what;
  std::string likelihood;
  std::string impact;
  std::string level;
  std::string source;                   // how a scenario's source names it
  std::vector<std::string> invariants;  // that decide whether it came true
};

/// The four of the staging plan, then the 29 missing tests.
const std::vector<PlannedRisk>& planned_risks();

/// The judged cells whose scenarios say that they are about this risk, as they stand: with a study's settings
/// they are other worlds.
std::vector<const CellSummary*> cells_of(const Material& material, const PlannedRisk& risk);
/// Whether a scenario's source names any of them.
bool is_planned(const std::string& source);

}  // namespace racebed::evidence
