// Which process a fault's target means.
#pragma once

#include <string>

#include "faults/leader.hpp"
#include "sim/kernel.hpp"

namespace racebed::faults {

/// The process that `target` names now: "leader" is the one whose lease it is (its name begins the holder's
/// identity). Null if there is none.
sim::Process* find_target(sim::Kernel& kernel, const std::string& target, const LeaseHolder& leader);

}  // namespace racebed::faults
