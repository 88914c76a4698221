// A standing slice of what scripts/check-determinism does at length: each scenario, some seeds, twice in this
// process (the second time with a shaken heap), and once more from the recorded choices.
#include <catch2/catch.hpp>

#include "experiments/run/run.hpp"
#include "experiments/scenario/load.hpp"
#include "sim/heap_account.hpp"

using namespace racebed;
using namespace racebed::experiments;

TEST_CASE("a scenario's run is a function of its seed, and of its recorded choices") {
  // One seed per pair here; check-determinism, which has the time, takes many.
  std::uint64_t seed = 0;
  for (const std::string& name : scenario_names()) {
    const Scenario scenario = load_scenario(name);
    for (const Subject* subject : subjects()) {
      seed = (seed + 1) % 16;
      INFO("scripts/racebed run " << name << " --subject " << subject->name() << " --seed " << seed);
      const RunResult first = execute({scenario, *subject, seed});
      REQUIRE_FALSE(first.leak.has_value());
      sim::heap::set_shake(0x5eed5eed5eed5eedULL);
      const RunResult second = execute({scenario, *subject, seed});
      sim::heap::set_shake(0);
      CHECK(sim::RunHash::first_difference(first.hash, second.hash) == "");
      RunSpec replayed{scenario, *subject, seed};
      replayed.choices = sim::scripted_choices(
          first.choices, [](const sim::ChoiceMismatch& m) { FAIL("choice " << m.index); });
      const RunResult third = execute(std::move(replayed));
      CHECK(sim::RunHash::first_difference(first.hash, third.hash) == "");
    }
  }
}
