#include "evidence/report/rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "evidence/report/criteria.hpp"
#include "evidence/report/plan.hpp"
#include "evidence/statistics/interval.hpp"

namespace racebed::evidence {

std::uint64_t runs_asked(const std::string& level) {
  if (level == "high") return 299;
  if (level == "medium") return 149;
  return 59;
}

std::string per_cent(double rate) {
  return rate > 0 && rate < 0.0001 ? fmt::format("{:.4f} %", rate * 100)
                                   : fmt::format("{:.2f} %", rate * 100);
}

std::string rate_text(std::uint64_t events, std::uint64_t n) {
  if (events == 0) return fmt::format("0 of {} (95 %: at most {})", n, per_cent(zero_upper_bound(n)));
  const Interval rate = clopper_pearson(events, n);
  return fmt::format("{} of {} (95 %: {} to {})", events, n, per_cent(rate.low), per_cent(rate.high));
}

std::string replay_command(const Cell& cell, std::uint64_t seed) {
  return fmt::format("scripts/racebed run {} --subject {}{} --seed {}", cell.scenario, cell.subject,
                     cell.settings, seed);
}

std::vector<Finding> findings(const std::vector<CellSummary>& cells, const std::string& subject) {
  constexpr double kReached = 0.95;
  std::vector<CellSummary> own;
  for (const CellSummary& cell : cells) {
    if (cell.cell.is_judged() && cell.cell.subject == subject) own.push_back(cell);
  }
  const Totals all = totals(cells);
  const Totals sum = totals(own);
  std::uint64_t plain = 0;
  std::uint64_t few = 0;
  std::uint64_t seldom = 0;
  std::string least;
  std::string least_command;
  std::string failure;
  std::string canary;
  for (const CellSummary& cell : cells) {
    if (cell.cell.is_canary && canary.empty()) canary = replay_command(cell.cell, 0);
  }
  for (const CellSummary& cell : own) {
    for (const InvariantSummary& invariant : cell.invariants) {
      if (invariant.violated > 0 && failure.empty())
        failure = replay_command(cell.cell, invariant.first_seed);
    }
    // With a study's settings it is another world: its moment, and how many runs there are, say nothing.
    if (!cell.cell.settings.empty()) continue;
    ++plain;
    few += cell.runs < runs_asked(cell.cell.level);
    if (cell.cell.moment.empty() || cell.runs == 0) continue;
    if (static_cast<double>(cell.reached) >= kReached * static_cast<double>(cell.runs)) continue;
    ++seldom;
    least = cell.cell.scenario;
    least_command = replay_command(cell.cell, 0);
  }
  return {
      {"Something was run", sum.runs > 0, fmt::format("{} runs of {} cells", sum.runs, sum.cells)},
      {"No invariant is violated", sum.violated == 0, rate_text(sum.violated, sum.runs), failure},
      {"Every run came to its end", sum.broken == 0, fmt::format("{} did not", sum.broken)},
      {"Every canary was caught: the sweep sees defects",
       all.canaries > 0 && all.canaries == all.canaries_caught,
       fmt::format("{} of {}", all.canaries_caught, all.canaries), canary},
      {"Every scenario reached its dangerous moment in 95 % of its runs", seldom == 0,
       seldom == 0 ? "all did" : fmt::format("{} did not, such as {}", seldom, least), least_command},
      {"Every scenario has the runs that its risk asks for (high 299, medium 149, low 59)", few == 0,
       few == 0 ? "all have" : fmt::format("{} of {} have fewer", few, plain)},
  };
}

std::vector<Finding> verdict(const Material& material) {
  std::vector<Finding> found = findings(material.cells, material.subject);
  std::size_t unmeasured = 0;
  for (const PlannedRisk& risk : planned_risks()) unmeasured += cells_of(material, risk).empty();
  found.push_back({"Every risk of the staging plan and of its risk assessment was measured", unmeasured == 0,
                   fmt::format("{} of {}", planned_risks().size() - unmeasured, planned_risks().size())});
  const std::vector<Criterion> all = criteria(material);
  const Criterion* open = nullptr;
  std::size_t hold = 0;
  for (const Criterion& criterion : all) {
    if (criterion.holds == Holds::yes) {
      ++hold;
    } else if (open == nullptr || (criterion.holds == Holds::no && open->holds != Holds::no)) {
      open = &criterion;
    }
  }
  std::string number = fmt::format("{} of {}", hold, all.size());
  if (open != nullptr) number += fmt::format("; \"{}\": {}", open->asked, open->measured);
  found.push_back({"Every criterion of the staging plan was measured, and holds", open == nullptr, number,
                   open == nullptr ? "" : open->command});
  return found;
}

bool is_ready(const std::vector<Finding>& findings) {
  return std::all_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.holds; });
}

}  // namespace racebed::evidence
