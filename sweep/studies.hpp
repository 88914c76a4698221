// Grids of parameters that a figure is made of: how something depends on something else. A night runs them
// beside the scenarios.
#pragma once

#include <string>
#include <vector>

#include "sweep/plan.hpp"

namespace racebed::sweep {

struct Study {
  std::string name;
  std::string question;  // that it answers, in a sentence
  std::vector<std::string> scenarios;
  std::vector<std::string> subjects;  // those but the first are exhibits: shown, not judged
  std::vector<experiments::Setting> settings;
  std::vector<Axis> grid;
  std::uint64_t seeds_max = 0;  // of each cell, however many seeds the sweep has
};

const std::vector<Study>& studies();
/// Throws experiments::InputError that names those that there are.
const Study& study_named(const std::string& name);

}  // namespace racebed::sweep
