#include <fmt/format.h>

#include <algorithm>

#include "evidence/report/rules.hpp"
#include "plots/cells.hpp"
#include "plots/figures.hpp"
#include "plots/script.hpp"
#include "plots/style.hpp"

namespace racebed::plots {
namespace {

using evidence::Portrait;

struct Panel {
  const char* series;
  const char* peak;  // the measure
  const char* label;
  double unit;
};
constexpr Panel kPanels[] = {{"bytes", "bytes_peak", "memory, kB", 1e3},
                             {"tasks", "tasks_peak", "tasks", 1},
                             {"sockets", "sockets_peak", "connections", 1}};

/// The busiest process's: that with the greatest value.
const Portrait::Series* busiest(const Portrait& portrait, const std::string& name) {
  const Portrait::Series* best = nullptr;
  std::int64_t most = -1;
  for (const Portrait::Series& series : portrait.series) {
    if (series.name != name || series.points.empty()) continue;
    const auto peak = std::max_element(series.points.begin(), series.points.end(),
                                       [](const auto& a, const auto& b) { return a.value < b.value; });
    if (peak->value <= most) continue;
    most = peak->value;
    best = &series;
  }
  return best;
}

/// From shortly before the work begins, until everything is back to where it was.
std::pair<std::int64_t, std::int64_t> span_of_work(const Portrait& portrait) {
  constexpr std::int64_t kSecond = 1'000'000;
  std::int64_t begin = portrait.length_us;
  for (const Portrait::Event& event : portrait.events) {
    if (event.kind == "created") begin = std::min(begin, event.at_us);
  }
  std::int64_t end = begin;
  for (const Portrait::Series& series : portrait.series) {
    if (series.name != "breaker" && !series.points.empty()) end = std::max(end, series.points.back().at_us);
  }
  return {std::max<std::int64_t>(0, begin - kSecond), std::min(portrait.length_us, end + 5 * kSecond)};
}

std::string panel(const Panel& what, const Portrait& portrait, const CellSummary& cell,
                  std::pair<std::int64_t, std::int64_t> span) {
  const Portrait::Series* series = busiest(portrait, what.series);
  const auto& peaks = values(cell, what.peak);
  if (series == nullptr || peaks.empty()) return "";
  std::vector<std::string> rows;
  std::int64_t last = series->points.front().value;
  for (const Portrait::Point& point : series->points) {
    if (point.at_us > span.second) break;
    rows.push_back(seconds(point.at_us) + " " + number(static_cast<double>(point.value) / what.unit));
    last = point.value;
  }
  rows.push_back(seconds(span.second) + " " + number(static_cast<double>(last) / what.unit));
  const evidence::Percentile median = evidence::percentile(peaks, 50);
  const auto in_units = [&](std::int64_t value) { return number(static_cast<double>(value) / what.unit); };
  const double top = static_cast<double>(std::max(peaks.back(), median.high)) / what.unit * 1.25;
  return data(what.series, rows) + fmt::format(R"(set ylabel '{0}'
set yrange [0:{1}]
set ytics {6}
set object 1 rectangle from graph 0, first {2} to graph 1, first {3} fc rgb '{7}' fs solid 0.25 noborder back
plot ${4} using 1:2 with steps lt 1 notitle, {5} lt 5 notitle
)",
                                               what.label, number(top), in_units(median.low),
                                               in_units(median.high), what.series, in_units(median.value),
                                               number(tick_step(top)), colour::kOrange);
}

}  // namespace

Figure resources(const Material& material) {
  Figure figure;
  figure.id = "resources";
  figure.title = "Memory, tasks and connections over time";
  figure.height = 600;
  const CellSummary* chosen = nullptr;
  for (const char* scenario : {"load-100-mixed", "load-100-slack", "load-100-console", "memory-at-100"}) {
    for (const CellSummary* cell : cells_of(material, scenario, material.subject)) {
      const bool is_100 =
          varies_only(*cell, {"workload.count"}) && setting(*cell, "workload.count").value_or("100") == "100";
      if (is_100 && portrayed(material, *cell) != nullptr && (chosen == nullptr || cell->runs > chosen->runs))
        chosen = cell;
    }
    if (chosen != nullptr) break;
  }
  if (chosen == nullptr) {
    figure.missing =
        "No portrait of a load-100 run is in the database; `scripts/racebed sweep load-100-mixed --seeds "
        "0:60` makes "
        "one.";
    return figure;
  }
  const Material::Portrayed& run = *portrayed(material, *chosen);
  const auto span = span_of_work(run.portrait);
  std::string panels;
  for (const Panel& one : kPanels) panels += panel(one, run.portrait, *chosen, span);
  const auto greatest = [&](const char* measure) {
    const auto& sorted = values(*chosen, measure);
    return sorted.empty() ? 0.0 : static_cast<double>(sorted.back());
  };
  figure.caption = fmt::format(
      "What the controller holds while 100 notifications pass through ({}, seed {}): the blue line is one "
      "run, from 1 s before the work to 5 s after the last change. "
      "The dashed line is the median of the peaks of {}, the band its 95 % interval by order statistics "
      "(often no wider than the line). Of all these runs the greatest were {} kB, {} tasks and "
      "{} connections; the plan allows a growth of 500 MB and 1,000 tasks, both far above these axes. Tasks "
      "and connections come back to where they began; the memory that stays is what is remembered of objects "
      "that still exist.",
      chosen->cell.scenario, run.seed, counted(chosen->runs, "run"), number(greatest("bytes_peak") / 1e3),
      number(greatest("tasks_peak")), number(greatest("sockets_peak")));
  figure.commands = {evidence::replay_command(chosen->cell, run.seed)};
  figure.script = fmt::format(R"(set multiplot layout 3,1 margins 0.15,0.97,0.11,0.98 spacing 0,0.04
set xrange [{}:{}]
unset key
set format x ''
)",
                              seconds(span.first), seconds(span.second)) +
                  panels;
  figure.script.insert(figure.script.rfind("set ylabel"),
                       "set format x '%g'\nset xlabel 'seconds of virtual time'\n");
  figure.script += "unset multiplot\n";
  return figure;
}

}  // namespace racebed::plots
