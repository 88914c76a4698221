#include <fmt/format.h>

#include "experiments/invariants/invariant.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a message is delivered. (Every delivery could be the second.)
class NoDuplicateDelivery final : public Invariant {
 public:
  using Invariant::Invariant;
  void on_fact(const models::Fact& fact) override {
    const auto* delivered = std::get_if<models::Delivered>(&fact.what);
    if (delivered == nullptr) return;
    reach();
    const Incarnation* incarnation = history().by_token(delivered->token);
    if (incarnation == nullptr) return;
    const DeliveryRecord* first = nullptr;
    for (const DeliveryRecord& record : incarnation->deliveries) {
      if (record.channel != delivered->channel) continue;
      if (record.fact == fact.number) break;
      if (first == nullptr) first = &record;
    }
    if (first == nullptr) return;
    Violation violation;
    violation.what = fmt::format(
        "{} was delivered to {} again, {} ms after the first time", delivered->token, delivered->channel,
        std::chrono::duration_cast<std::chrono::milliseconds>(fact.time - first->time).count());
    violation.time = fact.time;
    violation.uid = incarnation->uid;
    violation.token = delivered->token;
    violation.facts = {first->fact, fact.number};
    // Two sends only where a crash or a lost answer came between (notification.md A6). What the dead had sent
    // may arrive after its death, for as long as a send takes.
    constexpr Duration kSend = std::chrono::seconds{20};
    if (guarantee(delivered->channel) == "at-least-once" &&
        history().disturbed(first->time - kSend, fact.time)) {
      violation.allowed_by = "at-least-once: a crash or a lost answer came between two sends";
    }
    violate(std::move(violation));
  }
};

}  // namespace

const InvariantInfo kNoDuplicateDelivery = {"no-duplicate-delivery", "No channel takes a notification twice.",
                                            "delivered facts by token and channel", Duration{0},
                                            make_invariant<NoDuplicateDelivery>};

}  // namespace racebed::experiments
