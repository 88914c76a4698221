// What a sweep runs: cells (a scenario, a subject, settings) and a range of seeds for each.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "evidence/store/rows.hpp"
#include "experiments/scenario/load.hpp"

namespace racebed::sweep {

/// One value of the scenario, and the values it takes in turn: {"workload.cycles", {"1", "5"}}.
using Axis = std::pair<std::string, std::vector<std::string>>;

/// Half-open: first to end - 1.
struct Seeds {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

struct PlanOptions {
  std::vector<std::string> scenarios;  // names or paths
  std::vector<std::string> studies;    // names (sweep/studies.hpp), beside the scenarios
  std::vector<std::string> subjects;   // empty: each scenario's own
  std::vector<experiments::Setting> settings;
  std::vector<Axis> grid;  // every combination
  Seeds seeds;
  std::uint64_t shard = 0;  // which of `shards` parts: cells and seeds are dealt out in turn
  std::uint64_t shards = 1;
};

struct PlannedCell {
  evidence::Cell cell;
  std::string scenario;  // name or path, as the worker loads it
  std::vector<experiments::Setting> settings;
  std::vector<std::uint64_t> seeds;  // in order
};

/// The cells in the order of the command line, then those of studies, the canary last: create-delete-create
/// with the controller of 2025-11, which must be caught. Throws experiments::InputError for whatever cannot
/// be run.
std::vector<PlannedCell> make_plan(const PlanOptions& options);

/// " --set workload.cycles=3", in quotes where a shell needs them.
std::string settings_text(const std::vector<experiments::Setting>& settings);

}  // namespace racebed::sweep
