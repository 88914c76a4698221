#include <fmt/format.h>

#include <algorithm>

#include "evidence/report/rules.hpp"
#include "plots/cells.hpp"
#include "plots/figures.hpp"
#include "plots/script.hpp"

namespace racebed::plots {

Figure connections(const Material& material) {
  Figure figure;
  figure.id = "connections";
  figure.title = "Connections opened against deliveries";
  std::vector<std::string> rows;
  std::uint64_t runs = 0;
  double most = 1;
  for (const char* scenario : {"load-100-slack", "load-100-mixed", "load-100-partial", "load-ramp"}) {
    for (const CellSummary* cell : cells_of(material, scenario, material.subject)) {
      const auto& requests = values(*cell, "slack_requests");
      const auto& opened = values(*cell, "connections");
      if (requests.empty() || opened.empty() || requests.back() == 0) continue;
      runs += cell->runs;
      most = std::max(most, static_cast<double>(requests.back()));
      rows.push_back(median_with_interval(requests, 1) + " " + median_with_interval(opened, 1));
      figure.commands.push_back(evidence::replay_command(cell->cell, 0));
    }
  }
  if (rows.empty()) {
    figure.missing =
        "No run of a load scenario that sends to Slack is in the database; `scripts/racebed sweep nightly` "
        "makes "
        "some.";
    return figure;
  }
  std::sort(rows.begin(), rows.end());
  figure.commands.resize(std::min<std::size_t>(figure.commands.size(), 3));
  figure.caption = fmt::format(
      "Connections that were opened to Slack against the requests sent over them, in the load scenarios "
      "({}). Each point is one cell: the median over "
      "its runs, with 95 % intervals by order statistics; both axes are logarithmic. The dashed line is a "
      "connection for each request; the pool holds at most 8. "
      "Points far below the line, and no higher to the right than to the left, are connections that are "
      "reused.",
      counted(runs, "run"));
  figure.script = data("cells", rows) + fmt::format(R"(set logscale xy
set xlabel 'requests sent to Slack in a run'
set ylabel 'connections opened in a run'
set xrange [1:{0}]
set yrange [0.7:{0}]
plot x lt 6 title 'one for each request', 8 lt 3 title 'the pool may hold 8', \
     $cells using 1:4:2:3:5:6 with xyerrorbars lt 1 title 'measured'
)",
                                                    number(most * 1.5));
  return figure;
}

}  // namespace racebed::plots
