#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "evidence/report/rules.hpp"
#include "plots/cells.hpp"
#include "plots/figures.hpp"
#include "plots/script.hpp"
#include "plots/style.hpp"

namespace racebed::plots {

Figure failover(const Material& material) {
  constexpr std::int64_t kSecond = 1'000'000;
  constexpr std::int64_t kAllowed = 30 * kSecond;
  Figure figure;
  figure.id = "failover";
  figure.title = "Time to a new leader";
  std::vector<std::int64_t> all;
  std::set<std::string> beyond;
  for (const CellSummary* cell : judged_cells(material)) {
    const auto& times = values(*cell, "failover_us");
    if (times.empty()) continue;
    all.insert(all.end(), times.begin(), times.end());
    if (times.back() > kAllowed) beyond.insert(cell->cell.scenario);
    if (cell->cell.settings.empty() && figure.commands.size() < 3)
      figure.commands.push_back(evidence::replay_command(cell->cell, 0));
  }
  if (all.empty()) {
    figure.missing =
        "In no run of the database did a leader end; `scripts/racebed sweep leader-kill --seeds 0:200` makes "
        "some.";
    return figure;
  }
  std::sort(all.begin(), all.end());
  std::map<std::int64_t, std::uint64_t> bins;
  for (const std::int64_t time : all) ++bins[time / kSecond];
  std::vector<std::string> rows;
  for (const auto& [bin, count] : bins)
    rows.push_back(fmt::format("{}.5 {} {}", bin, rate_with_interval({count, all.size()}), count));
  const auto late =
      static_cast<std::uint64_t>(all.end() - std::upper_bound(all.begin(), all.end(), kAllowed));
  std::string names;
  for (const std::string& name : beyond) names += (names.empty() ? "" : ", ") + name;
  figure.caption = fmt::format(
      "From the end of a leader (killed, without power, crashed or frozen) until another holds the lease, in "
      "steps of 1 s: {} of all scenarios in which a leader ended; median {} s, greatest {} s. "
      "Bars are shares with exact 95 % intervals, counts above them. The plan allows 30 s: {} took longer{}. "
      "A lease of 15 s that is looked at every 2 s makes some 15 to 19 s.",
      counted(all.size(), "run"), seconds(evidence::percentile(all, 50).value), seconds(all.back()),
      evidence::rate_text(late, all.size()), names.empty() ? "" : ", in " + names);
  figure.script = data("bins", rows) + fmt::format(R"(set xlabel 'seconds of virtual time without a leader'
set ylabel 'runs, %'
set xrange [0:{}]
set yrange [0:*]
set boxwidth 0.9
set arrow 1 from first 30, graph 0 to first 30, graph 1 nohead lc rgb '{}' lw 2.5 dt (12,4) front
set label 1 'the plan: 30 s ' at first 30, graph 0.95 right textcolor rgb '{}' front
unset key
plot $bins using 1:2 with boxes lt 1, \
     '' using 1:2:3:4 with yerrorbars lt 6 dt solid lw 1.2 pt 0, \
     '' using 1:4:5 with labels offset 0,0.6 font ',11'
)",
                                                   std::max<std::int64_t>(35, all.back() / kSecond + 2),
                                                   colour::kVermillion, colour::kVermillion);
  return figure;
}

}  // namespace racebed::plots
