#include "tests/faults/behaviour/behaviours.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

namespace racebed::tests {
namespace {

using Json = nlohmann::json;

std::string value_of(const Json& json) {
  return json.is_string() ? json.get<std::string>() : json.dump();
}

Behaviour read_one(const Json& row, const Json& base) {
  Behaviour behaviour;
  behaviour.fault = row.at("fault");
  Json settings = base;
  settings.update(row.value("set", Json::object()));
  for (const auto& [path, value] : settings.items()) behaviour.calm.emplace_back(path, value_of(value));
  Json fault = row.value("as", Json::object());
  fault["fault"] = behaviour.fault;
  if (row.contains("with")) {
    fault["with"] = row.at("with");
    behaviour.with = row.at("with").dump();
  }
  behaviour.settings = behaviour.calm;
  Json faults = row.value("besides", Json::array());
  behaviour.calm.emplace_back("faults", faults.dump());
  faults.push_back(std::move(fault));
  behaviour.settings.emplace_back("faults", faults.dump());
  behaviour.shows = row.value("shows", std::vector<std::string>());
  if (const auto elsewhere = row.find("elsewhere"); elsewhere != row.end()) {
    behaviour.elsewhere = elsewhere->at("test");
    behaviour.elsewhere_file = elsewhere->at("file");
  }
  return behaviour;
}

}  // namespace

std::string Behaviour::name() const {
  return with.empty() ? fault : fault + " " + with;
}

bool Behaviour::is_about(const std::string& parameter, const std::string& word) const {
  if (with.empty()) return false;
  const Json json = Json::parse(with);
  return json.contains(parameter) && json.at(parameter) == word;
}

std::vector<Behaviour> read_behaviours() {
  std::ifstream file(RACEBED_SOURCE_DIR "/tests/faults/behaviour/behaviours.json");
  const Json table = Json::parse(file);
  std::vector<Behaviour> behaviours;
  for (const Json& row : table.at("faults")) behaviours.push_back(read_one(row, table.at("scenario")));
  return behaviours;
}

}  // namespace racebed::tests
