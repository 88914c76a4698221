// The only place where everything meets: builds the processes of a scenario on a kernel, wires the subject to
// the fake world, lets users and faults act, runs it, and says how it ended.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "experiments/scenario/scenario.hpp"
#include "experiments/subjects/subject.hpp"
#include "models/ledger/ledger.hpp"
#include "sim/kernel.hpp"

namespace racebed::experiments {

/// How a process stood at the end.
struct ProcessAccount {
  std::string process;
  std::string state;  // "running", "dead" ...
  sim::Accounts accounts;
};

/// What is true at the end, besides the ledger.
struct FinalState {
  Time begin;
  Time end;
  bool workload_done = false;                  // the users finished their plan within the time limit
  std::vector<models::JsonPtr> notifications;  // what the store holds
  std::vector<ProcessAccount> processes;
};

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

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace racebed::experiments
