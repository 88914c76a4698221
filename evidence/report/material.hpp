// What all pages and figures are made of: a database, and what was worked out of it once.
#pragma once

#include <string>
#include <vector>

#include "evidence/statistics/summary.hpp"
#include "evidence/store/database.hpp"

namespace racebed::evidence {

struct Material {
  /// A run that has a portrait.
  struct Portrayed {
    std::int64_t cell = 0;
    std::uint64_t seed = 0;
    Portrait portrait;
  };
  Material() = default;
  explicit Material(const Database& database, std::string subject);

  std::string program;
  std::string subject;  // the one that is judged; others stand beside it for comparison
  std::vector<InvariantName> invariants;
  std::vector<CellSummary> cells;
  std::vector<Failure> failures;
  std::vector<Night> nights;
  std::vector<Portrayed> portraits;  // by cell, in the order of `cells`, then by seed
};

/// The judged subject's, with runs; canaries and exhibits apart.
std::vector<const CellSummary*> judged_cells(const Material& material);

}  // namespace racebed::evidence
