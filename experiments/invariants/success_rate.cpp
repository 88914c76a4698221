#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/patience.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: ten notifications or more, and a channel that fails some of the time.
class SuccessRate final : public Invariant {
 public:
  using Invariant::Invariant;
  static constexpr std::size_t kFewest = 10;
  static constexpr std::size_t kPercent = 90;
  /// A channel of which more requests fail does not work; then notifications may run out of attempts.
  static constexpr std::size_t kFailingPercent = 25;

  void on_fact(const models::Fact& fact) override {
    patience_.on_fact(fact);
    const auto* answered = std::get_if<models::Answered>(&fact.what);
    if (answered == nullptr || answered->token.empty()) return;
    ++answers_;
    const int status = answered->status;
    if (status == 0 || status == 408 || status == 425 || status == 429 || status >= 500) ++failures_;
  }

  void at_end(const FinalState& state) override {
    std::map<std::string, Share> shares;
    for (const Incarnation& incarnation : history().incarnations()) {
      if (incarnation.deleted) continue;
      for (const std::string& channel : incarnation.channels) count(incarnation, channel, shares[channel]);
    }
    for (const auto& [channel, share] : shares) judge(channel, share, state.end);
  }

 private:
  struct Share {
    std::size_t all = 0;
    std::size_t delivered = 0;
    std::vector<std::uint64_t> missing;
  };

  static void count(const Incarnation& incarnation, const std::string& channel, Share& share) {
    const std::vector<const Try*> tries = tries_on(incarnation, channel);
    const bool delivered = incarnation.deliveries_on(channel) > 0;
    // Refused as often as it may be tried, or for good: that is not the controller's doing.
    if (!delivered && tries.size() >= policy_of(incarnation).attempts_max) return;
    for (const Try* made : tries) {
      const Ending ending = ending_of(*made);
      if (ending == Ending::refused_for_good || ending == Ending::unclear) return;
    }
    ++share.all;
    if (delivered) {
      ++share.delivered;
    } else {
      share.missing.push_back(incarnation.created_fact);
    }
  }

  bool works(const std::string& channel, Time end) const {
    if (is_local_channel(channel)) return true;
    if (channel != "slack" || guarantee(channel) == "at-most-once") return false;
    if (patience_.handshakes_failed(Time{}, end) || patience_.weather().acted({"net-", "dns-"}, Time{}, end))
      return false;
    return failures_ * 100 <= answers_ * kFailingPercent;
  }

  void judge(const std::string& channel, const Share& share, Time end) {
    if (share.all < kFewest || !works(channel, end)) return;
    constexpr Duration kTime = std::chrono::minutes{1};  // what came last may be under way
    if (end - patience_.trouble_over(end) < kTime) return;
    if (failures_ > 0 || patience_.failures() > 0) reach();
    if (share.delivered * 100 >= share.all * kPercent) return;
    violate(nullptr, end, share.missing,
            fmt::format("{} has {} of {} notifications ({} %), although it worked; {} % are asked for",
                        channel, share.delivered, share.all, share.delivered * 100 / share.all, kPercent));
  }

  Patience patience_;
  std::size_t answers_ = 0;
  std::size_t failures_ = 0;
};

}  // namespace

const InvariantInfo kSuccessRate = {
    "success-rate",
    "Of ten notifications or more, 90 % reach every channel that works, whatever the others do.",
    "delivered facts of the notifications that stay (a channel works if no more than a quarter of its "
    "requests fail)",
    Duration{0}, make_invariant<SuccessRate>};

}  // namespace racebed::experiments
