#include <fmt/format.h>

#include <map>

#include "evidence/report/mitigations.hpp"
#include "evidence/report/pages.hpp"
#include "evidence/report/plan.hpp"
#include "evidence/report/rules.hpp"
#include "evidence/report/sections.hpp"
#include "evidence/report/sums.hpp"
#include "evidence/statistics/interval.hpp"

namespace racebed::evidence {
namespace {

constexpr double kVeryLow = 0.01;
constexpr double kLow = 0.05;
constexpr double kMedium = 0.2;

/// The greatest rate that the runs do not contradict, in the words of the assessment.
std::string measured_likelihood(const Sum& sum) {
  if (sum.runs == 0) return "not measured";
  const double most =
      sum.violated == 0 ? zero_upper_bound(sum.runs) : clopper_pearson(sum.violated, sum.runs).high;
  // Nothing failed, in too few runs to say more: that is no likelihood yet.
  if (sum.violated == 0 && most > kLow)
    return fmt::format("open (at most {} in {} runs)", per_cent(most), sum.runs);
  const char* word = most <= kVeryLow  ? "very low"
                     : most <= kLow    ? "low"
                     : most <= kMedium ? "medium"
                                       : "high";
  return fmt::format("{} (at most {})", word, per_cent(most));
}

std::string mitigations(const PlannedRisk& risk) {
  std::string all;
  for (const std::string& invariant : risk.invariants) {
    const std::string text = mitigation_of(invariant);
    if (!text.empty()) all += (all.empty() ? "" : "; ") + text;
  }
  return all;
}

std::string joined(const std::set<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::string remains(const Sum& sum) {
  if (sum.runs == 0) return "everything: nothing was measured";
  if (sum.violated > 0) return "a violation, which the command brings back";
  return fmt::format(
      "a rate of at most {} in these worlds, at 95 %; what is not simulated stands in docs/claims.md",
      per_cent(zero_upper_bound(sum.runs)));
}

void add_overview(Document& page, const Material& material) {
  page.heading(2, "Overview");
  Table table{
      "The four risks of the staging plan and the 29 of the risk assessment: as rated by judgement, and as "
      "measured. Likelihood measured is the greatest rate of violations that the runs leave open at 95 %: up "
      "to 1 % very low, 5 % low, 20 % medium; open where nothing failed, in too few runs to leave less than "
      "5 %.",
      {"no.", "risk", "likelihood rated", "impact", "level", "likelihood measured", "violated"},
      {}};
  for (const PlannedRisk& risk : planned_risks()) {
    const Sum sum = sum_of(cells_of(material, risk));
    table.rows.push_back({risk.number, risk.what, risk.likelihood, risk.impact, risk.level,
                          measured_likelihood(sum),
                          sum.runs == 0 ? "no runs" : rate_text(sum.violated, sum.runs)});
  }
  page.table(std::move(table));
}

void add_risk(Document& page, const Material& material, const PlannedRisk& risk) {
  const auto cells = cells_of(material, risk);
  const Sum sum = sum_of(cells);
  page.heading(3, risk.number + ". " + risk.what);
  Table table{"", {"", ""}, {}};
  table.rows.push_back({"likelihood, as rated", risk.likelihood});
  table.rows.push_back({"likelihood, measured", measured_likelihood(sum)});
  table.rows.push_back({"impact, level, as rated", risk.impact + ", " + risk.level});
  if (sum.runs > 0) {
    table.rows.push_back({"runs that violate an invariant", rate_text(sum.violated, sum.runs)});
    table.rows.push_back(
        {"runs that reached the dangerous moment", fmt::format("{} of {}", sum.reached, sum.runs)});
    for (const std::string& invariant : risk.invariants) {
      const InvariantSum one = sum_of_invariant(cells, invariant);
      table.rows.push_back({invariant, one.reached == 0
                                           ? "not put to the test"
                                           : "violated in " + rate_text(one.violated, one.reached)});
    }
    table.rows.push_back({"mitigation", mitigations(risk)});
  }
  table.rows.push_back({"what remains", remains(sum)});
  table.rows.push_back({"scenarios", sum.runs == 0 ? "none" : joined(sum.scenarios)});
  page.table(std::move(table));
  std::string commands;
  for (const std::string& command : sum.has_failure ? sum.failures : std::vector<std::string>{sum.command})
    commands += (commands.empty() ? "" : "\n") + command;
  if (!commands.empty()) page.code(commands);
}

/// Risks that the plan did not name, by their sentence.
void add_others(Document& page, const Material& material) {
  std::map<std::string, std::vector<const CellSummary*>> by_risk;
  for (const CellSummary* cell : judged_cells(material)) {
    if (cell->cell.settings.empty() && !is_planned(cell->cell.source))
      by_risk[cell->cell.risk].push_back(cell);
  }
  if (by_risk.empty()) return;
  page.heading(2, "Risks that the plan did not name");
  Table table{
      "From the controller's contract, from Kubernetes' own races, and from the faults that can be played.",
      {"risk", "level", "likelihood measured", "violated", "reached", "source", "to see one"},
      {},
      {Column::text, Column::text, Column::text, Column::text, Column::number, Column::text, Column::code}};
  for (const auto& [risk, cells] : by_risk) {
    const Sum sum = sum_of(cells);
    table.rows.push_back({risk, sum.level, measured_likelihood(sum), rate_text(sum.violated, sum.runs),
                          fmt::format("{} of {}", sum.reached, sum.runs), sum.source, sum.command});
  }
  page.table(std::move(table));
}

}  // namespace

Document risk_assessment(const Material& material, const Gallery& gallery) {
  static const std::map<std::string, std::vector<std::string>> kFigures = {
      {"A2", {"duplicate-window"}},
      {"A3", {"tls-faults"}},
      {"A4", {"kill-moment", "leader-death", "failover"}},
      {"28", {"breaker"}}};
  Document page = begun("Risk assessment", material);
  add_verdict(page, material);
  page.contents();
  add_overview(page, material);
  page.heading(2, "Risk by risk");
  for (const PlannedRisk& risk : planned_risks()) {
    add_risk(page, material, risk);
    const auto figures = kFigures.find(risk.number);
    if (figures != kFigures.end()) add_figures(page, gallery, figures->second);
  }
  add_others(page, material);
  return page;
}

}  // namespace racebed::evidence
