#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/weather.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a notification is deleted (or marked, where a finalizer keeps it) before every
/// channel has it. A delivery after the deletion is legal while its send was under way: Slack had the request
/// already, or the sender had seen the object undeleted in the store (an uncached read, or a write of its own
/// that committed), and no longer before the request than it takes to make one.
class NoDeliveryAfterDelete final : public Invariant {
 public:
  using Invariant::Invariant;

  /// A look may be so old in bad weather: the time-out of a send, and a little.
  static constexpr Duration kBadWeather = std::chrono::seconds{20};

  void on_fact(const models::Fact& fact) override {
    weather_.on_fact(fact);
    if (const auto* observed = std::get_if<models::Observed>(&fact.what)) {
      if (observed->source == models::Observed::Source::store && observed->revision != 0)
        see(fact, observed->object.uid);
    } else if (const auto* commit = std::get_if<models::Committed>(&fact.what)) {
      if (commit->object.resource != kNotifications) return;
      using Operation = models::Committed::Operation;
      if (commit->operation == Operation::remove || commit->operation == Operation::mark_deleted) {
        deleted(commit->object.uid, fact.number);
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

  /// Only looks that saw it alive count: later ones saw the deletion.
  void see(const models::Fact& fact, const std::string& uid) {
    const Incarnation* incarnation = history().by_uid(uid);
    if (incarnation != nullptr && incarnation->deleted) return;
    seen_[{uid, fact.actor.process}] = {fact.time, fact.number};
  }

  void deleted(const std::string& uid, std::uint64_t fact) {
    const Incarnation* incarnation = history().by_uid(uid);
    if (incarnation == nullptr || incarnation->deleted_fact != fact) return;  // it was marked before
    for (const std::string& channel : incarnation->channels) {
      if (incarnation->deliveries_on(channel) == 0) return reach();
    }
  }

  /// When the request of this delivery was there.
  static Time request_of(const Incarnation& incarnation, const models::Delivered& delivered, Time now) {
    const std::vector<const Try*> tries = tries_on(incarnation, delivered.channel);
    for (auto made = tries.rbegin(); made != tries.rend(); ++made) {
      if ((*made)->connection == delivered.connection && (*made)->accepted) return (*made)->at;
    }
    return now;
  }

  void judge(const models::Fact& fact, const models::Delivered& delivered) {
    const Incarnation* incarnation = history().by_token(delivered.token);
    if (incarnation == nullptr || !incarnation->deleted || *incarnation->deleted >= fact.time) return;
    const Time request = request_of(*incarnation, delivered, fact.time);
    if (request <= *incarnation->deleted) return;
    const std::string& sender = delivered.sender.empty() ? fact.actor.process : delivered.sender;
    const auto seen = seen_.find({incarnation->uid, sender});
    if (seen != seen_.end()) {
      const bool bad =
          weather_.acted({"net-", "dns-", "tls-", "http-", "channel-", "process-", "clock-", "api-", "etcd-"},
                         seen->second.time, request) ||
          weather_.unrest(seen->second.time, request);
      if (request - seen->second.time <= (bad ? std::max(kBadWeather, within()) : within())) return;
    }
    Violation violation;
    violation.what = fmt::format(
        "{} was sent to {} {} ms after its deletion, by a sender that could have seen it", delivered.token,
        delivered.channel,
        std::chrono::duration_cast<std::chrono::milliseconds>(request - *incarnation->deleted).count());
    violation.time = fact.time;
    violation.uid = incarnation->uid;
    violation.token = incarnation->token;
    violation.facts = {incarnation->deleted_fact, fact.number};
    if (seen != seen_.end()) violation.facts.insert(violation.facts.begin(), seen->second.fact);
    violate(std::move(violation));
  }

  Weather weather_;
  std::map<std::pair<std::string, std::string>, Seen> seen_;  // by uid and process
};

}  // namespace

const InvariantInfo kNoDeliveryAfterDelete = {"no-delivery-after-delete",
                                              "No send starts after its sender could have seen the deletion.",
                                              "delivered facts against the deletion and the sender's last "
                                              "look at the store (so long before the request; "
                                              "20 s while faults act)",
                                              std::chrono::seconds{2}, make_invariant<NoDeliveryAfterDelete>};

}  // namespace racebed::experiments
