#include "evidence/report/pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "evidence/report/mitigations.hpp"
#include "evidence/report/rules.hpp"
#include "evidence/statistics/interval.hpp"

namespace racebed::evidence {
namespace {

std::string milliseconds(std::int64_t microseconds) {
  return fmt::format("{:.1f}", static_cast<double>(microseconds) / 1000);
}

std::vector<const CellSummary*> own_cells(const Material& material) {
  std::vector<const CellSummary*> own;
  for (const CellSummary& cell : material.cells) {
    if (cell.cell.is_judged() && cell.cell.subject == material.subject) own.push_back(&cell);
  }
  return own;
}

/// The numbers of several cells, put together.
struct Sum {
  std::uint64_t scenarios = 0;
  std::uint64_t runs = 0;
  std::uint64_t reached = 0;
  std::uint64_t violated = 0;
  std::string level, likelihood, impact, source;
  std::set<std::string> invariants;  // that were reached
  std::string first_failure;         // the command
  std::vector<std::string> names;
};

int rank(const std::string& level) {
  return level == "high" ? 3 : level == "medium" ? 2 : level == "low" ? 1 : 0;
}

void add(Sum& sum, const CellSummary& cell) {
  ++sum.scenarios;
  sum.runs += cell.runs;
  sum.reached += cell.cell.moment.empty() ? cell.runs : cell.reached;
  sum.violated += cell.violated;
  sum.names.push_back(cell.cell.scenario);
  if (rank(cell.cell.level) >= rank(sum.level)) {
    sum.level = cell.cell.level;
    sum.likelihood = cell.cell.likelihood;
    sum.impact = cell.cell.impact;
    sum.source = cell.cell.source;
  }
  for (const InvariantSummary& invariant : cell.invariants) {
    if (invariant.reached() > 0) sum.invariants.insert(invariant.id);
    if (invariant.violated > 0 && sum.first_failure.empty())
      sum.first_failure = replay_command(cell.cell, invariant.first_seed);
  }
}

/// By the sentence of the risk; the greatest first.
std::vector<std::pair<std::string, Sum>> risks(const Material& material) {
  std::map<std::string, Sum> by_risk;
  for (const CellSummary* cell : own_cells(material)) add(by_risk[cell->cell.risk], *cell);
  std::vector<std::pair<std::string, Sum>> sorted(by_risk.begin(), by_risk.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return rank(a.second.level) > rank(b.second.level); });
  return sorted;
}

void add_verdict(Document& page, const Material& material) {
  const std::vector<Finding> found = findings(material.cells, material.subject);
  const bool ready = is_ready(found);
  page.blocks.emplace_back(
      Notice{ready ? Mood::good : Mood::bad,
             ready ? "READY: every rule below holds." : "NOT READY: a rule below does not hold."});
  Table table{"Each rule, and the number that it rests on. A rate's interval is exact (Clopper and Pearson).",
              {"rule", "holds", "found"},
              {}};
  for (const Finding& finding : found)
    table.rows.push_back({finding.rule, finding.holds ? "yes" : "NO", finding.number});
  page.blocks.emplace_back(std::move(table));
}

void add_risks(Document& page, const Material& material) {
  page.blocks.emplace_back(Heading{2, "Risks"});
  Table table{"Runs that violate an invariant, of all runs of the scenarios of a risk.",
              {"risk", "level", "scenarios", "runs", "reached", "violated"},
              {},
              {Column::text, Column::text, Column::number, Column::number, Column::number, Column::text}};
  for (const auto& [risk, sum] : risks(material))
    table.rows.push_back({risk, sum.level, std::to_string(sum.scenarios), std::to_string(sum.runs),
                          std::to_string(sum.reached), rate_text(sum.violated, sum.runs)});
  page.blocks.emplace_back(std::move(table));
}

void add_invariants(Document& page, const Material& material) {
  page.blocks.emplace_back(Heading{2, "Invariants"});
  Table table{
      "How often each was put to the test, and failed. A run that did not reach its moment says nothing.",
      {"invariant", "what must hold", "reached", "allowed", "violated"},
      {},
      {Column::text, Column::text, Column::number, Column::number, Column::text}};
  for (std::size_t i = 0; i < material.invariants.size(); ++i) {
    InvariantSummary sum;
    for (const CellSummary* cell : own_cells(material)) {
      sum.held += cell->invariants[i].held;
      sum.allowed += cell->invariants[i].allowed;
      sum.violated += cell->invariants[i].violated;
    }
    table.rows.push_back({material.invariants[i].id, material.invariants[i].sentence,
                          std::to_string(sum.reached()), std::to_string(sum.allowed),
                          rate_text(sum.violated, sum.reached())});
  }
  page.blocks.emplace_back(std::move(table));
}

void add_scenarios(Document& page, const Material& material) {
  page.blocks.emplace_back(Heading{2, "Scenarios"});
  Table table{
      "Latency is from creation to delivery, in milliseconds of virtual time: the median over the runs of "
      "each run's percentile, with its 95 % interval.",
      {"scenario", "level", "runs", "reached", "violated", "latency p50", "p95", "p99"},
      {},
      {Column::text, Column::text, Column::number, Column::number, Column::number, Column::number,
       Column::number, Column::number}};
  for (const CellSummary* cell : own_cells(material)) {
    std::vector<std::string> row = {
        cell->cell.scenario + cell->cell.settings, cell->cell.level, std::to_string(cell->runs),
        cell->cell.moment.empty() ? "-" : std::to_string(cell->reached), std::to_string(cell->violated)};
    for (const char* name : {"latency_p50_us", "latency_p95_us", "latency_p99_us"}) {
      const auto values = cell->measures.find(name);
      if (values == cell->measures.end()) {
        row.emplace_back("-");
        continue;
      }
      const Percentile median = percentile(values->second, 50);
      row.push_back(fmt::format("{} ({} to {})", milliseconds(median.value), milliseconds(median.low),
                                milliseconds(median.high)));
    }
    table.rows.push_back(std::move(row));
  }
  page.blocks.emplace_back(std::move(table));
}

void add_failures(Document& page, const Material& material) {
  page.blocks.emplace_back(Heading{2, "Failures"});
  std::map<std::int64_t, const CellSummary*> cells;
  for (const CellSummary* cell : own_cells(material)) cells[cell->cell.id] = cell;
  bool any = false;
  for (const Failure& failure : material.failures) {
    const auto cell = cells.find(failure.cell);
    if (cell == cells.end()) continue;
    any = true;
    page.blocks.emplace_back(
        Heading{3, fmt::format("{}: {}", cell->second->cell.scenario, failure.invariant)});
    page.blocks.emplace_back(
        Paragraph{fmt::format("{} In {} of {} runs.", failure.what, failure.times, cell->second->runs)});
    page.blocks.emplace_back(Code{replay_command(cell->second->cell, failure.seed)});
  }
  if (!any) page.blocks.emplace_back(Paragraph{"None."});
  std::uint64_t runs = 0;
  std::map<std::string, std::uint64_t> seen;
  for (const CellSummary* cell : own_cells(material)) {
    runs += cell->discovery.runs;
    for (const auto& [kind, times] : cell->discovery.seen) seen[cell->cell.scenario + kind] += times;
  }
  const double chance = Discovery{runs, seen}.chance_of_new();
  page.blocks.emplace_back(Paragraph{fmt::format(
      "{} kinds of failure in {} runs. The chance that the next run shows a kind that none has "
      "shown is {} by Good and Turing's estimate{}.",
      seen.size(), runs, per_cent(chance),
      seen.empty() ? fmt::format("; at most {} at 95 %", per_cent(zero_upper_bound(runs))) : "")});
}

/// Other subjects in the same database: is what they do really different?
void add_comparison(Document& page, const Material& material) {
  Table table{
      "The same scenarios with other subjects; p is the chance of a difference as great as this if there "
      "were none (Fisher's exact test).",
      {"scenario", "subject", "violated", "of " + material.subject, "p"},
      {},
      {Column::text, Column::text, Column::number, Column::number, Column::number}};
  for (const CellSummary* own : own_cells(material)) {
    for (const CellSummary& other : material.cells) {
      if (other.cell.is_canary || other.cell.subject == material.subject ||
          other.cell.scenario != own->cell.scenario || other.cell.settings != own->cell.settings)
        continue;
      const double p = fisher_exact({own->violated, own->runs}, {other.violated, other.runs});
      table.rows.push_back({own->cell.scenario + own->cell.settings, other.cell.subject,
                            fmt::format("{} of {}", other.violated, other.runs),
                            fmt::format("{} of {}", own->violated, own->runs),
                            p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p)});
    }
  }
  if (table.rows.empty()) return;
  page.blocks.emplace_back(Heading{2, "Beside other subjects"});
  page.blocks.emplace_back(std::move(table));
}

