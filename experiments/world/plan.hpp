// A scenario's workload as a plan for its user; the same in simulation and on real sockets.
#pragma once

#include "experiments/scenario/scenario.hpp"
#include "models/users/plan.hpp"

namespace racebed::experiments {

/// The namespace in which users work.
inline constexpr const char* kUserNamespace = "default";

models::Plan plan_of(const WorkloadOptions& workload);

}  // namespace racebed::experiments
