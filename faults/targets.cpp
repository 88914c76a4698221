#include "faults/targets.hpp"

namespace racebed::faults {

sim::Process* find_target(sim::Kernel& kernel, const std::string& target, const LeaseHolder& leader) {
  if (target != "leader") return kernel.find_process(target);
  for (const auto& process : kernel.processes()) {
    if (!leader.identity().empty() && leader.identity().starts_with(std::string(process->name()) + "_"))
      return process.get();
  }
  return nullptr;
}

}  // namespace racebed::faults
