#include <fmt/format.h>

#include <map>
#include <set>

#include "evidence/report/rules.hpp"
#include "plots/cells.hpp"
#include "plots/figures.hpp"
#include "plots/map.hpp"
#include "plots/script.hpp"
#include "plots/style.hpp"

namespace racebed::plots {
namespace {

constexpr const char* kScenario = "create-delete-create";
constexpr const char* kGap = "workload.gap";
constexpr const char* kLag = "world.watch_lag";
constexpr const char* kMeasure = "duplicates";

std::string milliseconds_text(double value) {
  return number(value) + " ms";
}

/// Cells by gap and lag; empty when they are no grid.
using Grid = std::map<std::pair<double, double>, const CellSummary*>;
Grid grid_of(const Material& material, const std::string& subject) {
  Grid grid;
  for (const CellSummary* cell : cells_of(material, kScenario, subject)) {
    const auto gap = setting(*cell, kGap);
    const auto lag = setting(*cell, kLag);
    if (gap && lag && amount(*gap) && amount(*lag)) grid[{*amount(*gap), *amount(*lag)}] = cell;
  }
  return grid;
}

Map map_of(const Grid& grid, const std::string& subject, Counts& sum) {
  Map map{"map", "", "lag of the controller's cache", "from deletion to creation", {}, {}, {}};
  std::set<double> gaps;
  std::set<double> lags;
  for (const auto& [at, cell] : grid) {
    gaps.insert(at.first);
    lags.insert(at.second);
  }
  for (const double lag : lags) map.columns.push_back(milliseconds_text(lag));
  for (const double gap : gaps) {
    map.rows.push_back(milliseconds_text(gap));
    map.cells.emplace_back();
    for (const double lag : lags) {
      const auto cell = grid.find({gap, lag});
      const Counts counts = cell == grid.end() ? Counts{} : above_zero(*cell->second, kMeasure);
      map.cells.back().push_back(rate_cell(counts));
      sum.events += counts.events;
      sum.n += counts.n;
    }
  }
  map.title = fmt::format("{}: {} of {}", subject, sum.events, counted(sum.n, "run"));
  return map;
}

}  // namespace

Figure duplicate_window(const Material& material) {
  Figure figure;
  figure.id = "duplicate-window";
  figure.title = "Chance of a duplicate against gap and lag";
  std::set<std::string> subjects;
  for (const CellSummary& cell : material.cells) {
    if (cell.cell.scenario == kScenario && !cell.cell.is_canary) subjects.insert(cell.cell.subject);
  }
  std::string panels;
  int drawn = 0;
  std::string said;
  for (const std::string& subject : subjects) {
    const Grid grid = grid_of(material, subject);
    if (grid.empty()) continue;
    Counts sum;
    panels += map_script(map_of(grid, subject, sum));
    said += fmt::format("{} {}", said.empty() ? "" : ";",
                        subject + ": " + evidence::rate_text(sum.events, sum.n));
    figure.commands.push_back(evidence::replay_command(grid.begin()->second->cell, 0));
    ++drawn;
  }
  if (drawn == 0) {
    figure.missing =
        "No cells of create-delete-create vary workload.gap and world.watch_lag; `scripts/racebed sweep "
        "--study "
        "duplicate-window --seeds 0:200` makes them.";
    return figure;
  }
  figure.height = 40 + 330 * drawn;
  figure.caption = fmt::format(
      "Runs in which a notification was delivered twice, of all runs, when one of the same name is deleted "
      "and created anew: against the gap between the two, and against how late the controller's cache is "
      "(virtual time). "
      "The darker, the more often. Over the whole map,{}. A controller that decides by its cache duplicates "
      "wherever the cache is late; one that reads before it sends does not.",
      said);
  figure.script = fmt::format("set multiplot layout {},1\n", drawn) + panels + "unset multiplot\n";
  return figure;
}

}  // namespace racebed::plots