Document begun(const std::string& title, const Material& material) {
  Document page{title, {}};
  page.blocks.emplace_back(Paragraph{
      fmt::format("Subject {}, judged by racebed {} in simulated worlds. Every number comes from a database "
                  "of runs; every run is "
                  "a pure function of scenario, subject and seed, and the command beside it brings it back.",
                  material.subject, material.program.empty() ? "of unknown version" : material.program)});
  return page;
}

}  // namespace

Material::Material(const Database& database, std::string judged)
    : program(database.program()),
      subject(std::move(judged)),
      invariants(database.invariants()),
      cells(summarize(database)),
      failures(database.failures()),
      nights(database.nights()) {
  for (const CellSummary& cell : cells) {
    for (const std::uint64_t seed : database.portrayed(cell.cell.id))
      portraits.push_back({cell.cell.id, seed, *database.portrait(cell.cell.id, seed)});
  }
}

Document report_page(const Material& material, const Gallery& gallery) {
  Document page = begun("racebed: what the runs prove", material);
  add_verdict(page, material);
  add_risks(page, material);
  add_failures(page, material);
  page.blocks.emplace_back(Heading{2, "Figures"});
  for (const Picture& picture : gallery) page.blocks.emplace_back(picture);
  add_comparison(page, material);
  add_invariants(page, material);
  add_scenarios(page, material);
  return page;
}

