#include <fmt/format.h>

#include <algorithm>

#include "evidence/report/rules.hpp"
#include "plots/cells.hpp"
#include "plots/figures.hpp"
#include "plots/script.hpp"

namespace racebed::plots {
namespace {

using evidence::Portrait;

const Portrait::Series* breaker_of(const Portrait& portrait) {
  for (const Portrait::Series& series : portrait.series) {
    const bool opens = std::any_of(series.points.begin(), series.points.end(),
                                   [](const auto& point) { return point.value > 0; });
    if (series.name == "breaker" && opens) return &series;
  }
  return nullptr;
}

struct Shown {
  const CellSummary* cell;
  const Material::Portrayed* run;
};

/// Scenarios that say the most: long outages first.
std::vector<Shown> chosen(const Material& material) {
  constexpr std::size_t kPanels = 3;
  std::vector<Shown> shown;
  const auto take = [&](const CellSummary* cell) {
    const Material::Portrayed* run = portrayed(material, *cell);
    const bool known =
        std::any_of(shown.begin(), shown.end(), [&](const Shown& one) { return one.cell == cell; });
    if (shown.size() < kPanels && run != nullptr && !known && breaker_of(run->portrait) != nullptr)
      shown.push_back({cell, run});
  };
  for (const char* scenario : {"outage-30-minutes", "tls-retry", "tls-invalid"}) {
    for (const CellSummary* cell : cells_of(material, scenario, material.subject)) take(cell);
  }
  for (const CellSummary* cell : judged_cells(material)) take(cell);
  return shown;
}

std::string panel(const Shown& shown, std::size_t number_of) {
  const Portrait& portrait = shown.run->portrait;
  const Portrait::Series& series = *breaker_of(portrait);
  const auto minutes = [](std::int64_t microseconds) {
    return number(static_cast<double>(microseconds) / 60e6);
  };
  std::vector<std::string> rows;
  std::int64_t last_open = 0;
  for (const Portrait::Point& point : series.points) {
    if (point.value > 0) last_open = point.at_us;
  }
  const std::int64_t end = std::min(portrait.length_us, last_open + last_open / 4 + 60'000'000);
  for (const Portrait::Point& point : series.points) {
    if (point.at_us <= end) rows.push_back(fmt::format("{} {}", minutes(point.at_us), point.value));
  }
  std::string faults;
  int object = 1;
  std::int64_t since = -1;
  const auto shade = [&](std::int64_t until) {
    faults += fmt::format(
        "set object {} rectangle from first {}, graph 0 to first {}, graph 1 fc rgb '#E69F00' fs solid 0.2 "
        "noborder behind\n",
        object++, minutes(since), minutes(until));
    since = -1;
  };
  for (const Portrait::Event& event : portrait.events) {
    if (event.kind == "fault" && since < 0) since = event.at_us;
    if (event.kind == "healed" && since >= 0) shade(std::min(event.at_us, end));
  }
  if (since >= 0) shade(end);
  return fmt::format("unset for [i=1:20] object i\n") + data(fmt::format("states{}", number_of), rows) +
         faults +
         fmt::format("set xrange [0:{}]\nset title {}\nplot $states{} using 1:2 with steps lt 1 notitle\n",
                     minutes(end),
                     quoted(fmt::format("{}, seed {}", shown.cell->cell.scenario, shown.run->seed)),
                     number_of);
}

}  // namespace

Figure breaker(const Material& material) {
  Figure figure;
  figure.id = "breaker";
  figure.title = "Circuit breaker over time";
  const std::vector<Shown> shown = chosen(material);
  if (shown.empty()) {
    figure.missing =
        "In no run with a portrait was a circuit breaker seen open; `scripts/racebed sweep outage-30-minutes "
        "tls-invalid --seeds 0:60` makes some.";
    return figure;
  }
  std::string panels;
  std::string opened;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (i + 1 == shown.size()) panels += "set xlabel 'minutes of virtual time'\n";
    panels += panel(shown[i], i);
    figure.commands.push_back(evidence::replay_command(shown[i].cell->cell, shown[i].run->seed));
    const Counts counts = above_zero(*shown[i].cell, "breaker_opened");
    opened += fmt::format("{} {} {}", i == 0 ? "" : ";", shown[i].cell->cell.scenario,
                          evidence::rate_text(counts.events, counts.n));
  }
  figure.height = 60 + 180 * static_cast<int>(shown.size());
  figure.caption = fmt::format(
      "The breaker of Slack's endpoint as its metric shows it to a scraper, every 15 s, in single runs; what "
      "is shaded is the time of the fault. Runs in which it was seen open:{}. "
      "It opens soon after the fault begins, tries at growing distances, and closes when the fault is over; "
      "a breaker that stayed open would hold work back for nothing.",
      opened);
  figure.script = fmt::format(R"(set multiplot layout {},1
set yrange [-0.3:2.3]
set ytics ('closed' 0, 'half-open' 1, 'open' 2)
)",
                              shown.size()) +
                  panels + "unset multiplot\n";
  return figure;
}

}  // namespace racebed::plots
