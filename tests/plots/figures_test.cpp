// Every figure on small hand-made data: what gnuplot is told stands in scripts/, to be read. RACEBED_BLESS=1
// renews it.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "plots/figures.hpp"
#include "plots/gnuplot.hpp"
#include "plots/swim_lanes.hpp"

namespace racebed::plots {
namespace {

using Catch::Matchers::Contains;
using evidence::CellSummary;
using evidence::Material;
using evidence::Portrait;

const std::string kScripts = std::string(RACEBED_SOURCE_DIR) + "/tests/plots/scripts";

CellSummary cell_of(const std::string& scenario, const std::string& settings,
                    const std::string& subject = "core") {
  static std::int64_t id = 0;
  CellSummary cell;
  cell.cell.id = ++id;
  cell.cell.scenario = scenario;
  cell.cell.subject = subject;
  cell.cell.settings = settings;
  cell.runs = 4;
  cell.discovery.runs = 4;
  return cell;
}

/// Four runs that differ a little.
std::vector<std::int64_t> about(std::int64_t value) {
  return {value, value, value + value / 10, value + value / 5};
}

CellSummary load_cell(const std::string& channel, std::int64_t count) {
  CellSummary cell = cell_of("load-100-" + channel, " --set workload.count=" + std::to_string(count));
  for (const auto& [p, part] : {std::pair{50, 5}, {95, 9}, {99, 10}})
    cell.measures["latency_p" + std::to_string(p) + "_us"] = about(count * part * 1000);
  cell.measures["slack_requests"] = std::vector<std::int64_t>(4, count);
  cell.measures["connections"] = {3, 4, 4, 4};
  cell.measures["bytes_peak"] = about(300'000);
  cell.measures["tasks_peak"] = about(10);
  cell.measures["sockets_peak"] = about(4);
  for (std::int64_t i = 1; i <= 10; ++i) cell.samples["latency_us"].push_back(i * count * 1000);
  return cell;
}

evidence::InvariantSummary invariant(const std::string& id, std::uint64_t held, std::uint64_t allowed) {
  evidence::InvariantSummary summary;
  summary.id = id;
  summary.held = held;
  summary.allowed = allowed;
  return summary;
}

CellSummary kill_cell(const std::string& guarantee, const std::string& trigger, std::uint64_t twice,
                      std::uint64_t lost) {
  CellSummary cell = cell_of(
      "leader-kill", " --set subject.guarantee=" + guarantee + " --set 'faults[0].after=" + trigger + "'");
  cell.invariants = {invariant("no-duplicate-delivery", 4 - twice, twice),
                     invariant("no-lost-notification", 4 - lost, lost)};
  cell.measures["failover_us"] = {14'900'000, 16'100'000, 16'400'000, 31'000'000};
  return cell;
}

CellSummary window_cell(const std::string& subject, const std::string& gap, const std::string& lag,
                        std::int64_t twice) {
  CellSummary cell = cell_of("create-delete-create",
                             " --set workload.gap=" + gap + " --set world.watch_lag=" + lag, subject);
  cell.measures["duplicates"] = {0, 0, twice, twice};
  cell.cell.is_exhibit = subject != "core";
  return cell;
}

CellSummary tls_cell() {
  CellSummary cell = cell_of("tls-expired", "");
  cell.measures = {{"phase_sent", {4, 4, 4, 4}},   {"phase_partially_sent", {3, 3, 3, 3}},
                   {"phase_failed", {0, 0, 0, 0}}, {"breaker_opened", {0, 1, 1, 1}},
                   {"attempts", {14, 14, 14, 14}}, {"tls_refused", {3, 3, 3, 3}}};
  return cell;
}

/// A race in ten moments: one message is taken twice.
Portrait race() {
  Portrait portrait;
  portrait.length_us = 60'000'000;
  portrait.lanes = {"world", "user", "controller-0", "API server", "slack"};
  portrait.events = {
      {0, "controller-0", "started", ""},
      {5'000'000, "user", "created", "n-0"},
      {5'040'000, "slack", "accepted", "slack n-0"},
      {5'050'000, "world", "fault", "process-kill: controller-0"},
      {5'050'000, "controller-0", "killed", ""},
      {6'000'000, "controller-0", "started", ""},
      {6'040'000, "slack", "accepted", "slack n-0"},
      {6'040'000, "world", "violated", "no-duplicate-delivery: n-0 was delivered to slack again"}};
  portrait.messages = {{5'010'000, "controller-0", 5'010'000, "API server", "committed", "n-0 → Sending"},
                       {5'011'000, "controller-0", 5'011'000, "API server", "refused", "n-0 409"},
                       {5'012'000, "controller-0", 5'012'000, "API server", "refused", "n-0 409"},
                       {5'030'000, "controller-0", 5'030'000, "slack", "requested", "n-0"},
                       {6'030'000, "controller-0", 6'030'000, "slack", "requested", "n-0"},
                       {6'050'000, "slack", 6'050'000, "controller-0", "answered", "200"}};
  portrait.series = {{"tasks", "controller-0", {{0, 5}, {5'010'000, 9}, {6'060'000, 5}}},
                     {"bytes", "controller-0", {{0, 30'000}, {5'010'000, 250'000}, {6'060'000, 90'000}}},
                     {"sockets", "controller-0", {{0, 0}, {5'020'000, 1}, {6'060'000, 0}}},
                     {"breaker", "controller-0", {{15'000'000, 0}, {30'000'000, 2}, {45'000'000, 0}}}};
  return portrait;
}

Material sample() {
  Material material;
  material.subject = "core";
  const std::string sent = R"({"event":"requested","channel":"slack","occurrence":{"min":1,"max":20}})";
  const std::string said = R"({"event":"committed","change":{"path":"/status/phase","to":"Sent"}})";
  material.cells = {load_cell("mixed", 10),
                    load_cell("mixed", 100),
                    load_cell("slack", 100),
                    kill_cell("at-least-once", sent, 4, 0),
                    kill_cell("at-most-once", sent, 0, 3),
                    kill_cell("probe", sent, 0, 0),
                    kill_cell("probe", said, 0, 0),
                    window_cell("core", "0ms", "0ms", 0),
                    window_cell("core", "0ms", "50ms", 0),
                    window_cell("other", "0ms", "0ms", 1),
                    window_cell("other", "0ms", "50ms", 2),
                    tls_cell(),
                    cell_of("leader-kill", "")};
  for (CellSummary& cell : material.cells) {
    material.nights.push_back({"2026-01-01T02:00:00Z", "1.0", cell.cell.id, 3, 3, 0});
    material.nights.push_back(
        {"2026-01-02T02:00:00Z", "1.0", cell.cell.id, 1, 1, cell.cell.scenario == "tls-expired"});
    if (cell.cell.subject == "other")
      cell.discovery.seen = {{"no-duplicate-delivery: # again", 2}, {"no-crash: #", 1}};
  }
  material.portraits = {{material.cells[1].cell.id, 0, race()},
                        {material.cells[11].cell.id, 7, race()},
                        {material.cells[12].cell.id, 0, race()}};
  return material;
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Words, then what gnuplot is told.
std::string text_of(const Figure& figure) {
  std::string commands;
  for (const std::string& command : figure.commands) commands += "#   " + command + "\n";
  return "# " + figure.title + "\n# " + figure.caption + "\n" + commands + figure.script;
}

}  // namespace

TEST_CASE(
    "each figure of hand-made data is told to gnuplot as it stands in scripts/, and gnuplot understands it") {
  for (const Figure& figure : figures(sample())) {
    INFO(figure.id);
    CHECK(figure.missing == "");
    const std::string path = kScripts + "/" + figure.id + ".gp";
    if (std::getenv("RACEBED_BLESS") != nullptr) std::ofstream(path, std::ios::binary) << text_of(figure);
    CHECK(text_of(figure) == read(path));
    CHECK_NOTHROW(render(figure));
  }
}

TEST_CASE("a figure whose runs are not there says what is missing, and how it is made") {
  Material empty;
  empty.subject = "core";
  const std::vector<Figure> none = figures(empty);
  CHECK(none.size() == figures(sample()).size());
  for (const Figure& figure : none) {
    INFO(figure.id);
    CHECK(figure.script == "");
    CHECK_THAT(figure.missing, Contains("database") || Contains("racebed sweep"));
  }
}

TEST_CASE("a cell with a single run, or with none that has the measure, harms no figure") {
  Material material = sample();
  for (CellSummary& cell : material.cells) {
    for (auto& [name, values] : cell.measures) values.resize(1);
    cell.runs = cell.discovery.runs = 1;
    cell.discovery.seen.clear();
    for (auto& one : cell.invariants) one.held = one.allowed = 0;
  }
  material.cells.push_back(cell_of("load-100-console", ""));
  for (const Figure& figure : figures(material)) {
    INFO(figure.id);
    if (figure.missing.empty()) CHECK_NOTHROW(render(figure));
  }
}

TEST_CASE("a long run's lanes show what led to its violation, and say what is left out") {
  Portrait portrait;
  portrait.lanes = {"world", "user", "slack"};
  for (std::int64_t i = 0; i < 500; ++i)
    portrait.events.push_back({i, "user", "created", "n-" + std::to_string(i)});
  portrait.events.push_back({3, "slack", "killed", ""});
  portrait.events.push_back({400, "world", "violated", "no-lost-notification: n-399"});
  portrait.events.push_back({400, "world", "violated", "counts-consistent: n-399"});
  const std::vector<LaneRow> rows = lane_rows(portrait);
  CHECK(rows.size() < 60);
  const auto has = [&](const std::string& kind, const std::string& text) {
    return std::any_of(rows.begin(), rows.end(), [&](const LaneRow& row) {
      return row.kind == kind && row.text.find(text) != std::string::npos;
    });
  };
  CHECK(has("violated", "no-lost-notification"));
  CHECK(has("created", "n-399"));
  CHECK(has("killed", ""));
  CHECK(has("skipped", "moments left out"));
  CHECK_FALSE(has("created", "n-100"));
}

TEST_CASE("the same message again is one row, with its number") {
  const std::vector<LaneRow> rows = lane_rows(race());
  const auto refused =
      std::find_if(rows.begin(), rows.end(), [](const LaneRow& row) { return row.kind == "refused"; });
  REQUIRE(refused != rows.end());
  CHECK(refused->times == 2);
  CHECK(rows.size() == 13);
}

TEST_CASE("text of a run cannot become gnuplot's commands") {
  Portrait portrait = race();
  portrait.events[1].text = "it's '; set output '/tmp/x'\n\"quoted\" \\n {/Bold x} $1";
  CHECK_NOTHROW(render(swim_lanes(portrait, "a 'title'\nof two lines")));
}

}  // namespace racebed::plots
