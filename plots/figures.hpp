// Every figure of a report, one file each: FIGURE.cpp. Each says in words what its database lacks, where it
// lacks it.
#pragma once

#include <string>
#include <vector>

#include "evidence/report/material.hpp"
#include "plots/figure.hpp"

namespace racebed::plots {

/// How long from creation to delivery: all deliveries of the load scenarios.
Figure latency(const evidence::Material& material);
/// The same, its percentiles against how many notifications come at once.
Figure latency_against_load(const evidence::Material& material);
/// Memory, tasks and connections of one run, over virtual time.
Figure resources(const evidence::Material& material);
/// How many connections are opened for how many deliveries.
Figure connections(const evidence::Material& material);
/// How long nobody led after a leader ended.
Figure failover(const evidence::Material& material);
/// The chance of a second delivery against the gap between delete and create, and the cache's lag.
Figure duplicate_window(const evidence::Material& material);
/// The chance of a second and of a lost delivery against the moment of the leader's death.
Figure kill_moment(const evidence::Material& material);
/// What becomes of notifications, breaker and attempts, for each TLS fault.
Figure tls_faults(const evidence::Material& material);
/// The circuit breaker over virtual time.
Figure breaker(const evidence::Material& material);
/// Kinds of failure found, against runs.
Figure discovery(const evidence::Material& material);
/// Violations and runs, sweep after sweep.
Figure trend(const evidence::Material& material);
/// A run of the report's database as lanes: one that violates something, or the canary's.
Figure one_run(const evidence::Material& material);

/// The same of a run in which the leader is killed, by the judged subject.
Figure leader_death(const evidence::Material& material);

/// All of these, in the order of a report.
std::vector<Figure> figures(const evidence::Material& material);

}  // namespace racebed::plots
