#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "experiments/invariants/invariant.hpp"
#include "experiments/subjects/subject.hpp"

namespace racebed::cli {
namespace {

using Json = nlohmann::json;

void list_json() {
  Json scenarios = Json::array();
  for (const std::string& name : experiments::scenario_names()) {
    const experiments::Scenario s = experiments::load_scenario(name);
    scenarios.push_back(
        {{"name", name}, {"title", s.title}, {"risk", s.risk}, {"level", s.level}, {"source", s.source}});
  }
  Json subjects = Json::array();
  for (const experiments::Subject* subject : experiments::subjects()) {
    subjects.push_back({{"name", subject->name()}, {"description", subject->description()}});
  }
  Json invariants = Json::array();
  for (const experiments::InvariantInfo& info : experiments::invariants()) {
    invariants.push_back({{"id", info.id},
                          {"sentence", info.sentence},
                          {"evidence", info.evidence},
                          {"within", experiments::duration_text(info.within)}});
  }
  fmt::print("{}\n", Json{{"scenarios", std::move(scenarios)},
                          {"subjects", std::move(subjects)},
                          {"invariants", std::move(invariants)}}
                         .dump(2));
}

void list_invariants() {
  for (const experiments::InvariantInfo& info : experiments::invariants()) {
    fmt::print(
        "{}{}\n  {}\n  evidence: {}\n", info.id,
        info.within > Duration{0} ? fmt::format(" (within {})", experiments::duration_text(info.within)) : "",
        info.sentence, info.evidence);
  }
}

}  // namespace

int list(const ListOptions& options) {
  if (options.schema) {
    fmt::print("{}\n", experiments::scenario_schema().dump(2));
  } else if (options.reference) {
    fmt::print("{}", experiments::scenario_reference());
  } else if (options.json) {
    list_json();
  } else if (options.invariants) {
    list_invariants();
  } else {
    fmt::print("scenarios\n");
    for (const std::string& name : experiments::scenario_names()) {
      const experiments::Scenario s = experiments::load_scenario(name);
      fmt::print("  {:<21} {:<6} {}\n  {:<28} {}\n", name, s.level, s.title, "", s.source);
    }
    fmt::print("\nsubjects\n");
    for (const experiments::Subject* subject : experiments::subjects())
      fmt::print("  {:<22} {}\n", subject->name(), subject->description());
    fmt::print("\nracebed list --invariants shows what is checked.\n");
  }
  return kHolds;
}

}  // namespace racebed::cli
