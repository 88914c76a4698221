// Parts that several pages have.
#pragma once

#include <string>
#include <vector>

#include "evidence/report/document.hpp"
#include "evidence/report/material.hpp"

namespace racebed::evidence {

/// A page with its title, and what it rests on.
Document begun(const std::string& title, const Material& material);
/// The verdict in a word; below it each rule that does not hold, with the command of a run to look at.
void add_verdict(Document& page, const Material& material);
/// Each rule of the verdict, and the number that it rests on.
void add_rules(Document& page, const Material& material);
/// How often each invariant was put to the test, and failed.
void add_invariants(Document& page, const Material& material);
/// Those of the figures that are named, in this order; one that the gallery lacks is left out.
void add_figures(Document& page, const Gallery& gallery, const std::vector<std::string>& ids);

}  // namespace racebed::evidence
