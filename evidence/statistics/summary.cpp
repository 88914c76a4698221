#include "evidence/statistics/summary.hpp"

#include <algorithm>
#include <set>

namespace racebed::evidence {
namespace {

void take(InvariantSummary& summary, const Run& run, Outcome outcome) {
  switch (outcome) {
    case Outcome::not_reached:
      break;
    case Outcome::held:
      ++summary.held;
      break;
    case Outcome::allowed:
      ++summary.allowed;
      break;
    case Outcome::violated:
      if (summary.violated++ > 0) break;
      summary.first_seed = run.seed;
      for (const Violation& violation : run.violations) {
        if (violation.invariant == summary.id) summary.first_what = violation.what;
      }
      break;
  }
}

CellSummary summary_of(const Database& database, const Cell& cell, const std::vector<InvariantName>& names) {
  CellSummary summary;
  summary.cell = cell;
  for (const InvariantName& name : names) {
    summary.invariants.emplace_back();
    summary.invariants.back().id = name.id;
  }
  database.each_run(cell.id, [&](const Run& run) {
    ++summary.runs;
    summary.broken += !run.broken.empty();
    summary.violated += run.is_violated();
    summary.caught += run.broken.empty() && run.is_violated();
    summary.reached += run.moments > 0;
    summary.allowed += !run.is_violated() && std::find(run.outcomes.begin(), run.outcomes.end(),
                                                       Outcome::allowed) != run.outcomes.end();
    for (std::size_t i = 0; i < std::min(run.outcomes.size(), names.size()); ++i)
      take(summary.invariants[i], run, run.outcomes[i]);
    std::set<std::string> kinds;
    for (const Violation& violation : run.violations)
      kinds.insert(violation.invariant + ": " + violation.kind);
    if (!run.broken.empty()) kinds.insert("broken: " + run.broken);
    ++summary.discovery.runs;
    for (const std::string& kind : kinds) {
      ++summary.discovery.seen[kind];
      summary.discovery.first.try_emplace(kind, summary.discovery.runs);
    }
    for (const auto& [name, value] : run.measures) summary.measures[name].push_back(value);
    for (const auto& [name, values] : run.samples) {
      auto& all = summary.samples[name];
      all.insert(all.end(), values.begin(), values.end());
    }
  });
  for (auto& [name, values] : summary.measures) std::sort(values.begin(), values.end());
  for (auto& [name, values] : summary.samples) std::sort(values.begin(), values.end());
  return summary;
}

}  // namespace

std::vector<CellSummary> summarize(const Database& database) {
  const std::vector<InvariantName> names = database.invariants();
  std::vector<CellSummary> summaries;
  for (const Cell& cell : database.cells()) summaries.push_back(summary_of(database, cell, names));
  return summaries;
}

Totals totals(const std::vector<CellSummary>& cells) {
  Totals sum;
  for (const CellSummary& cell : cells) {
    if (cell.cell.is_canary) {
      sum.canaries += cell.runs;
      sum.canaries_caught += cell.caught;
      continue;
    }
    if (cell.cell.is_exhibit) {
      sum.exhibit_runs += cell.runs;
      sum.broken += cell.broken;
      continue;
    }
    ++sum.cells;
    sum.runs += cell.runs;
    sum.violated += cell.violated;
    sum.broken += cell.broken;
  }
  return sum;
}

}  // namespace racebed::evidence
