// What a database says of one subject, page by page.
#pragma once

#include <string>
#include <vector>

#include "evidence/report/document.hpp"
#include "evidence/statistics/summary.hpp"
#include "evidence/store/database.hpp"

namespace racebed::evidence {

/// A database, and what was worked out of it once for all pages.
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

/// The verdict and its reasons, risks, invariants, scenarios, failures, measurements.
Document report_page(const Material& material, const Gallery& gallery);
/// Each risk: likelihood, impact, measured rate, mitigation, what remains, seeds.
Document risk_assessment(const Material& material, const Gallery& gallery);
/// What staging has to show, and what the runs showed.
Document staging_validation(const Material& material, const Gallery& gallery);
/// The checklist, with its verdict.
Document deployment_readiness(const Material& material, const Gallery& gallery);

}  // namespace racebed::evidence
