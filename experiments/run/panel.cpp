#include "experiments/run/panel.hpp"

#include <algorithm>

#include "experiments/invariants/history.hpp"

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
    bool wanted = scenario.judge == "all";
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

struct Panel::State {
  State(const Scenario& s, const Subject& sub)
      : scenario(s),
        subject(sub),
        guarantee([this](const std::string& channel) { return declared(scenario, subject, channel); }),
        evidence{scenario, history, guarantee, sub.metrics()},
        judges(judges_of(scenario, evidence)) {}
  const Scenario& scenario;
  const Subject& subject;
  History history;
  DeclaredGuarantee guarantee;
  Evidence evidence;
  std::vector<Judge> judges;
};

Panel::Panel(const Scenario& scenario, const Subject& subject, models::Ledger& ledger)
    : state_(std::make_unique<State>(scenario, subject)) {
  ledger.subscribe([state = state_.get()](const models::Fact& fact) {
    state->history.on_fact(fact);
    for (const Judge& judge : state->judges) judge.invariant->on_fact(fact);
  });
}

Panel::~Panel() = default;

void Panel::on_log(std::string_view process, std::string_view line) {
  for (const Judge& judge : state_->judges) judge.invariant->on_log(process, line);
}

std::vector<Verdict> Panel::verdicts(const FinalState& state) {
  std::vector<Verdict> verdicts;
  for (const Judge& judge : state_->judges) {
    judge.invariant->at_end(state);
    verdicts.push_back(verdict_of(judge));
  }
  return verdicts;
}

}  // namespace racebed::experiments
