// The invariants of a run, sitting together: each hears of every fact as it happens, and judges at the end.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "experiments/invariants/invariant.hpp"
#include "experiments/subjects/subject.hpp"
#include "models/ledger/ledger.hpp"

namespace racebed::experiments {

enum class Outcome { held, allowed, violated, not_reached };
std::string_view to_text(Outcome outcome);  // "held", "allowed", "violated", "not reached"

struct Verdict {
  const InvariantInfo* invariant = nullptr;
  Outcome outcome = Outcome::not_reached;
  std::uint64_t reached = 0;
  std::vector<Violation> violations;  // those that are not allowed first
};

class Panel {
 public:
  /// Those that the scenario names, or all. Listens to `ledger`, whose life it must share; `scenario` and
  /// `subject` must outlive it.
  Panel(const Scenario& scenario, const Subject& subject, models::Ledger& ledger);
  ~Panel();
  Panel(const Panel&) = delete;
  Panel& operator=(const Panel&) = delete;

  /// A process logged a line.
  void on_log(std::string_view process, std::string_view line);
  /// Once, at the end. In the order of invariants().
  std::vector<Verdict> verdicts(const FinalState& state);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace racebed::experiments
