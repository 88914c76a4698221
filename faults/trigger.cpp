#include "faults/trigger.hpp"

#include <memory>

namespace racebed::faults {

Moment message_accepted(std::string channel) {
  return [channel = std::move(channel)](const models::Fact& fact) {
    const auto* delivered = std::get_if<models::Delivered>(&fact.what);
    return delivered != nullptr && delivered->channel == channel;
  };
}

Moment status_committed() {
  return [](const models::Fact& fact) {
    const auto* commit = std::get_if<models::Committed>(&fact.what);
    return commit != nullptr && commit->operation == models::Committed::Operation::status;
  };
}

void at_occurrence(models::Ledger& ledger, Moment moment, std::uint64_t occurrence,
                   std::function<void(const models::Fact&)> fire) {
  ledger.subscribe([moment = std::move(moment), fire = std::move(fire),
                    left = occurrence](const models::Fact& fact) mutable {
    if (left == 0 || !moment(fact)) return;
    if (--left == 0) fire(fact);
  });
}

}  // namespace racebed::faults
