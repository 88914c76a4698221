#include <fmt/format.h>

#include <map>

#include "evidence/report/rules.hpp"
#include "plots/cells.hpp"
#include "plots/figures.hpp"
#include "plots/script.hpp"

namespace racebed::plots {

Figure latency_against_load(const Material& material) {
  constexpr const char* kCount = "workload.count";
  Figure figure;
  figure.id = "latency-against-load";
  figure.title = "Latency against load";
  std::map<double, const CellSummary*> by_count;
  std::string scenario;
  for (const char* name : {"load-100-mixed", "load-100-slack", "load-100-console"}) {
    for (const CellSummary* cell : cells_of(material, name, material.subject)) {
      const auto count = setting(*cell, kCount);
      if (count && amount(*count) && varies_only(*cell, {kCount}) && !values(*cell, "latency_p50_us").empty())
        by_count[*amount(*count)] = cell;
    }
    if (by_count.size() > 1) {
      scenario = name;
      break;
    }
    by_count.clear();
  }
  if (by_count.empty()) {
    figure.missing =
        "No load scenario was run with more than one workload.count; `scripts/racebed sweep --study load "
        "--seeds "
        "0:60` does.";
    return figure;
  }
  std::uint64_t runs = 0;
  std::vector<std::pair<std::string, double>> marks;
  std::string blocks;
  for (const auto& [count, cell] : by_count) {
    runs += cell->runs;
    marks.emplace_back(number(count), count);
    figure.commands.push_back(evidence::replay_command(cell->cell, 0));
  }
  for (const int p : {50, 95, 99}) {
    std::vector<std::string> rows;
    for (const auto& [count, cell] : by_count) {
      const auto& over_runs = values(*cell, fmt::format("latency_p{}_us", p));
      if (!over_runs.empty())
        rows.push_back(fmt::format("{} {}", count, median_with_interval(over_runs, 1e3)));
    }
    blocks += data(fmt::format("p{}", p), rows);
  }
  figure.caption = fmt::format(
      "Percentiles of the time from creation to delivery, against the number of notifications that are "
      "created at once ({}, {}). "
      "Each point is the median over the runs of the run's percentile, with its 95 % interval by order "
      "statistics; both axes are logarithmic. "
      "A straight line at 45° is a queue that is worked off at a steady pace; a steeper one would be a pace "
      "that falls with the load.",
      scenario, counted(runs, "run"));
  figure.script = blocks + fmt::format(R"(set logscale xy
set xlabel 'notifications created at once'
set ylabel 'latency, ms of virtual time'
set xtics {}
set xrange [{}:{}]
plot $p99 using 1:2:3:4 with yerrorlines lt 2 title 'P99', \
     $p95 using 1:2:3:4 with yerrorlines lt 3 title 'P95', \
     $p50 using 1:2:3:4 with yerrorlines lt 1 title 'P50'
)",
                                       ticks(marks), number(by_count.begin()->first * 0.8),
                                       number(by_count.rbegin()->first * 1.25));
  return figure;
}

}  // namespace racebed::plots
