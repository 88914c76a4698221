#include <fmt/format.h>

#include <map>

#include "experiments/invariants/invariant.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a notification is deleted before every channel has it. A delivery after the deletion
/// is legal while the send was under way: the sender had seen the object in the store (an uncached read, or a
/// write of its own that committed) before the deletion, and not longer ago than a send may take.
class NoDeliveryAfterDelete final : public Invariant {
 public:
  using Invariant::Invariant;

  void on_fact(const models::Fact& fact) override {
    if (const auto* observed = std::get_if<models::Observed>(&fact.what)) {
      if (observed->source == models::Observed::Source::store && observed->revision != 0)
        see(fact, observed->object.uid);
    } else if (const auto* commit = std::get_if<models::Committed>(&fact.what)) {
      if (commit->object.resource != kNotifications) return;
      if (commit->operation == models::Committed::Operation::remove) {
        deleted(commit->object.uid);
      } else {
        see(fact, commit->object.uid);
      }
    } else if (const auto* delivered = std::get_if<models::Delivered>(&fact.what)) {
      judge(fact, *delivered);
    }
  }

 private:
  struct Seen {
    Time time;
    std::uint64_t fact;
  };

  void see(const models::Fact& fact, const std::string& uid) {
    seen_[{uid, fact.actor.process}] = {fact.time, fact.number};
  }

  void deleted(const std::string& uid) {
    const Incarnation* incarnation = history().by_uid(uid);
    if (incarnation == nullptr) return;
    for (const std::string& channel : incarnation->channels) {
      if (incarnation->deliveries_on(channel) == 0) return reach();
    }
  }

  void judge(const models::Fact& fact, const models::Delivered& delivered) {
    const Incarnation* incarnation = history().by_token(delivered.token);
    if (incarnation == nullptr || !incarnation->removed || *incarnation->removed >= fact.time) return;
    const std::string& sender = delivered.sender.empty() ? fact.actor.process : delivered.sender;
    const auto seen = seen_.find({incarnation->uid, sender});
    if (seen != seen_.end() && fact.time - seen->second.time <= within()) return;
    Violation violation;
    violation.what = fmt::format(
        "{} was delivered to {} {} ms after its deletion, by a sender that had not looked since",
        delivered.token, delivered.channel,
        std::chrono::duration_cast<std::chrono::milliseconds>(fact.time - *incarnation->removed).count());
    violation.time = fact.time;
    violation.uid = incarnation->uid;
    violation.token = incarnation->token;
    violation.facts = {incarnation->removed_fact, fact.number};
    if (seen != seen_.end()) violation.facts.insert(violation.facts.begin(), seen->second.fact);
    violate(std::move(violation));
  }

  std::map<std::pair<std::string, std::string>, Seen> seen_;  // by uid and process
};

}  // namespace

const InvariantInfo kNoDeliveryAfterDelete = {
    "no-delivery-after-delete", "No send starts after its sender could have seen the deletion.",
    "delivered facts against the removal and the sender's last look at the store (a send takes 20 s at most)",
    std::chrono::seconds{20}, make_invariant<NoDeliveryAfterDelete>};

}  // namespace racebed::experiments
