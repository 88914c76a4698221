// The verdict on a release, derived from the numbers of a database by rules that are written here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evidence/report/material.hpp"
#include "evidence/statistics/summary.hpp"

namespace racebed::evidence {

/// Runs that a risk of each level must have been given: after so many without a violation its rate is, at 95
/// %, at most 1 % (high), 2 % (medium), 5 % (low, very low).
std::uint64_t runs_asked(const std::string& level);

struct Finding {
  std::string rule;  // "No invariant is violated"
  bool holds = false;
  std::string number;     // what was found: "0 of 3,900 runs (at most 0.08 %)"
  std::string command{};  // of a run to look at, where it does not hold and there is one
};

/// Each rule on the cells of one subject, canaries of the whole database with them.
std::vector<Finding> findings(const std::vector<CellSummary>& cells, const std::string& subject);
/// These, and that the staging plan's risks and criteria are measured and hold.
std::vector<Finding> verdict(const Material& material);
bool is_ready(const std::vector<Finding>& findings);

/// "0 of 400 (95 %: at most 0.75 %)", "3 of 400 (95 %: 0.15 % to 2.18 %)".
std::string rate_text(std::uint64_t events, std::uint64_t n);
std::string per_cent(double rate);
/// The command that brings a run back.
std::string replay_command(const Cell& cell, std::uint64_t seed);

}  // namespace racebed::evidence
