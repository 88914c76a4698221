#include <fmt/format.h>

#include <algorithm>

#include "evidence/report/rules.hpp"
#include "plots/cells.hpp"
#include "plots/figures.hpp"
#include "plots/swim_lanes.hpp"

namespace racebed::plots {
namespace {

bool violates(const evidence::Portrait& portrait, const char* invariant) {
  return std::any_of(portrait.events.begin(), portrait.events.end(), [&](const auto& event) {
    return event.kind == "violated" && event.text.starts_with(invariant);
  });
}

/// A violation of the judged subject first; then the canary's duplicate; then whatever there is.
int interest(const Material& material, const CellSummary& cell, const evidence::Portrait& portrait) {
  const bool own = !cell.cell.is_canary && cell.cell.subject == material.subject;
  if (own && cell.violated > 0 && violates(portrait, "")) return 3;
  if (cell.cell.is_canary && violates(portrait, "no-duplicate-delivery")) return 2;
  return own ? 1 : 0;
}

}  // namespace

Figure one_run(const Material& material) {
  const Material::Portrayed* best = nullptr;
  const CellSummary* of = nullptr;
  int most = -1;
  for (const auto& run : material.portraits) {
    const auto cell = std::find_if(material.cells.begin(), material.cells.end(),
                                   [&](const CellSummary& one) { return one.cell.id == run.cell; });
    if (cell == material.cells.end()) continue;
    const int interesting = interest(material, *cell, run.portrait);
    if (interesting <= most) continue;
    most = interesting;
    best = &run;
    of = &*cell;
  }
  if (best == nullptr) {
    Figure figure;
    figure.id = "one-run";
    figure.title = "One run";
    figure.missing =
        "No run of the database has a portrait; `scripts/racebed sweep` makes one for each cell.";
    return figure;
  }
  Figure figure = swim_lanes(best->portrait, fmt::format("One run: {}, {}, seed {}", of->cell.scenario,
                                                         of->cell.subject, best->seed));
  figure.commands = {evidence::replay_command(of->cell, best->seed)};
  if (of->cell.is_canary)
    figure.caption +=
        " This is the canary, which must be caught; the judged subject has no violation to show.";
  return figure;
}

Figure leader_death(const Material& material) {
  for (const CellSummary* cell : cells_of(material, "leader-kill", material.subject)) {
    const Material::Portrayed* run = portrayed(material, *cell);
    if (!cell->cell.settings.empty() || run == nullptr) continue;
    Figure figure =
        swim_lanes(run->portrait,
                   fmt::format("The leader dies: leader-kill, {}, seed {}", cell->cell.subject, run->seed),
                   "leader-death");
    figure.commands = {evidence::replay_command(cell->cell, run->seed)};
    return figure;
  }
  Figure figure;
  figure.id = "leader-death";
  figure.title = "The leader dies";
  figure.missing =
      "No portrait of a leader-kill run is in the database; `scripts/racebed sweep leader-kill --seeds "
      "0:200` makes "
      "one.";
  return figure;
}

}  // namespace racebed::plots
