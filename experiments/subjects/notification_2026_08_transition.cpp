#include "experiments/subjects/notification_2026_08_transition.hpp"

#include <algorithm>

namespace racebed::experiments::august_2026 {

Transition decide(const Working& work, const std::vector<Attempt>& attempts, std::size_t failures,
                  const std::function<bool(const std::string& channel)>& has_succeeded) {
  using Kind = Transition::Kind;
  const std::vector<std::string> channels = work.channels();
  const auto total = static_cast<std::int64_t>(channels.size());
  const std::int64_t max_attempts = work.policy().max_attempts;
  Transition decision;
  decision.succeeded =
      work.counter("successfulDeliveries") +
      std::count_if(attempts.begin(), attempts.end(), [](const Attempt& attempt) { return attempt.success; });
  if (total == 0) {
    decision.kind = Kind::failed;
    decision.reason = "NoChannelsResolved";
    return decision;
  }
  if (decision.succeeded == total) {
    decision.kind = Kind::sent;
    decision.reason = "AllDeliveriesSucceeded";
    return decision;
  }
  const bool exhausted = std::all_of(channels.begin(), channels.end(), [&](const std::string& channel) {
    return has_succeeded(channel) || work.has_permanent_error(channel) ||
           work.attempts_of(channel) >= max_attempts;
  });
  if (exhausted) {
    if (decision.succeeded > 0 && decision.succeeded < total) {
      decision.kind = Kind::partially_sent;
      decision.reason = "PartialDeliverySuccess";
      return decision;
    }
    const bool all_permanent = std::all_of(channels.begin(), channels.end(), [&](const std::string& channel) {
      return work.has_permanent_error(channel);
    });
    decision.kind = Kind::failed;
    decision.reason = all_permanent ? "AllDeliveriesFailed" : "MaxRetriesExhausted";
    return decision;
  }
  if (failures == 0) return decision;
  for (const std::string& channel : channels) {
    if (!has_succeeded(channel))
      decision.attempts_of_worst = std::max(decision.attempts_of_worst, work.attempts_of(channel));
  }
  decision.kind = decision.succeeded > 0 ? Kind::retrying : Kind::stays;
  decision.reason = decision.succeeded > 0 ? "PartialFailureRetrying" : "AllDeliveriesFailed";
  return decision;
}

}  // namespace racebed::experiments::august_2026
