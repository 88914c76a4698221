#include <fmt/format.h>

#include "evidence/report/rules.hpp"
#include "plots/cells.hpp"
#include "plots/figures.hpp"
#include "plots/script.hpp"

namespace racebed::plots {
namespace {

constexpr const char* kSample = "latency_us";

/// Of the cells with the plan's 100 notifications, that with most runs.
const CellSummary* cell_of_100(const Material& material, const std::string& scenario) {
  const CellSummary* best = nullptr;
  for (const CellSummary* cell : cells_of(material, scenario, material.subject)) {
    const bool is_100 =
        varies_only(*cell, {"workload.count"}) && setting(*cell, "workload.count").value_or("100") == "100";
    if (is_100 && cell->samples.contains(kSample) && (best == nullptr || cell->runs > best->runs))
      best = cell;
  }
  return best;
}

/// The distribution as "milliseconds per_cent", thinned to what a figure can show.
std::vector<std::string> distribution(const std::vector<std::int64_t>& sorted) {
  constexpr std::size_t kPointsMax = 200;
  std::vector<std::string> rows;
  const std::size_t points = std::min(kPointsMax, sorted.size());
  for (std::size_t i = 1; i <= points; ++i) {
    const std::size_t rank = i * sorted.size() / points;
    rows.push_back(
        fmt::format("{} {}", milliseconds(sorted[rank - 1]),
                    number(100.0 * static_cast<double>(rank) / static_cast<double>(sorted.size()))));
  }
  return rows;
}

/// Percentiles as "milliseconds per_cent low high".
std::vector<std::string> percentiles(const CellSummary& cell) {
  std::vector<std::string> rows;
  for (const int p : {50, 95, 99}) {
    const auto& over_runs = values(cell, fmt::format("latency_p{}_us", p));
    if (over_runs.empty()) continue;
    const evidence::Percentile median = evidence::percentile(over_runs, 50);
    rows.push_back(fmt::format("{} {} {} {}", milliseconds(median.value), p, milliseconds(median.low),
                               milliseconds(median.high)));
  }
  return rows;
}

}  // namespace

Figure latency(const Material& material) {
  Figure figure;
  figure.id = "latency";
  figure.title = "Delivery latency";
  std::string blocks;
  std::string curves;
  int line = 0;
  std::string ns;
  for (const char* channel : {"console", "mixed", "slack"}) {
    const CellSummary* cell = cell_of_100(material, std::string("load-100-") + channel);
    if (cell == nullptr) continue;
    ++line;
    const auto& sorted = cell->samples.at(kSample);
    blocks += data(std::string(channel), distribution(sorted)) +
              data(fmt::format("{}_p", channel), percentiles(*cell));
    curves += fmt::format(
        "{}${} using 1:2 with lines lt {} title '{}', ${}_p using 1:2:3:4 with xerrorbars lt {} dt solid "
        "notitle",
        line == 1 ? "" : ", ", channel, line, channel, channel, line);
    ns += fmt::format("{}{}: {} in {}", line == 1 ? "" : "; ", channel,
                      counted(sorted.size(), "delivery", "deliveries"), counted(cell->runs, "run"));
    figure.commands.push_back(evidence::replay_command(cell->cell, 0));
  }
  if (line == 0) {
    figure.missing =
        "No run of load-100-console, load-100-slack or load-100-mixed is in the database; `scripts/racebed "
        "sweep "
        "nightly` makes some.";
    return figure;
  }
  figure.caption = fmt::format(
      "Time from creation to delivery when 100 notifications are created at once: the share of all "
      "deliveries that took at most so long ({}). "
      "Points are P50, P95 and P99, the median over the runs with its 95 % interval by order statistics. A "
      "steep line means that all fare "
      "alike; the distance between console and Slack is the price of TLS and of Slack's answer.",
      ns);
  figure.script = blocks + R"(set xlabel 'creation to delivery, ms of virtual time'
set ylabel 'deliveries, %'
set xrange [0:*]
set yrange [0:103]
plot )" + curves + "\n";
  return figure;
}

}  // namespace racebed::plots
