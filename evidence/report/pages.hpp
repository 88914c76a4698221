// The pages that a database gives, one file each: PAGE.cpp.
#pragma once

#include "evidence/report/document.hpp"
#include "evidence/report/material.hpp"

namespace racebed::evidence {

/// The verdict and what to look at; risks, failures, every figure, comparisons, invariants, scenarios.
Document report_page(const Material& material, const Gallery& gallery);
/// Each risk of the plan and of the risk assessment: as rated, as measured, mitigation, what remains, seeds.
Document risk_assessment(const Material& material, const Gallery& gallery);
/// The criteria of the staging plan, one by one, beside what the project reported by hand.
Document staging_validation(const Material& material, const Gallery& gallery);
/// The checklist, with its verdict.
Document deployment_readiness(const Material& material, const Gallery& gallery);

}  // namespace racebed::evidence
