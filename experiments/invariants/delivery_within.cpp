#include <fmt/format.h>

#include <algorithm>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/patience.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: nothing has been in the way of a delivery for as long as the bound.
class DeliveryWithin final : public Invariant {
 public:
  using Invariant::Invariant;

  void on_fact(const models::Fact& fact) override {
    patience_.on_fact(fact);
    const auto* delivered = std::get_if<models::Delivered>(&fact.what);
    if (delivered == nullptr) return;
    const Incarnation* incarnation = history().by_token(delivered->token);
    if (incarnation == nullptr || incarnation->deleted) return;
    if (incarnation->deliveries_on(delivered->channel) != 1) return;
    reach();
    judge(*incarnation, delivered->channel, fact.time, fact.number);
  }

  void at_end(const FinalState& state) override {
    for (const Incarnation& incarnation : history().incarnations()) {
      if (incarnation.deleted) continue;
      for (const std::string& channel : incarnation.channels) {
        if (is_known_channel(channel) && incarnation.deliveries_on(channel) == 0)
          judge(incarnation, channel, state.end, 0);
      }
    }
  }

 private:
  void judge(const Incarnation& incarnation, const std::string& channel, Time now, std::uint64_t delivered) {
    const std::optional<Time> due = due_time(incarnation, channel, now, delivered != 0);
    if (!due || now <= *due) return;
    violate(&incarnation, now,
            {incarnation.created_fact, delivered != 0 ? delivered : incarnation.status_fact},
            fmt::format("{} {} {} {} s after its creation, {} s after it was due", incarnation.token,
                        delivered != 0 ? "reached" : "has not reached", channel,
                        (now - incarnation.created) / std::chrono::seconds{1},
                        (now - *due) / std::chrono::seconds{1}));
  }

  /// Nothing where it need not be delivered: refused for good, exhausted, out of time, in doubt.
  std::optional<Time> due_time(const Incarnation& incarnation, const std::string& channel, Time now,
                               bool delivered) const {
    std::vector<const Try*> tries = tries_on(incarnation, channel);
    if (delivered && !tries.empty()) tries.pop_back();
    const PolicyView policy = policy_of(incarnation);
    const std::size_t failures = std::max(tries.size(), made_failures(incarnation, channel));
    if (!delivered && failures >= policy.attempts_max) return std::nullopt;
    if (now - incarnation.created >= scenario().subject.deadline) return std::nullopt;
    Time last = std::max(incarnation.created, patience_.trouble_over(now));
    Duration wish{0};
    bool answered_for_good = false;
    for (const Try* made : tries) {
      const Ending ending = ending_of(*made);
      answered_for_good =
          answered_for_good || ending == Ending::refused_for_good || ending == Ending::unclear;
      last = std::max(last, made->answered.value_or(made->at));
      if (made->retry_after) wish = std::max(wish, retry_after_that_binds(*made->retry_after));
    }
    if (answered_for_good) return std::nullopt;
    if (!delivered && failures > 0 && patience_.refused_as_no_message(incarnation.created, now))
      return std::nullopt;
    const bool certificate = channel == "slack" && patience_.handshakes_failed(incarnation.created, now);
    if (certificate && !delivered) return std::nullopt;  // given up for that, as the subject may
    const bool ends = patience_.weather().ends(incarnation.created, now) > 0;
    if (!delivered && guarantee(channel) == "at-most-once" && (ends || failures > 0)) return std::nullopt;
    Duration wait = within() + wish + patience_.doubts(failures == 0 && !ends);
    if (failures > 0) wait += backoff_most(policy, failures);
    return last + wait;
  }

  Patience patience_;
};

}  // namespace

const InvariantInfo kDeliveryWithin = {
    "delivery-within",
    "What is to be delivered is delivered in time after the last thing that was in the way.",
    "delivered facts against creation times, faults, comings and goings of controllers, and backoffs",
    std::chrono::seconds{60}, make_invariant<DeliveryWithin>};

}  // namespace racebed::experiments
