// A scenario's workload as a plan for its user; the same in simulation and on real sockets.
#pragma once

#include "experiments/scenario/scenario.hpp"
#include "models/users/plan.hpp"

namespace racebed::experiments {

/// The namespace in which users work.
inline constexpr const char* kUserNamespace = "default";

/// The part of user number `user`, from 0.
models::Plan plan_of(const WorkloadOptions& workload, std::uint64_t user = 0);
/// The spec of its notifications; several when they differ, each has the next.
std::vector<models::JsonPtr> specs_of(const WorkloadOptions& workload);

}  // namespace racebed::experiments
