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
  explicit Material(const Database& database, std::string subject);
  std::string program;
  std::string subject;  // the one that is judged; others stand beside it for comparison
  std::vector<InvariantName> invariants;
  std::vector<CellSummary> cells;
  std::vector<Failure> failures;
};

/// The verdict and its reasons, risks, invariants, scenarios, failures, measurements.
Document report_page(const Material& material);
/// Each risk: likelihood, impact, measured rate, mitigation, what remains, seeds.
Document risk_assessment(const Material& material);
/// What staging has to show, and what the runs showed.
Document staging_validation(const Material& material);
/// The checklist, with its verdict.
Document deployment_readiness(const Material& material);

}  // namespace racebed::evidence