Document risk_assessment(const Material& material, const Gallery&) {
  Document page = begun("Risk assessment", material);
  for (const auto& [risk, sum] : risks(material)) {
    page.blocks.emplace_back(Heading{2, risk});
    Table table{"", {"", ""}, {}};
    table.rows.push_back({"level", sum.level});
    if (!sum.likelihood.empty()) table.rows.push_back({"likelihood, as rated", sum.likelihood});
    if (!sum.impact.empty()) table.rows.push_back({"impact", sum.impact});
    table.rows.push_back({"source", sum.source});
    table.rows.push_back({"measured", rate_text(sum.violated, sum.runs) + " runs violate an invariant"});
    table.rows.push_back({"dangerous moment reached", fmt::format("{} of {} runs", sum.reached, sum.runs)});
    std::string mitigation;
    for (const std::string& invariant : sum.invariants) {
      const std::string text = mitigation_of(invariant);
      if (!text.empty() && sum.violated == 0 && mitigation.size() < 400)
        mitigation += (mitigation.empty() ? "" : "; ") + text;
    }
    table.rows.push_back({"mitigation", mitigation.empty() ? "see the failure" : mitigation});
    table.rows.push_back(
        {"what remains", sum.violated == 0
                             ? fmt::format("a rate of at most {} in these worlds, at 95 %; what is "
                                           "not simulated stands in docs/claims.md",
                                           per_cent(zero_upper_bound(sum.runs)))
                             : "a violation: " + sum.first_failure});
    std::string names;
    for (const std::string& name : sum.names) names += (names.empty() ? "" : ", ") + name;
    table.rows.push_back({"scenarios", names});
    page.blocks.emplace_back(std::move(table));
  }
  return page;
}

Document staging_validation(const Material& material, const Gallery&) {
  Document page = begun("Staging validation: results", material);
  add_verdict(page, material);
  page.blocks.emplace_back(Heading{2, "The plan's four scenarios"});
  Table table{"",
              {"scenario", "runs", "reached", "violated", "to see one"},
              {},
              {Column::text, Column::number, Column::number, Column::text, Column::text}};
  for (const CellSummary* cell : own_cells(material)) {
    const std::string& name = cell->cell.scenario;
    const bool planned = name.starts_with("load-100") || name.starts_with("create-delete") ||
                         name.starts_with("tls-") || name.starts_with("leader-") ||
                         name == "election-under-load" || name == "memory-at-100" || name.starts_with("ten-");
    if (!planned) continue;
    table.rows.push_back({name + cell->cell.settings, std::to_string(cell->runs),
                          std::to_string(cell->reached), rate_text(cell->violated, cell->runs),
                          replay_command(cell->cell, 0)});
  }
  page.blocks.emplace_back(std::move(table));
  add_invariants(page, material);
  return page;
}

Document deployment_readiness(const Material& material, const Gallery&) {
  Document page = begun("Deployment readiness", material);
  add_verdict(page, material);
  page.blocks.emplace_back(Heading{2, "Checklist"});
  Table table{"", {"", "invariant", "what must hold", "found"}, {}};
  for (std::size_t i = 0; i < material.invariants.size(); ++i) {
    std::uint64_t reached = 0;
    std::uint64_t violated = 0;
    for (const CellSummary* cell : own_cells(material)) {
      reached += cell->invariants[i].reached();
      violated += cell->invariants[i].violated;
    }
    table.rows.push_back({violated > 0  ? "NO"
                          : reached > 0 ? "yes"
                                        : "not put to the test",
                          material.invariants[i].id, material.invariants[i].sentence,
                          rate_text(violated, reached)});
  }
  page.blocks.emplace_back(std::move(table));
  return page;
}

}  // namespace racebed::evidence
