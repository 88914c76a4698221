#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "evidence/report/rules.hpp"
#include "plots/cells.hpp"
#include "plots/figures.hpp"
#include "plots/script.hpp"

namespace racebed::plots {

Figure trend(const Material& material) {
  constexpr std::size_t kNightsMax = 60;
  Figure figure;
  figure.id = "trend";
  figure.title = "Night after night";
  figure.height = 520;
  std::map<std::int64_t, const CellSummary*> cells;
  for (const CellSummary* cell : judged_cells(material)) cells[cell->cell.id] = cell;
  std::map<std::pair<std::string, std::string>, Counts> nights;  // by begin and version
  for (const evidence::Night& night : material.nights) {
    if (!cells.contains(night.cell)) continue;
    Counts& counts = nights[{night.began, night.version}];
    counts.events += night.violated;
    counts.n += night.runs;
  }
  while (nights.size() > kNightsMax) nights.erase(nights.begin());
  if (nights.empty()) {
    figure.missing =
        "The database does not say which sweep added which runs; `scripts/racebed sweep` writes it with "
        "each.";
    return figure;
  }
  std::vector<std::string> rows;
  std::vector<std::pair<std::string, double>> marks;
  std::vector<std::pair<std::string, double>> blanks;  // under the upper panel
  Counts all;
  const std::size_t step = nights.size() / 6 + 1;
  double most = 0;
  std::size_t x = 0;
  for (const auto& [night, counts] : nights) {
    rows.push_back(fmt::format("{} {} {}", x, rate_with_interval(counts), counts.n));
    // "2026-11-29T04:16:00Z": month, day and time are enough.
    if (x % step == 0 && night.first.size() >= 16) {
      marks.emplace_back(night.first.substr(5, 5) + " " + night.first.substr(11, 5), x);
      blanks.emplace_back("", x);
    }
    most = std::max(most, static_cast<double>(counts.n));
    all.events += counts.events;
    all.n += counts.n;
    ++x;
  }
  figure.caption = fmt::format(
      "What each sweep added for {}, in the order in which they began (UTC): the share of its runs that "
      "violate an invariant, with its exact 95 % interval, and how many runs there were. {} in all: {}. "
      "The interval's upper end is what a night can still hide; more runs press it down. Only seeds that "
      "were not there before count as a night's.",
      material.subject, counted(nights.size(), "sweep"), evidence::rate_text(all.events, all.n));
  figure.script = data("nights", rows) +
                  fmt::format(R"(set multiplot layout 2,1 margins 0.17,0.96,0.09,0.97 spacing 0,0.06
set xrange [-0.6:{}.6]
unset key
set xtics {} font ',11'
set ylabel 'violated, % of runs'
set yrange [0:*]
plot $nights using 1:2:3:4 with yerrorbars lt 1
set ylabel 'runs added'
set xtics {} font ',11'
set ytics {}
set boxwidth 0.6
plot $nights using 1:5 with boxes lt 1
unset multiplot
)",
                              x - 1, ticks(blanks), ticks(marks), number(tick_step(most)));
  return figure;
}

}  // namespace racebed::plots
