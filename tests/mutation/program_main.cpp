// What each mutant is linked into, and its twin: runs one scenario over some seeds against the core that it
// was linked with, and prints one line of JSON for each run. Usage: ID SCENARIO FIRST END
#include <cstdio>
#include <nlohmann/json.hpp>

#include "experiments/run/run.hpp"
#include "experiments/scenario/load.hpp"

namespace racebed::experiments {
namespace {

using Json = nlohmann::json;

Json line_of(const RunResult& run) {
  Json violated = Json::object();
  Json reached = Json::array();
  for (const Verdict& verdict : run.verdicts) {
    if (verdict.reached > 0) reached.push_back(verdict.invariant->id);
    if (verdict.outcome == Outcome::violated)
      violated[std::string(verdict.invariant->id)] = verdict.violations.front().what;
  }
  Json line = {{"seed", run.seed}, {"violated", violated}, {"reached", reached}};
  if (run.leak) line["leak"] = run.leak->what + " in " + run.leak->where;
  return line;
}

void run(const std::vector<std::string>& arguments) {
  const Scenario scenario = load_scenario(arguments[0], {});
  const Subject* subject = find_subject(scenario.subject.name);
  if (subject == nullptr) throw InputError("unknown subject " + scenario.subject.name);
  const std::uint64_t end = std::stoull(arguments[2]);
  for (std::uint64_t seed = std::stoull(arguments[1]); seed < end; ++seed) {
    const RunResult result = execute({.scenario = scenario, .subject = *subject, .seed = seed});
    std::printf("%s\n", line_of(result).dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
    std::fflush(stdout);  // a mutant may die in its next run
  }
}

}  // namespace
}  // namespace racebed::experiments

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3) {
    std::fprintf(stderr, "usage: %s SCENARIO FIRST END\n", argv[0]);
    return 2;
  }
  try {
    racebed::experiments::run(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 2;
  }
  return 0;
}
