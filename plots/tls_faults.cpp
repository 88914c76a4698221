#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "evidence/report/rules.hpp"
#include "plots/cells.hpp"
#include "plots/figures.hpp"
#include "plots/map.hpp"
#include "plots/script.hpp"

namespace racebed::plots {
namespace {

std::int64_t sum(const std::vector<std::int64_t>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0});
}

/// Notifications that end in this phase, of all.
MapCell phase_cell(const CellSummary& cell, const char* phase, std::int64_t all) {
  const std::int64_t there = sum(values(cell, phase));
  if (all == 0) return {-1, "-"};
  const double share = static_cast<double>(there) / static_cast<double>(all);
  return {share, number(100 * share) + " %"};
}

MapCell mean_cell(std::int64_t total, std::int64_t n) {
  return {-1, n == 0 ? "-" : fmt::format("{:.1f}", static_cast<double>(total) / static_cast<double>(n))};
}

}  // namespace

Figure tls_faults(const Material& material) {
  Figure figure;
  figure.id = "tls-faults";
  figure.title = "TLS faults: status, breaker, attempts";
  Map map{"map", "", "", "", {"Sent", "Partially", "Failed", "breaker", "attempts", "refused"}, {}, {}};
  map.columns_on_top = true;
  std::uint64_t runs = 0;
  for (const CellSummary* cell : judged_cells(material)) {
    if (!cell->cell.scenario.starts_with("tls-") || !cell->cell.settings.empty()) continue;
    std::int64_t all = 0;
    for (const char* phase : {"phase_sent", "phase_partially_sent", "phase_failed", "phase_other"})
      all += sum(values(*cell, phase));
    if (all == 0) continue;
    runs += cell->runs;
    map.rows.push_back(cell->cell.scenario.substr(4));
    map.cells.push_back(
        {phase_cell(*cell, "phase_sent", all), phase_cell(*cell, "phase_partially_sent", all),
         phase_cell(*cell, "phase_failed", all), rate_cell(above_zero(*cell, "breaker_opened")),
         mean_cell(sum(values(*cell, "attempts")), all),
         mean_cell(sum(values(*cell, "tls_refused")), static_cast<std::int64_t>(cell->runs))});
    if (figure.commands.size() < 3) figure.commands.push_back(evidence::replay_command(cell->cell, 0));
  }
  if (map.rows.empty()) {
    figure.missing =
        "No run of a TLS scenario is in the database; `scripts/racebed sweep nightly` makes some.";
    return figure;
  }
  figure.height = 64 + 22 * static_cast<int>(map.rows.size());
  figure.caption = fmt::format(
      "What a broken certificate or handshake of Slack's comes to ({}): the share of notifications that end "
      "Sent, PartiallySent and Failed; runs in which the breaker was seen open, of all runs; "
      "attempts that a notification's status tells of, and refused handshakes in a run (means). Console "
      "still delivers, so that a certificate that never becomes good ends as PartiallySent, "
      "a handshake that heals as Sent; nothing ends as Failed.",
      counted(runs, "run"));
  figure.script = R"(set lmargin at screen 0.31
set rmargin at screen 0.98
set tmargin 2
set bmargin 1
set ytics font ',10'
set x2tics font ',11'
)" + map_script(map);
  return figure;
}

}  // namespace racebed::plots
