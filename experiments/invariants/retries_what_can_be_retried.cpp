#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/patience.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a request is refused or breaks off, and attempts are left.
class RetriesWhatCanBeRetried final : public Invariant {
 public:
  using Invariant::Invariant;

  void on_fact(const models::Fact& fact) override {
    patience_.on_fact(fact);
    const auto* request = std::get_if<models::Requested>(&fact.what);
    if (request == nullptr) return;
    const Incarnation* incarnation = history().by_token(request->token);
    if (incarnation != nullptr) judge_again(fact, *incarnation, request->channel);
  }

  void at_end(const FinalState& state) override {
    for (const Incarnation& incarnation : history().incarnations()) {
      if (incarnation.deleted) continue;
      for (const std::string& channel : incarnation.channels) judge_last(incarnation, channel, state.end);
    }
  }

 private:
  /// Nothing comes after a refusal for good.
  void judge_again(const models::Fact& fact, const Incarnation& incarnation, const std::string& channel) {
    const std::vector<const Try*> tries = tries_on(incarnation, channel);
    if (tries.size() < 2) return;
    const Try& before = *tries[tries.size() - 2];
    if (failed_for_now(before)) reach();
    if (ending_of(before) != Ending::refused_for_good) return;
    reach();
    Time recorded = fact.time;
    if (const auto shown = incarnation.failures_shown.find(channel);
        shown != incarnation.failures_shown.end()) {
      for (const Time time : shown->second) {
        if (time >= before.at) recorded = std::min(recorded, time);
      }
    }
    const bool nobody_knew = patience_.weather().unrest(before.at, recorded) ||
                             patience_.weather().acted({"net-"}, before.at, fact.time);
    if (nobody_knew || !told_.insert(incarnation.uid + "/" + channel).second) return;
    tell(incarnation, fact.time, {before.answer_fact, fact.number},
         fmt::format("{} was sent to {} again although {} had answered {}, which no further try can change",
                     incarnation.token, channel, channel, before.status));
  }

  void judge_last(const Incarnation& incarnation, const std::string& channel, Time end) {
    const std::vector<const Try*> tries = tries_on(incarnation, channel);
    if (tries.empty() || incarnation.deliveries_on(channel) > 0) return;
    const Try& last = *tries.back();
    if (!failed_for_now(last)) return;
    const PolicyView policy = policy_of(incarnation);
    if (tries.size() >= policy.attempts_max || made_failures(incarnation, channel) >= policy.attempts_max)
      return;
    for (const Try* made : tries) {
      if (ending_of(*made) == Ending::refused_for_good || ending_of(*made) == Ending::unclear) return;
    }
    const bool surely_refused = last.status == 408 || last.status == 425 || last.status == 429;
    if (guarantee(channel) == "at-most-once" && !surely_refused) return;
    if (patience_.handshakes_failed(last.at, end)) return;  // then it may rightly have been given up for that
    Time due = *last.answered +
               backoff_most(policy, std::max(tries.size(), made_failures(incarnation, channel))) +
               retry_after_that_binds(last.retry_after.value_or(Duration{0}));
    due = std::max(due, patience_.trouble_over(end)) + within() + patience_.doubts(surely_refused);
    if (end <= due) return;
    reach();
    tell(incarnation, end, {last.fact, last.answer_fact, incarnation.status_fact},
         fmt::format("{} was answered {} on try {} of {}, and {} s later no further try has come",
                     incarnation.token, answer_text(last), tries.size(), policy.attempts_max,
                     (end - *last.answered) / std::chrono::seconds{1}));
  }

  void tell(const Incarnation& incarnation, Time time, std::vector<std::uint64_t> facts, std::string what) {
    violate(&incarnation, time, std::move(facts), std::move(what));
  }

  Patience patience_;
  std::set<std::string> told_;
};

}  // namespace

const InvariantInfo kRetriesWhatCanBeRetried = {
    "retries-what-can-be-retried",
    "After 408, 425, 429, 5xx and broken connections a further try comes while attempts are left; after any "
    "other 4xx none does.",
    "requested and answered facts (a try may come so much later than its backoff)", std::chrono::seconds{30},
    make_invariant<RetriesWhatCanBeRetried>};

}  // namespace racebed::experiments
