// What is true at the end of a run, besides the ledger.
#pragma once

#include <string>
#include <vector>

#include "models/ledger/fact.hpp"
#include "runtime/time.hpp"
#include "sim/process.hpp"

namespace racebed::experiments {

/// How a process stood at the end.
struct ProcessAccount {
  std::string process;
  std::string state;  // "running", "dead" ...
  sim::Accounts accounts;
};

struct FinalState {
  Time begin;
  Time end;
  bool workload_done = false;                  // the users finished their plan within the time limit
  std::uint64_t moments = 0;                   // how often the scenario's dangerous moment came
  std::vector<models::JsonPtr> notifications;  // what the store holds
  std::vector<ProcessAccount> processes;
};

}  // namespace racebed::experiments
