// Faults that end a process.
#pragma once

#include <string>

#include "faults/leader.hpp"
#include "models/ledger/ledger.hpp"
#include "sim/kernel.hpp"

namespace racebed::faults {

enum class ProcessFault { kill, power_loss };

/// The process that `target` names now: "leader" is the one whose lease it is (its name begins the holder's
/// identity). Null if there is none.
sim::Process* find_target(sim::Kernel& kernel, const std::string& target, const LeaseHolder& leader);

/// Ends `process` and records that the fault fired, with `occasion` in words. Nothing if it does not run.
void end_process(sim::Process& process, ProcessFault fault, const std::string& occasion,
                 models::Ledger& ledger);

}  // namespace racebed::faults
