// The only place where everything meets: builds the processes of a scenario on a kernel, wires the subject to
// the fake world, lets users and faults act, runs it, and says how it ended.
#pragma once

#include <memory>
#include <string>

#include "experiments/scenario/scenario.hpp"
#include "experiments/subjects/subject.hpp"
#include "experiments/world/final_state.hpp"
#include "models/ledger/ledger.hpp"
#include "sim/kernel.hpp"

namespace racebed::experiments {

/// A world for one run. Built from a scenario on a fresh kernel; run() once.
class World {
 public:
  /// `log_lines` hears of each line that a controller logs ("controller-0: ..."); may be null.
  using LogLines = std::function<void(std::string_view process, std::string_view line)>;
  World(sim::Kernel& kernel, const Scenario& scenario, const Subject& subject, models::Ledger& ledger,
        LogLines log_lines);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  FinalState run();
  /// Why the run ended. After run().
  sim::StopReason stop_reason() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace racebed::experiments
