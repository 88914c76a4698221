// The staging plan's risks and criteria, held against measured numbers.
#include <catch2/catch.hpp>

#include "evidence/report/criteria.hpp"
#include "evidence/report/pages.hpp"
#include "evidence/report/plan.hpp"
#include "evidence/report/rules.hpp"
#include "experiments/invariants/invariant.hpp"

namespace racebed::evidence {
namespace {

using Catch::Matchers::Contains;

CellSummary cell_of(const std::string& scenario, const std::string& source = "") {
  CellSummary cell;
  cell.cell.scenario = scenario;
  cell.cell.subject = "core";
  cell.cell.source = source;
  cell.runs = 2;
  return cell;
}

Material material_of(std::vector<CellSummary> cells) {
  Material material;
  material.subject = "core";
  material.cells = std::move(cells);
  return material;
}

const Criterion& criterion(const std::vector<Criterion>& all, const std::string& asked) {
  for (const Criterion& one : all) {
    if (one.asked == asked) return one;
  }
  FAIL("no criterion \"" << asked << "\"");
  throw std::logic_error("not reached");
}

InvariantSummary invariant(const std::string& id, std::uint64_t held, std::uint64_t violated) {
  InvariantSummary summary;
  summary.id = id;
  summary.held = held;
  summary.violated = violated;
  summary.first_seed = 7;
  return summary;
}

}  // namespace

TEST_CASE("the plan names 4 and 29 risks, and a scenario's source says which are its own") {
  CHECK(planned_risks().size() == 33);
  const Material material =
      material_of({cell_of("one", "risk assessment 1"),
                   cell_of("twelve", "staging plan A (leader-kill); risk assessment 12"),
                   cell_of("other", "kubernetes.md R9")});
  const auto scenarios = [&](const std::string& number) {
    std::string names;
    for (const PlannedRisk& risk : planned_risks()) {
      if (risk.number != number) continue;
      for (const CellSummary* cell : cells_of(material, risk)) names += cell->cell.scenario;
    }
    return names;
  };
  CHECK(scenarios("1") == "one");
  CHECK(scenarios("12") == "twelve");
  CHECK(scenarios("A4") == "twelve");
  CHECK(scenarios("2") == "");
  CHECK_FALSE(is_planned("kubernetes.md R9"));
}

TEST_CASE("what decides a risk is an invariant that there is") {
  for (const PlannedRisk& risk : planned_risks()) {
    INFO(risk.number << ". " << risk.what);
    CHECK_FALSE(risk.invariants.empty());
    for (const std::string& invariant : risk.invariants) {
      INFO(invariant);
      CHECK(experiments::find_invariant(invariant) != nullptr);
    }
  }
}

TEST_CASE("a limit holds when the greatest of all runs keeps it") {
  struct Row {
    std::int64_t tasks;
    Holds holds;
  };
  for (const Row& row : {Row{999, Holds::yes}, Row{1000, Holds::no}}) {
    CellSummary cell = cell_of("load-100-slack");
    cell.measures["tasks_peak"] = {12, row.tasks};
    const auto all = criteria(material_of({cell}));
    const Criterion& peak = criterion(all, "fewer than 1,000 tasks at the peak");
    CHECK(peak.holds == row.holds);
    CHECK_THAT(peak.measured, Contains("at most " + std::to_string(row.tasks) + " in 2 runs"));
    CHECK(peak.command == "scripts/racebed run load-100-slack --subject core --seed 0");
    CHECK(criterion(all, "a new leader within 30 s").holds == Holds::not_measured);
  }
}

TEST_CASE("nine of ten notifications are enough where a channel partly fails, and not where none does") {
  CellSummary partial = cell_of("load-100-partial");
  CellSummary whole = cell_of("load-100-console");
  for (CellSummary* cell : {&partial, &whole}) {
    cell->measures["created"] = {100, 100};
    cell->measures["phase_sent"] = {88, 92};
  }
  const auto all = criteria(material_of({partial, whole}));
  CHECK(criterion(all, "partly failing channel: at least 90 % are delivered").holds == Holds::yes);
  CHECK(criterion(all, "console: all are delivered").holds == Holds::no);
}

TEST_CASE("an invariant that is violated once is a criterion that does not hold, with its seed") {
  CellSummary cell = cell_of("leader-kill");
  cell.invariants = {invariant("no-duplicate-delivery", 1, 1), invariant("no-lost-notification", 2, 0)};
  const auto all = criteria(material_of({cell}));
  CHECK(criterion(all, "nothing is delivered twice").holds == Holds::no);
  CHECK_THAT(criterion(all, "nothing is delivered twice").command, Contains("--seed 7"));
  CHECK(criterion(all, "nothing is lost").holds == Holds::yes);
}

TEST_CASE("a study's cells are other worlds, which the plan does not ask about") {
  CellSummary cell = cell_of("leader-kill");
  cell.cell.settings = " --set subject.guarantee=at-least-once";
  cell.invariants = {invariant("no-duplicate-delivery", 0, 2)};
  CHECK(criterion(criteria(material_of({cell})), "nothing is delivered twice").holds == Holds::not_measured);
}

TEST_CASE("nobody is ready whom the plan's scenarios were not run on") {
  const std::vector<Finding> found = verdict(material_of({cell_of("calm")}));
  REQUIRE(found.size() == 8);
  CHECK_FALSE(found[6].holds);
  CHECK(found[6].number == "0 of 33");
  CHECK_FALSE(found[7].holds);
}

TEST_CASE("a risk that was not measured is said to be open, in the assessment too") {
  const std::string page =
      to_markdown(risk_assessment(material_of({cell_of("one", "risk assessment 1")}), {}));
  CHECK_THAT(page, Contains("| 1 | Deletion is marked while a finalizer holds the object | low | medium | "
                            "low | open (at most "));
  CHECK_THAT(page, Contains("| 2 | The object goes while an audit record is written | medium | low | low | "
                            "not measured | no runs |"));
}

}  // namespace racebed::evidence
