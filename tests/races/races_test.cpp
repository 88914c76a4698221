// The seeds of docs/races.md: each still brings back the race that it tells of.
#include <catch2/catch.hpp>

#include "experiments/run/run.hpp"
#include "experiments/scenario/load.hpp"

using namespace racebed::experiments;

namespace {

Outcome outcome_of(const RunResult& run, std::string_view invariant) {
  for (const Verdict& verdict : run.verdicts) {
    if (verdict.invariant->id == invariant) return verdict.outcome;
  }
  FAIL("no invariant " << invariant);
  return Outcome::not_reached;
}

RunResult run_of(const char* scenario, const char* subject, std::uint64_t seed,
                 const std::vector<Setting>& settings = {}) {
  const Scenario loaded = load_scenario(scenario, settings);
  return execute({loaded, *find_subject(subject), seed});
}

}  // namespace

TEST_CASE(
    "the races of the historical controller come back from their seeds, and the real core does not have "
    "them") {
  struct Row {
    std::uint64_t seed;
    const char* invariant;
  };
  for (const Row& row :
       {Row{7, "no-duplicate-delivery"}, Row{7, "status-truthful"}, Row{2, "no-cross-incarnation-status"},
        Row{2, "legal-phase-transitions"}, Row{16, "no-lost-notification"}}) {
    CAPTURE(row.seed, row.invariant);
    CHECK(outcome_of(run_of("create-delete-create", "notification-2025-11", row.seed), row.invariant) ==
          Outcome::violated);
    CHECK(outcome_of(run_of("create-delete-create", "notification", row.seed), row.invariant) ==
          Outcome::held);
  }
}

TEST_CASE("the leader that dies after Slack's acceptance: what each guarantee makes of it") {
  struct Row {
    const char* guarantee;
    Outcome duplicate;
  };
  for (const Row& row : {Row{"at-least-once", Outcome::allowed}, Row{"probe", Outcome::held},
                         Row{"at-most-once", Outcome::held}}) {
    CAPTURE(row.guarantee);
    const RunResult run = run_of("leader-kill", "notification", 3, {{"subject.guarantee", row.guarantee}});
    CHECK(outcome_of(run, "no-duplicate-delivery") == row.duplicate);
    CHECK(outcome_of(run, "no-lost-notification") == Outcome::held);
    CHECK(outcome_of(run, "failover-within") == Outcome::held);
    CHECK_FALSE(run.violated());
  }
}
