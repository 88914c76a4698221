#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/patience.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a notification for console, log or file is created or waits while Slack fails or
/// hangs, or one for console or log while the disk does.
class ChannelsIndependent final : public Invariant {
 public:
  using Invariant::Invariant;

  void on_fact(const models::Fact& fact) override {
    patience_.on_fact(fact);
    if (const auto* request = std::get_if<models::Requested>(&fact.what)) {
      asked_[request->connection] = fact.time;
    } else if (const auto* answered = std::get_if<models::Answered>(&fact.what)) {
      const auto asked = asked_.find(answered->connection);
      const Time began = asked == asked_.end() ? fact.time : asked->second;
      constexpr Duration kHangs = std::chrono::seconds{2};
      if (answered->status == 0 || answered->status >= 400 || fact.time - began > kHangs)
        failing_.emplace_back(began, fact.time);
    } else if (const auto* opened = std::get_if<models::ConnectionOpened>(&fact.what)) {
      if (!opened->tls.empty() && opened->tls != "ok") failing_.emplace_back(fact.time, fact.time);
    } else if (const auto* delivered = std::get_if<models::Delivered>(&fact.what)) {
      const Incarnation* incarnation = history().by_token(delivered->token);
      if (incarnation != nullptr && incarnation->deliveries_on(delivered->channel) == 1)
        judge(*incarnation, delivered->channel, fact.time, fact.number);
    }
  }

  void at_end(const FinalState& state) override {
    for (const Incarnation& incarnation : history().incarnations()) {
      if (incarnation.deleted) continue;
      for (const std::string& channel : incarnation.channels) {
        if (incarnation.deliveries_on(channel) == 0) judge(incarnation, channel, state.end, 0);
      }
    }
  }

 private:
  /// `delivered`: the fact; 0: it is not.
  void judge(const Incarnation& incarnation, const std::string& channel, Time now, std::uint64_t delivered) {
    if (!is_local_channel(channel)) return;
    const bool slack = slack_fails(incarnation.created, now);
    const bool disk = patience_.weather().acted({"disk-"}, incarnation.created, now);
    if ((!slack && !disk) || (disk && channel == "file")) return;  // what a file waits for is its own
    if (delivered == 0 && made_failures(incarnation, channel) > 0) return;  // it failed by itself
    reach();
    const Time trouble = trouble_over(now);
    const Time due = std::max(incarnation.created, trouble) + within();
    if (now <= due) return;
    const bool lost_in_a_crash = patience_.weather().ends(incarnation.created, now) > 0;
    if (guarantee(channel) == "at-most-once" && lost_in_a_crash) return;
    violate(&incarnation, now, {incarnation.created_fact, delivered},
            fmt::format("{} {} {} {} s while {} failed", incarnation.token,
                        delivered != 0 ? "reached" : "has not reached", channel,
                        (delivered != 0 ? "only after " : "for ") +
                            std::to_string((now - incarnation.created) / std::chrono::seconds{1}),
                        slack ? "Slack" : "the disk"));
  }

  bool slack_fails(Time from, Time to) const {
    const bool failed = std::any_of(failing_.begin(), failing_.end(), [&](const auto& failure) {
      return failure.first <= to && failure.second >= from;
    });
    if (failed) return true;
    const Weather& weather = patience_.weather();
    return weather.acted({"http-", "tls-", "dns-", "channel-"}, from, to) ||
           (net_is_slacks() && weather.acted({"net-"}, from, to));
  }

  bool net_is_slacks() const {
    const auto& faults = scenario().faults;
    return std::all_of(faults.begin(), faults.end(), [](const FaultOptions& fault) {
      return !fault.fault.starts_with("net-") || fault.to == "slack";
    });
  }

  /// Slack's own trouble is none for the others. A network fault may lie between controllers and API server,
  /// and leave a watch behind that is dead without a sign.
  Time trouble_over(Time now) const {
    constexpr Duration kDeadWatch = std::chrono::seconds{80};
    const Weather& weather = patience_.weather();
    if (net_is_slacks())
      return weather.last_trouble(
          now, {"http-", "tls-", "dns-", "channel-", "load-", "user-", "audit-", "disk-", "net-"});
    return weather.last_trouble(now,
                                {"http-", "tls-", "dns-", "channel-", "load-", "user-", "audit-", "disk-"}) +
           kDeadWatch;
  }

  Patience patience_;
  std::map<std::uint64_t, Time> asked_;         // by connection: the last request
  std::vector<std::pair<Time, Time>> failing_;  // from the request to the answer
};

}  // namespace

const InvariantInfo kChannelsIndependent = {
    "channels-independent",
    "While Slack fails or hangs, console, log and file get their messages in time all the same; and console "
    "and log while the disk does.",
    "delivered facts of the local channels against creation times", std::chrono::seconds{60},
    make_invariant<ChannelsIndependent>};

}  // namespace racebed::experiments
