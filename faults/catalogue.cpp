#include "faults/catalogue.hpp"

namespace racebed::faults {

const std::vector<FaultInfo>& catalogue() {
  static const std::vector<FaultInfo> all = {
      {"process-kill", "process",
       "a container is killed (out of memory, node drained, kill -9): no statement runs after it, peers see "
       "a reset",
       "target: leader or a process's name; when: trigger or drawn"},
      {"process-power-loss", "process",
       "a node loses its power: as a kill, but peers hear nothing and unsynced files are gone",
       "target: leader or a process's name; when: trigger or drawn"},
  };
  return all;
}

}  // namespace racebed::faults
