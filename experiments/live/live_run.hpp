// A scenario on real sockets and in real time: the same API server and Slack, the same subjects, the same
// invariants; each controller is an operating-system process, and killing it is kill -9. Not a pure function
// of anything: what it shows is that the simulation and the world agree.
#pragma once

#include <string>
#include <vector>

#include "experiments/run/run.hpp"

namespace racebed::experiments {

struct LiveRunSpec {
  const Scenario& scenario;
  const Subject& subject;
  std::string program;     // to start a controller with: this very program, see run_replica()
  bool show_logs = false;  // the controllers' log lines on standard error
};

/// Hashes and choices stay empty. Throws InputError when the scenario asks for what only a simulation can do,
/// and std::runtime_error when the machine refuses something.
RunResult execute_live(const LiveRunSpec& spec);

/// How two runs of one scenario agree: messages and final states of every notification that its user did not
/// delete.
struct Parity {
  std::size_t notifications = 0;
  std::size_t messages = 0;
  std::vector<std::string> differences;  // "n-3: messages to slack: 1 in the simulation, 2 live"
};
Parity compare(const RunResult& simulated, const RunResult& live);

}  // namespace racebed::experiments
