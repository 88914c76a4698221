#include "faults/process_faults.hpp"

#include <fmt/format.h>

namespace racebed::faults {

sim::Process* find_target(sim::Kernel& kernel, const std::string& target, const LeaseHolder& leader) {
  if (target != "leader") return kernel.find_process(target);
  for (const auto& process : kernel.processes()) {
    if (!leader.identity().empty() && leader.identity().starts_with(std::string(process->name()) + "_"))
      return process.get();
  }
  return nullptr;
}

void end_process(sim::Process& process, ProcessFault fault, const std::string& occasion,
                 models::Ledger& ledger) {
  if (process.state() != sim::ProcessState::running && process.state() != sim::ProcessState::paused) return;
  const char* id = fault == ProcessFault::kill ? "process-kill" : "process-power-loss";
  ledger.record({std::string(process.name()), process.incarnation()},
                models::FaultFired{id, fmt::format("{}, {}", process.name(), occasion)});
  if (fault == ProcessFault::kill) {
    process.kill();
  } else {
    process.power_loss();
  }
}

}  // namespace racebed::faults
