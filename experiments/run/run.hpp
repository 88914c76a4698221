// One run: a scenario, a subject and a seed in; verdicts, hashes and the ledger out. A pure function of its
// arguments.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiments/invariants/invariant.hpp"
#include "experiments/run/panel.hpp"
#include "experiments/scenario/scenario.hpp"
#include "experiments/subjects/subject.hpp"
#include "experiments/world/final_state.hpp"
#include "models/ledger/fact.hpp"
#include "sim/choices.hpp"
#include "sim/hash.hpp"
#include "sim/kernel.hpp"
#include "sim/trace.hpp"

namespace racebed::experiments {

struct RunSpec {
  const Scenario& scenario;
  const Subject& subject;
  std::uint64_t seed = 0;
  /// Recorded choices to follow instead of the seed's.
  std::unique_ptr<sim::ChoiceSource> choices{};
  /// Hears of each trace event; null: events are hashed and not rendered.
  sim::Trace::Sink trace{};
  /// Hears of each line that a controller logs.
  std::function<void(std::string_view process, std::string_view line)> log{};
  /// Looks at the processes when something happens, at most every kLookInterval; it must only look.
  std::function<void(Time now, const sim::Process& process)> look{};
};
inline constexpr Duration kLookInterval = std::chrono::milliseconds{50};

struct RunResult {
  std::uint64_t seed = 0;
  bool live = false;              // on real sockets: no hash, no choices, real time
  std::vector<Verdict> verdicts;  // in the order of invariants()
  sim::RunHash hash;
  std::uint64_t steps = 0;
  sim::StopReason stop = sim::StopReason::idle;
  std::optional<sim::Leak> leak;  // nondeterminism that was caught: the run counts for nothing
  std::vector<sim::Choice> choices;
  std::deque<models::Fact> facts;
  FinalState final_state;

  bool violated() const;
  bool allowed() const;
};

RunResult execute(RunSpec spec);

}  // namespace racebed::experiments
