#include "tests/mutation/table.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

namespace racebed::tests {
namespace {

using Json = nlohmann::json;

Trap read_trap(const Json& json) {
  Trap by;
  by.scenario = json.at("scenario");
  by.seeds = json.at("seeds");
  by.invariants = json.at("invariants").get<std::vector<std::string>>();
  return by;
}

}  // namespace

std::vector<Mutant> read_mutants() {
  std::ifstream file(RACEBED_SOURCE_DIR "/tests/mutation/mutants.json");
  std::vector<Mutant> mutants;
  const Json table = Json::parse(file);
  for (const Json& json : table.at("mutants")) {
    Mutant mutant;
    mutant.id = json.at("id");
    mutant.guard = json.at("guard");
    mutant.deletes = json.at("deletes");
    mutant.source = json.at("source");
    for (const Json& by : json.at("caught_by")) mutant.caught_by.push_back(read_trap(by));
    mutants.push_back(std::move(mutant));
  }
  return mutants;
}

}  // namespace racebed::tests
