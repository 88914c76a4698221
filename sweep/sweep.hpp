// A sweep: everything of a plan that is not in the database yet is run and put there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "evidence/store/database.hpp"
#include "sweep/plan.hpp"
#include "sweep/pool.hpp"

namespace racebed::sweep {

struct SweepOptions {
  PoolOptions pool;
  evidence::Stamp stamp;
  std::size_t task_seeds = 8;  // of one task: small, so that the last ones end together
};

struct Progress {
  std::uint64_t planned = 0;
  std::uint64_t there = 0;     // were in the database before
  std::uint64_t done = 0;      // are now
  std::uint64_t violated = 0;  // of those that are done and judged
};

/// Runs what is missing. `report` hears of the progress at least every quarter of a second, and may end the
/// sweep by giving false; what is finished stays. Afterwards failures that have no record get one. True: the
/// plan is done.
bool run_sweep(evidence::Database& database, const std::vector<PlannedCell>& plan,
               const SweepOptions& options, const std::function<bool(const Progress&)>& report);

}  // namespace racebed::sweep
