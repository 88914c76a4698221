// A database in numbers: for each cell and invariant, how many runs there were and how they went.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "evidence/statistics/comparison.hpp"
#include "evidence/store/database.hpp"

namespace racebed::evidence {

struct InvariantSummary {
  std::string id;
  std::uint64_t held = 0;
  std::uint64_t allowed = 0;
  std::uint64_t violated = 0;
  std::uint64_t first_seed = 0;  // of those that violate
  std::string first_what;
  /// Runs that reached its moment: the others say nothing of it.
  std::uint64_t reached() const { return held + allowed + violated; }
};

struct CellSummary {
  Cell cell;
  std::uint64_t runs = 0;
  std::uint64_t broken = 0;    // did not come to their end
  std::uint64_t violated = 0;  // broken ones included
  std::uint64_t allowed = 0;   // violate nothing, but only because the declared guarantee allows it
  std::uint64_t caught = 0;    // an invariant saw something: without the broken ones
  std::uint64_t reached = 0;   // the scenario's dangerous moment came
  std::vector<InvariantSummary> invariants;
  Discovery discovery;                                        // kinds of failure
  std::map<std::string, std::vector<std::int64_t>> measures;  // by name, in ascending order
  std::map<std::string, std::vector<std::int64_t>> samples;   // of all runs, by name, in ascending order
};

/// In the order of Database::cells().
std::vector<CellSummary> summarize(const Database& database);

/// What a database says as a whole.
struct Totals {
  std::uint64_t cells = 0;
  std::uint64_t runs = 0;
  std::uint64_t violated = 0;
  std::uint64_t broken = 0;
  std::uint64_t exhibit_runs = 0;     // beside those; only how many of them broke counts
  std::uint64_t canaries = 0;         // runs that must be violated
  std::uint64_t canaries_caught = 0;  // and are
  /// No run violates anything, and every canary was caught; there must be one.
  bool is_green() const { return violated == 0 && canaries > 0 && canaries == canaries_caught; }
};
Totals totals(const std::vector<CellSummary>& cells);

}  // namespace racebed::evidence
