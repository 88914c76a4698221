#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "evidence/report/pages.hpp"
#include "evidence/report/rules.hpp"
#include "evidence/report/sections.hpp"
#include "evidence/report/sums.hpp"
#include "evidence/statistics/interval.hpp"

namespace racebed::evidence {
namespace {

std::string milliseconds(std::int64_t microseconds) {
  return fmt::format("{:.1f}", static_cast<double>(microseconds) / 1000);
}

/// By the sentence of the risk; the greatest first.
void add_risks(Document& page, const Material& material) {
  std::map<std::string, std::vector<const CellSummary*>> by_risk;
  for (const CellSummary* cell : judged_cells(material)) {
    if (cell->cell.settings.empty()) by_risk[cell->cell.risk].push_back(cell);
  }
  std::vector<std::pair<std::string, Sum>> sums;
  for (const auto& [risk, cells] : by_risk) sums.emplace_back(risk, sum_of(cells));
  std::stable_sort(sums.begin(), sums.end(), [](const auto& a, const auto& b) {
    return std::make_pair(a.second.violated > 0, rank(a.second.level)) >
           std::make_pair(b.second.violated > 0, rank(b.second.level));
  });
  page.heading(2, "Risks");
  Table table{
      "Runs that violate an invariant, of all runs of the scenarios of a risk as they stand; what failed "
      "stands first, "
      "then what is rated highest.",
      {"risk", "level", "scenarios", "runs", "reached", "violated", "to see one"},
      {},
      {Column::text, Column::text, Column::number, Column::number, Column::number, Column::text,
       Column::code}};
  for (const auto& [risk, sum] : sums)
    table.rows.push_back({risk, sum.level, std::to_string(sum.scenarios.size()), std::to_string(sum.runs),
                          std::to_string(sum.reached), rate_text(sum.violated, sum.runs), sum.command});
  page.table(std::move(table));
}

void add_failures(Document& page, const Material& material) {
  page.heading(2, "Failures");
  std::map<std::int64_t, const CellSummary*> cells;
  Discovery discovery;
  for (const CellSummary* cell : judged_cells(material)) {
    cells[cell->cell.id] = cell;
    discovery.runs += cell->discovery.runs;
    for (const auto& [kind, times] : cell->discovery.seen)
      discovery.seen[cell->cell.scenario + kind] += times;
  }
  for (const Failure& failure : material.failures) {
    const auto cell = cells.find(failure.cell);
    if (cell == cells.end()) continue;
    page.heading(3, fmt::format("{}: {}", cell->second->cell.scenario, failure.invariant));
    page.paragraph(fmt::format("{} In {} of {} runs.", failure.what, failure.times, cell->second->runs));
    page.code(replay_command(cell->second->cell, failure.seed));
  }
  if (discovery.seen.empty()) page.paragraph("None.");
  page.paragraph(fmt::format(
      "{} kinds of failure in {} runs. The chance that the next run shows a kind that none has shown is {} "
      "by Good and Turing's estimate{}.",
      discovery.seen.size(), discovery.runs, per_cent(discovery.chance_of_new()),
      discovery.seen.empty() ? fmt::format("; at most {} at 95 %", per_cent(zero_upper_bound(discovery.runs)))
                             : ""));
}

/// Other subjects in the same database: is what they do really different?
void add_comparison(Document& page, const Material& material) {
  Table table{
      "The same scenarios with other subjects; p is the chance of a difference as great as this if there "
      "were none (Fisher's exact test).",
      {"scenario", "subject", "violated", "of " + material.subject, "p", "to see one"},
      {},
      {Column::text, Column::text, Column::number, Column::number, Column::number, Column::code}};
  for (const CellSummary* own : judged_cells(material)) {
    for (const CellSummary& other : material.cells) {
      if (other.cell.is_canary || other.cell.subject == material.subject ||
          other.cell.scenario != own->cell.scenario || other.cell.settings != own->cell.settings)
        continue;
      const double p = fisher_exact({own->violated, own->runs}, {other.violated, other.runs});
      table.rows.push_back({own->cell.scenario + own->cell.settings, other.cell.subject,
                            fmt::format("{} of {}", other.violated, other.runs),
                            fmt::format("{} of {}", own->violated, own->runs),
                            p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p), sum_of({&other}).command});
    }
  }
  if (table.rows.empty()) return;
  page.heading(2, "Beside other subjects");
  page.table(std::move(table));
}

std::vector<std::string> scenario_row(const CellSummary& cell) {
  std::vector<std::string> row = {
      cell.cell.scenario + cell.cell.settings, cell.cell.level, std::to_string(cell.runs),
      cell.cell.moment.empty() ? "-" : std::to_string(cell.reached), rate_text(cell.violated, cell.runs)};
  for (const char* name : {"latency_p50_us", "latency_p95_us", "latency_p99_us"}) {
    const auto values = cell.measures.find(name);
    if (values == cell.measures.end()) {
      row.emplace_back("-");
      continue;
    }
    const Percentile median = percentile(values->second, 50);
    row.push_back(fmt::format("{} ({} to {})", milliseconds(median.value), milliseconds(median.low),
                              milliseconds(median.high)));
  }
  row.push_back(sum_of({&cell}).command);
  return row;
}

void add_scenarios(Document& page, const Material& material) {
  page.heading(2, "Scenarios");
  Table table{
      "Latency is from creation to delivery, in milliseconds of virtual time: the median over the runs of "
      "each run's percentile, with its 95 % interval.",
      {"scenario", "level", "runs", "reached", "violated", "latency p50", "p95", "p99", "to see one"},
      {},
      {Column::text, Column::text, Column::number, Column::number, Column::text, Column::number,
       Column::number, Column::number, Column::code}};
  for (const CellSummary* cell : judged_cells(material)) table.rows.push_back(scenario_row(*cell));
  page.table(std::move(table));
}

}  // namespace

Document report_page(const Material& material, const Gallery& gallery) {
  Document page = begun("racebed: what the runs prove", material);
  add_verdict(page, material);
  page.contents();
  add_rules(page, material);
  add_failures(page, material);
  add_risks(page, material);
  page.heading(2, "Figures");
  page.paragraph(
      "All times are virtual: what the simulated world's clocks say. The command below a figure brings back "
      "a run that is in it.");
  for (const Picture& picture : gallery) page.picture(picture);
  add_comparison(page, material);
  add_invariants(page, material);
  add_scenarios(page, material);
  return page;
}

}  // namespace racebed::evidence
