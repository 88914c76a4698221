#include "experiments/run/run.hpp"

#include <algorithm>

#include "experiments/world/fixtures.hpp"
#include "experiments/world/world.hpp"

namespace racebed::experiments {
namespace {

struct Judge {
  const InvariantInfo* info;
  std::unique_ptr<Invariant> invariant;
};

std::vector<Judge> judges_of(const Scenario& scenario, const Evidence& evidence) {
  std::vector<Judge> judges;
  for (const InvariantInfo& info : invariants()) {
    Duration within = info.within;
    bool wanted = scenario.invariants.empty();
    for (const InvariantOptions& options : scenario.invariants) {
      if (options.id != info.id) continue;
      wanted = true;
      if (options.within > Duration{0}) within = options.within;
    }
    if (wanted) judges.push_back({&info, info.make(evidence, within)});
  }
  return judges;
}

Verdict verdict_of(const Judge& judge) {
  Verdict verdict{judge.info, Outcome::held, judge.invariant->reached(), judge.invariant->violations()};
  std::stable_partition(verdict.violations.begin(), verdict.violations.end(),
                        [](const Violation& v) { return v.allowed_by.empty(); });
  if (!verdict.violations.empty()) {
    verdict.outcome = verdict.violations.front().allowed_by.empty() ? Outcome::violated : Outcome::allowed;
  } else if (verdict.reached == 0) {
    verdict.outcome = Outcome::not_reached;
  }
  return verdict;
}

/// What the subject declares of each channel. Only Slack (by the Web API) and files can be asked; what cannot
/// is sent at least once unless it is told to send at most once.
std::string declared(const Scenario& scenario, const Subject& subject, const std::string& channel) {
  const bool can_be_asked =
      channel == "file" || (channel == "slack" && scenario.world.slack_api == "web-api");
  const std::string guarantee = subject.guarantee(scenario.subject, can_be_asked);
  return guarantee == "probe" && !can_be_asked ? "at-least-once" : guarantee;
}

}  // namespace

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::held:
      return "held";
    case Outcome::allowed:
      return "allowed";
    case Outcome::violated:
      return "violated";
    case Outcome::not_reached:
      return "not reached";
  }
  return "";
}

bool RunResult::violated() const {
  return std::any_of(verdicts.begin(), verdicts.end(),
                     [](const Verdict& v) { return v.outcome == Outcome::violated; });
}

bool RunResult::allowed() const {
  return std::any_of(verdicts.begin(), verdicts.end(),
                     [](const Verdict& v) { return v.outcome == Outcome::allowed; });
}

RunResult execute(RunSpec spec) {
  fixtures();  // made before the run
  RunResult result;
  result.seed = spec.seed;
  sim::Choices choices(spec.choices ? std::move(spec.choices) : sim::seeded_choices(spec.seed));
  sim::Kernel kernel(choices);
  kernel.trace().set_sink(std::move(spec.trace));
  models::Ledger ledger([&kernel] { return kernel.now(); });
  History history;
  const DeclaredGuarantee guarantee = [&spec](const std::string& channel) {
    return declared(spec.scenario, spec.subject, channel);
  };
  const Evidence evidence{spec.scenario, history, guarantee};
  const std::vector<Judge> judges = judges_of(spec.scenario, evidence);
  ledger.subscribe([&](const models::Fact& fact) {
    history.on_fact(fact);
    for (const Judge& judge : judges) judge.invariant->on_fact(fact);
  });
  World world(kernel, spec.scenario, spec.subject, ledger, std::move(spec.log));
  result.final_state = world.run();
  for (const Judge& judge : judges) {
    judge.invariant->at_end(result.final_state);
    result.verdicts.push_back(verdict_of(judge));
  }
  result.hash = kernel.hash();
  result.steps = kernel.steps();
  result.stop = world.stop_reason();
  result.leak = kernel.leak();
  result.choices = choices.made();
  result.facts = ledger.facts();
  return result;
}

}  // namespace racebed::experiments
