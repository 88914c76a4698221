// What is kept of a run.
#pragma once

#include <string>
#include <vector>

#include "evidence/store/database.hpp"
#include "experiments/run/run.hpp"

namespace racebed::sweep {

/// The invariants as a database names them, in the order of a run's verdicts.
std::vector<evidence::InvariantName> invariant_names();

/// The row of a finished run; its cell is left 0. Measures, each a number of the whole run:
///   created, delivered, duplicates     notifications asked for; deliveries, and those of them that came
///   again slack_requests, connections        of Slack; tls_refused of these broke off in the handshake
///   latency_{p50,p95,p99,max}_us       from creation to each delivery; the sample latency_us has all of them
///   failover_us                        where a leader ended: until another led; kill_us from the first
///                                      message that Slack had of anybody to the first kill
///   tasks_peak, sockets_peak, bytes_peak, tasks_growth, bytes_growth   of the busiest controller; growth is
///                                      from the workload's begin to the end
///   phase_sent, phase_partially_sent, phase_failed, phase_other        notifications at the end
///   attempts                           that their statuses tell of
///   breaker_opened                     times that a scrape found a breaker open which was not before
evidence::Run measured(const experiments::RunResult& run);

/// A violation's words without names and numbers: "# was delivered to slack again, # ms after the first
/// time".
std::string kind_of(const std::string& what);

}  // namespace racebed::sweep
