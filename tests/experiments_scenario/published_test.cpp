// What is written down about scenarios says what the field table says. RACEBED_BLESS=1 renews it.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "experiments/scenario/load.hpp"

using namespace racebed;
using namespace racebed::experiments;

namespace {

void check_file(const std::string& name, const std::string& expected) {
  const std::string path = std::string(RACEBED_SOURCE_DIR) + "/" + name;
  if (std::getenv("RACEBED_BLESS") != nullptr) std::ofstream(path, std::ios::binary) << expected;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  INFO(name << " is out of date: scripts/test --bless experiments_scenario");
  CHECK(text.str() == expected);
}

std::size_t lines_of(const std::string& name) {
  std::ifstream file(std::string(RACEBED_SOURCE_DIR) + "/experiments/scenarios/" + name + ".json");
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line);) ++lines;
  return lines;
}

}  // namespace

TEST_CASE("the published schema and the reference page say what the field table says") {
  check_file("experiments/scenarios/scenario.schema.json", scenario_schema().dump(2) + "\n");
  check_file("docs/scenario-reference.md", scenario_reference());
}

TEST_CASE("each scenario of the program is short, and says what risk it is about and what its moment is") {
  const std::vector<std::string> names = scenario_names();
  CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
  for (const std::string& name : names) {
    CAPTURE(name);
    const Scenario scenario = load_scenario(name);
    CHECK(scenario.name == name);
    CHECK_FALSE(scenario.title.empty());
    CHECK_THAT(scenario.risk, Catch::Matchers::EndsWith("."));
    CHECK_FALSE(scenario.level.empty());
    CHECK_FALSE(scenario.source.empty());
    CHECK_FALSE(scenario.moment.what.empty());
    CHECK(scenario.moment.is_set());
    CHECK(lines_of(name) <= 45);
  }
}

TEST_CASE("an expanded scenario is read back to the same") {
  for (const std::string& name : scenario_names()) {
    CAPTURE(name);
    const auto all = expanded(load_scenario(name));
    CHECK(expanded(parse_scenario(name, all.dump(), "x")) == all);
  }
}

TEST_CASE("an empty scenario is the defaults: one replica, five notifications, no fault, all invariants") {
  const Scenario scenario = parse_scenario("x", "{}", "x.json");
  CHECK(scenario.world.replicas == 1);
  CHECK(scenario.workload.kind == "create");
  CHECK(scenario.workload.count == 5);
  CHECK(scenario.faults.empty());
  CHECK(scenario.invariants.empty());
}
