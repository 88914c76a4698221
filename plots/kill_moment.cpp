#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "evidence/report/rules.hpp"
#include "plots/cells.hpp"
#include "plots/figures.hpp"
#include "plots/script.hpp"

namespace racebed::plots {
namespace {

constexpr const char* kScenario = "leader-kill";
constexpr const char* kAfter = "faults[0].after";
constexpr const char* kGuarantee = "subject.guarantee";

struct Moment {
  int order = 9;  // in the life of a notification
  std::string text;
  friend auto operator<=>(const Moment&, const Moment&) = default;
};

/// What a trigger waits for, in words.
Moment moment_of(const std::string& trigger) {
  const auto json = nlohmann::json::parse(trigger, nullptr, false);
  if (!json.is_object()) return {9, trigger};
  const std::string event = json.value("event", "");
  const nlohmann::json::json_pointer to("/change/to");
  if (event == "committed" && json.contains(to)) return {5, "status " + json.value(to, "")};
  if (event == "committed") return {1, "status write"};
  static const std::map<std::string, Moment> kKnown = {{"user-created", {0, "created"}},
                                                       {"requested", {2, "sent"}},
                                                       {"delivered", {3, "accepted"}},
                                                       {"answered", {4, "answered"}}};
  const auto known = kKnown.find(event);
  return known == kKnown.end() ? Moment{9, event} : known->second;
}

struct Guarantee {
  std::string name;
  int line;
  double shift;  // so that error bars stand side by side
};
const Guarantee kGuarantees[] = {{"at-least-once", 2, -0.12}, {"at-most-once", 3, 0}, {"probe", 1, 0.12}};

using Grid = std::map<Moment, std::map<std::string, const CellSummary*>>;

std::string panel(const Grid& grid, const char* name, const char* invariant, const char* label,
                  bool with_key) {
  std::string blocks;
  std::string curves;
  for (const Guarantee& guarantee : kGuarantees) {
    std::vector<std::string> rows;
    int x = 0;
    for (const auto& [moment, cells] : grid) {
      const auto cell = cells.find(guarantee.name);
      if (cell != cells.end()) {
        const Counts counts = broken(*cell->second, invariant);
        if (counts.n > 0)
          rows.push_back(fmt::format("{} {}", number(x + guarantee.shift), rate_with_interval(counts)));
      }
      ++x;
    }
    if (rows.empty()) continue;
    const std::string block = fmt::format("{}_{}", name, guarantee.line);
    blocks += data(block, rows);
    curves += fmt::format("{}${} using 1:2:3:4 with yerrorlines lt {} title {}", curves.empty() ? "" : ", ",
                          block, guarantee.line, quoted(guarantee.name));
  }
  if (curves.empty()) return "";
  return blocks +
         fmt::format("{} key\nset ylabel '{}'\nplot {}\n", with_key ? "set" : "unset", label, curves);
}

}  // namespace

Figure kill_moment(const Material& material) {
  Figure figure;
  figure.id = "kill-moment";
  figure.title = "Duplicates and losses against the moment of the leader's death";
  figure.height = 620;
  Grid grid;
  std::uint64_t runs = 0;
  for (const CellSummary* cell : cells_of(material, kScenario, material.subject)) {
    const auto after = setting(*cell, kAfter);
    const auto guarantee = setting(*cell, kGuarantee);
    if (!after || !guarantee || !varies_only(*cell, {kAfter, kGuarantee})) continue;
    grid[moment_of(*after)][*guarantee] = cell;
    runs += cell->runs;
  }
  if (grid.empty()) {
    figure.missing =
        "No cells of leader-kill vary faults[0].after and subject.guarantee; `scripts/racebed sweep --study "
        "kill-moment --seeds 0:200` makes them.";
    return figure;
  }
  std::vector<std::pair<std::string, double>> marks;
  std::vector<std::pair<std::string, double>> blanks;  // under the upper panel
  for (const auto& [moment, cells] : grid) {
    const auto x = static_cast<double>(marks.size());
    marks.emplace_back(moment.text, x);
    blanks.emplace_back("", x);
    if (marks.size() <= 3)
      figure.commands.push_back(evidence::replay_command(cells.begin()->second->cell, 0));
  }
  figure.caption = fmt::format(
      "The leader is killed at one of the first twenty moments of a kind, from a notification's creation "
      "(left) to its last status write (right): the share of runs with a second delivery (above) and with a "
      "lost one (below), "
      "for each guarantee that the controller can be told to give ({}, with exact 95 % intervals). "
      "At-least-once duplicates when it dies between sending and the status write; at-most-once loses when "
      "it dies after writing that it will send; probe asks Slack, and should do neither.",
      counted(runs, "run"));
  figure.script = fmt::format(R"(set multiplot layout 2,1 margins 0.15,0.97,0.08,0.93 spacing 0,0.05
set xrange [-0.5:{}.5]
set yrange [0:103]
set key maxrows 1 width -2 font ',12'
set xtics {} font ',11'
)",
                              marks.size() - 1, ticks(blanks)) +
                  panel(grid, "twice", "no-duplicate-delivery", "runs with a duplicate, %", true) +
                  fmt::format("set xtics {} font ',11'\n", ticks(marks)) +
                  panel(grid, "lost", "no-lost-notification", "runs with a loss, %", false) +
                  "unset multiplot\n";
  return figure;
}

}  // namespace racebed::plots
