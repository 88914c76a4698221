// A scenario's faults and moment in the terms of faults/: what no single key of a file can say is checked
// here.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "experiments/scenario/scenario.hpp"
#include "faults/plan.hpp"

namespace racebed::experiments {

/// Draws one value of a range.
using DrawCount = std::function<std::uint64_t(const CountRange&)>;

/// Throws InputError, beginning with `where`, when a fault is given what it does not have.
std::vector<faults::FaultPlan> fault_plans(const Scenario& scenario, const std::string& where,
                                           const DrawCount& draw);
faults::Condition condition_of(const ConditionOptions& options, const DrawCount& draw);

}  // namespace racebed::experiments
