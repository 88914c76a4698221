#include <fmt/format.h>

#include "experiments/invariants/invariant.hpp"
#include "faults/leader.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a controller acts (sends, or writes a status) while leader election is on and some
/// process holds or has held the lease.
class SingleEffectiveLeader final : public Invariant {
 public:
  using Invariant::Invariant;
  void on_fact(const models::Fact& fact) override {
    if (const std::string* holder = faults::lease_holder_of(fact)) {
      const auto& commit = std::get<models::Committed>(fact.what);
      if (commit.after == nullptr && !fact.actor.process.starts_with("controller")) deleted_ = fact.time;
      if (*holder != holder_) taken_ = {fact.time, fact.number};
      if (!holder->empty()) holder_ = *holder;  // a lease given back is still nobody else's
      return;
    }
    if (holder_.empty()) return;
    if (const auto* delivered = std::get_if<models::Delivered>(&fact.what)) {
      judge(fact, delivered->sender.empty() ? fact.actor.process : delivered->sender, delivered->token,
            fmt::format("sent {} to {}", delivered->token, delivered->channel));
    } else if (const auto* commit = std::get_if<models::Committed>(&fact.what)) {
      if (commit->operation != models::Committed::Operation::status ||
          commit->object.resource != kNotifications)
        return;
      const Incarnation* incarnation = history().by_uid(commit->object.uid);
      judge(fact, fact.actor.process, incarnation != nullptr ? incarnation->token : "",
            fmt::format("wrote the status of {}",
                        incarnation != nullptr ? incarnation->token : commit->object.name));
    }
  }

 private:
  struct Taken {
    Time time;
    std::uint64_t fact = 0;
  };
  void judge(const models::Fact& fact, const std::string& actor, const std::string& token,
             const std::string& deed) {
    if (!actor.starts_with("controller")) return;
    reach();
    if (holder_.starts_with(actor + "_")) return;
    // Who held a lease that somebody else deleted learns of it by its next renewal, or by the end of its
    // time.
    if (deleted_ && fact.time - *deleted_ <= kRenewDeadline) return;
    Violation violation;
    violation.what = fmt::format(
        "{} {} although {} holds the lease since {} ms", actor, deed, holder_.substr(0, holder_.find('_')),
        std::chrono::duration_cast<std::chrono::milliseconds>(fact.time - taken_.time).count());
    violation.time = fact.time;
    violation.token = token;
    if (const Incarnation* incarnation = history().by_token(token)) violation.uid = incarnation->uid;
    violation.facts = {taken_.fact, fact.number};
    violate(std::move(violation));
  }

  static constexpr Duration kRenewDeadline = std::chrono::seconds{12};  // and one poll more
  std::optional<Time> deleted_;                                         // by somebody who is no controller
  std::string holder_;  // the last identity that held the lease
  Taken taken_;
};

}  // namespace

const InvariantInfo kSingleEffectiveLeader = {"single-effective-leader",
                                              "Nobody acts as leader after somebody else has the lease.",
                                              "delivered facts and status commits against lease commits",
                                              Duration{0}, make_invariant<SingleEffectiveLeader>};

}  // namespace racebed::experiments
