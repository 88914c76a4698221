// Every scenario with the real core, and every fault in some scenario.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <set>

#include "experiments/run/run.hpp"
#include "experiments/scenario/load.hpp"
#include "faults/catalogue/catalogue.hpp"

using namespace racebed;
using namespace racebed::experiments;

namespace {

std::string complaints(const RunResult& run) {
  std::string text;
  for (const Verdict& verdict : run.verdicts) {
    if (verdict.outcome != Outcome::violated) continue;
    text += fmt::format("{}: {}; ", verdict.invariant->id, verdict.violations.front().what);
  }
  return text;
}

}  // namespace

TEST_CASE("with the real core every scenario holds, reaches its moment, and repeats itself") {
  for (const std::string& name : scenario_names()) {
    const Scenario scenario = load_scenario(name);
    const Subject& subject = *find_subject(scenario.subject.name);
    std::uint64_t reached = 0;
    for (const std::uint64_t seed : {0U, 1U}) {
      INFO("scripts/racebed run " << name << " --seed " << seed);
      const RunResult run = execute({scenario, subject, seed});
      CHECK(complaints(run).empty());
      CHECK(run.final_state.workload_done);
      CHECK_FALSE(run.leak);
      reached += run.final_state.moments > 0;
      if (seed == 0) CHECK(execute({scenario, subject, seed}).hash.total() == run.hash.total());
    }
    INFO(name << " did not reach its moment: " << scenario.moment.what);
    CHECK(reached > 0);
  }
}

TEST_CASE("every fault of the catalogue is used by some scenario") {
  std::set<std::string> used;
  for (const std::string& name : scenario_names()) {
    for (const FaultOptions& fault : load_scenario(name).faults) used.insert(fault.fault);
  }
  for (const faults::FaultInfo& info : faults::catalogue()) {
    CAPTURE(info.id);
    CHECK(used.contains(std::string(info.id)));
  }
}
