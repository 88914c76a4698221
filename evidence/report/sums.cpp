#include "evidence/report/sums.hpp"

#include <algorithm>

#include "evidence/report/rules.hpp"

namespace racebed::evidence {
namespace {

constexpr std::size_t kFailuresMax = 5;

void add(Sum& sum, const CellSummary& cell) {
  sum.runs += cell.runs;
  sum.reached += cell.cell.moment.empty() ? cell.runs : cell.reached;
  sum.violated += cell.violated;
  sum.scenarios.insert(cell.cell.scenario);
  if (sum.level.empty() || rank(cell.cell.level) > rank(sum.level)) {
    sum.level = cell.cell.level;
    sum.likelihood = cell.cell.likelihood;
    sum.impact = cell.cell.impact;
    sum.source = cell.cell.source;
  }
  if (sum.command.empty()) sum.command = replay_command(cell.cell, 0);
  for (const InvariantSummary& invariant : cell.invariants) {
    if (invariant.violated == 0) continue;
    const std::string command = replay_command(cell.cell, invariant.first_seed);
    if (!sum.has_failure) sum.command = command;
    sum.has_failure = true;
    const bool known = std::find(sum.failures.begin(), sum.failures.end(), command) != sum.failures.end();
    if (!known && sum.failures.size() < kFailuresMax) sum.failures.push_back(command);
  }
}

}  // namespace

int rank(const std::string& level) {
  return level == "high" ? 3 : level == "medium" ? 2 : level == "low" ? 1 : 0;
}

Sum sum_of(const std::vector<const CellSummary*>& cells) {
  Sum sum;
  for (const CellSummary* cell : cells) add(sum, *cell);
  return sum;
}

InvariantSum sum_of_invariant(const std::vector<const CellSummary*>& cells, const std::string& invariant) {
  InvariantSum sum;
  for (const CellSummary* cell : cells) {
    for (const InvariantSummary& one : cell->invariants) {
      if (one.id != invariant) continue;
      if (one.violated > 0 && sum.violated == 0) sum.command = replay_command(cell->cell, one.first_seed);
      if (one.reached() > 0 && sum.command.empty()) sum.command = replay_command(cell->cell, 0);
      sum.reached += one.reached();
      sum.allowed += one.allowed;
      sum.violated += one.violated;
    }
  }
  return sum;
}

}  // namespace racebed::evidence
