// The criteria of the staging-validation plan, one by one: what it asks, what was measured, and what the
// project itself reported by hand.
#pragma once

#include <string>
#include <vector>

#include "evidence/report/material.hpp"

namespace racebed::evidence {

enum class Holds { yes, no, not_measured };

struct Criterion {
  std::string part;  // of the plan: "100 notifications at once"
  std::string asked;
  Holds holds = Holds::not_measured;
  std::string measured;  // with the number of runs
  std::string by_hand;   // empty: nothing was reported
  std::string command;   // of a run that shows it; the first that breaks it, where one does
};

/// On the judged subject, over the scenarios as they stand, without settings of a study.
std::vector<Criterion> criteria(const Material& material);

/// "yes", "NO", "not measured".
std::string to_text(Holds holds);

}  // namespace racebed::evidence
