#include "tests/support/world.hpp"

#include <catch2/catch.hpp>

#include "sim/heap_account.hpp"

namespace racebed::tests {
namespace {

struct Outcome {
  std::string result;
  sim::RunHash hash;
  std::vector<sim::Choice> choices;
};

Outcome run_once(std::unique_ptr<sim::ChoiceSource> source, const World& world) {
  sim::Choices choices(std::move(source));
  Outcome outcome;
  {
    sim::Kernel kernel(choices);
    outcome.result = world(kernel);
    if (kernel.leak()) FAIL("a leak: " << kernel.leak()->what << ", " << kernel.leak()->where);
    outcome.hash = kernel.hash();
  }
  outcome.choices = choices.made();
  return outcome;
}

}  // namespace

std::string run_twice(std::uint64_t seed, const World& world) {
  INFO("seed " << seed);
  const Outcome first = run_once(sim::seeded_choices(seed), world);
  sim::heap::set_shake(0x5eed5eed5eed5eedULL);
  const Outcome second = run_once(sim::seeded_choices(seed), world);
  sim::heap::set_shake(0);
  CHECK(first.result == second.result);
  CHECK(sim::RunHash::first_difference(first.hash, second.hash) == "");
  const Outcome replayed = run_once(
      sim::scripted_choices(
          first.choices,
          [](const sim::ChoiceMismatch& m) { FAIL("choice " << m.index << " was another when recorded"); }),
      world);
  CHECK(first.result == replayed.result);
  CHECK(sim::RunHash::first_difference(first.hash, replayed.hash) == "");
  return first.result;
}

}  // namespace racebed::tests
