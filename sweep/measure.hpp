// What is kept of a run.
#pragma once

#include <string>
#include <vector>

#include "evidence/store/database.hpp"
#include "experiments/run/run.hpp"

namespace racebed::sweep {

/// The invariants as a database names them, in the order of a run's verdicts.
std::vector<evidence::InvariantName> invariant_names();

/// The row of a finished run; its cell is left 0. Measures: delivered, slack_requests, connections, moments;
/// latency_{p50,p95,p99,max}_us from creation to each delivery; failover_us where a leader died;
/// tasks_peak, sockets_peak, bytes_peak of the busiest controller.
evidence::Run measured(const experiments::RunResult& run);

/// A violation's words without names and numbers: "# was delivered to slack again, # ms after the first
/// time".
std::string kind_of(const std::string& what);

}  // namespace racebed::sweep
