#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "evidence/report/rules.hpp"
#include "plots/cells.hpp"
#include "plots/figures.hpp"
#include "plots/script.hpp"

namespace racebed::plots {
namespace {

struct Found {
  std::uint64_t runs = 0;
  std::map<std::string, std::uint64_t> seen;  // by scenario and kind: in how many runs
};

/// The chance that a kind which `times` of `runs` show is among `drawn` of them, drawn in any order.
double chance_among(std::uint64_t times, std::uint64_t runs, std::uint64_t drawn) {
  if (drawn + times > runs) return 1;
  const auto n = static_cast<double>(runs);
  const auto log_choose_ratio = std::lgamma(n - static_cast<double>(times) + 1) -
                                std::lgamma(n - static_cast<double>(times) - static_cast<double>(drawn) + 1) -
                                std::lgamma(n + 1) + std::lgamma(n - static_cast<double>(drawn) + 1);
  return 1 - std::exp(log_choose_ratio);
}

/// "runs kinds low high": kinds to be expected, and two standard deviations over the order of the runs.
std::vector<std::string> curve(const Found& found) {
  constexpr int kPoints = 40;
  std::vector<std::string> rows;
  std::set<std::uint64_t> at;
  for (int i = 0; i <= kPoints; ++i)
    at.insert(std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(
               std::llround(std::pow(static_cast<double>(found.runs), i / static_cast<double>(kPoints))))));
  for (const std::uint64_t drawn : at) {
    double kinds = 0;
    double variance = 0;
    for (const auto& [kind, times] : found.seen) {
      const double chance = chance_among(times, found.runs, drawn);
      kinds += chance;
      variance += chance * (1 - chance);
    }
    const double spread = 2 * std::sqrt(variance);
    rows.push_back(fmt::format("{} {} {} {}", drawn, number(kinds), number(std::max(0.0, kinds - spread)),
                               number(kinds + spread)));
  }
  return rows;
}

}  // namespace

Figure discovery(const Material& material) {
  Figure figure;
  figure.id = "discovery";
  figure.title = "Kinds of failure found, against runs";
  std::map<std::string, Found> by_subject;
  for (const CellSummary& cell : material.cells) {
    if (cell.cell.is_canary) continue;
    Found& found = by_subject[cell.cell.subject];
    found.runs += cell.discovery.runs;
    for (const auto& [kind, times] : cell.discovery.seen)
      found.seen[cell.cell.scenario + ": " + kind] += times;
  }
  std::string blocks;
  std::string curves;
  std::string said;
  int line = 0;
  std::uint64_t most = 2;
  std::size_t kinds = 0;
  for (const auto& [subject, found] : by_subject) {
    if (found.runs == 0) continue;
    ++line;
    most = std::max(most, found.runs);
    kinds = std::max(kinds, found.seen.size());
    blocks += data(fmt::format("found{}", line), curve(found));
    curves += fmt::format(
        "{}$found{} using 1:3:4 with filledcurves lt {} fs transparent solid 0.15 notitle, $found{} using "
        "1:2 with lines lt {} title {}",
        line == 1 ? "" : ", ", line, line, line, line, quoted(subject));
    const auto once = static_cast<std::uint64_t>(std::count_if(
        found.seen.begin(), found.seen.end(), [](const auto& kind) { return kind.second == 1; }));
    said += fmt::format("{} {}: {} in {}, the chance that the next run shows a new one {}",
                        line == 1 ? "" : ";", subject, counted(found.seen.size(), "kind"),
                        counted(found.runs, "run"), evidence::rate_text(once, found.runs));
  }
  if (line == 0) {
    figure.missing = "No runs are in the database.";
    return figure;
  }
  for (const evidence::Failure& failure : material.failures) {
    for (const CellSummary& cell : material.cells) {
      if (cell.cell.id == failure.cell && !cell.cell.is_canary && figure.commands.size() < 3)
        figure.commands.push_back(evidence::replay_command(cell.cell, failure.seed));
    }
  }
  figure.caption = fmt::format(
      "Different kinds of failure (scenario, invariant and words without names and numbers) that so many "
      "runs, in any order, can be expected to show; the band is two standard deviations. By Good and "
      "Turing,{}. "
      "A curve that is still rising promises more; one that lies at 0 has found nothing, which means "
      "something only because the others have.",
      said);
  figure.script = blocks + fmt::format(R"(set xlabel 'runs'
set ylabel 'kinds of failure'
set logscale x
set xrange [1:{}]
set yrange [0:{}]
plot {}
)",
                                       most, std::max<std::size_t>(1, kinds + kinds / 10), curves);
  return figure;
}

}  // namespace racebed::plots
