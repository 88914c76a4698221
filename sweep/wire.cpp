#include "sweep/wire.hpp"

#include <nlohmann/json.hpp>

namespace racebed::sweep {
namespace {

using Json = nlohmann::json;

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string to_line(const Task& task) {
  return line_of({{"cell", task.cell},
                  {"scenario", task.scenario},
                  {"subject", task.subject},
                  {"settings", task.settings},
                  {"seeds", task.seeds},
                  {"wanted", static_cast<int>(task.wanted)}});
}

Task read_task(const std::string& line) {
  const Json json = Json::parse(line);
  Task task;
  task.cell = json.at("cell");
  task.scenario = json.at("scenario");
  task.subject = json.at("subject");
  task.settings = json.at("settings").get<std::vector<experiments::Setting>>();
  task.seeds = json.at("seeds").get<std::vector<std::uint64_t>>();
  task.wanted = static_cast<Wanted>(json.at("wanted").get<int>());
  return task;
}

std::string to_line(const evidence::Run& run) {
  std::string outcomes;
  for (const evidence::Outcome outcome : run.outcomes) outcomes += static_cast<char>(outcome);
  Json violations = Json::array();
  for (const evidence::Violation& violation : run.violations)
    violations.push_back({violation.invariant, violation.what, violation.kind, violation.count});
  return line_of({{"cell", run.cell},
                  {"seed", run.seed},
                  {"broken", run.broken},
                  {"hash", run.hash},
                  {"steps", run.steps},
                  {"virtual_us", run.virtual_us},
                  {"moments", run.moments},
                  {"outcomes", outcomes},
                  {"violations", violations},
                  {"measures", run.measures},
                  {"samples", run.samples}});
}

evidence::Run read_run(const std::string& line) {
  const Json json = Json::parse(line);
  evidence::Run run;
  run.cell = json.at("cell");
  run.seed = json.at("seed");
  run.broken = json.at("broken");
  run.hash = json.at("hash");
  run.steps = json.at("steps");
  run.virtual_us = json.at("virtual_us");
  run.moments = json.at("moments");
  for (const char letter : json.at("outcomes").get<std::string>())
    run.outcomes.push_back(static_cast<evidence::Outcome>(letter));
  for (const Json& violation : json.at("violations"))
    run.violations.push_back({violation.at(0), violation.at(1), violation.at(2), violation.at(3)});
  run.measures = json.at("measures").get<std::map<std::string, std::int64_t>>();
  run.samples = json.at("samples").get<std::map<std::string, std::vector<std::int64_t>>>();
  return run;
}

}  // namespace racebed::sweep
