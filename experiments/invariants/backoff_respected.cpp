#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/weather.hpp"

namespace racebed::experiments {
namespace {

double seconds(Duration duration) {
  return static_cast<double>(duration / std::chrono::milliseconds{1}) / 1000;
}

/// The dangerous moment: a channel is tried again after a failure. Judged by the requests that Slack saw and,
/// for tries that never reached it, by the times of the recorded attempts.
class BackoffRespected final : public Invariant {
 public:
  using Invariant::Invariant;

  void on_fact(const models::Fact& fact) override {
    weather_.on_fact(fact);
    if (const auto* request = std::get_if<models::Requested>(&fact.what)) {
      const Incarnation* incarnation = history().by_token(request->token);
      if (incarnation != nullptr) judge_request(fact, *incarnation, request->channel);
    }
  }

  void at_end(const FinalState& state) override {
    end_ = state.end;
    for (const Incarnation& incarnation : history().incarnations()) {
      if (!incarnation.object) continue;
      for (const std::string& channel : incarnation.channels) judge_records(incarnation, channel);
    }
  }

 private:
  void judge_request(const models::Fact& fact, const Incarnation& incarnation, const std::string& channel) {
    const std::vector<const Try*> tries = tries_on(incarnation, channel);
    if (tries.size() < 2) return;
    const Try& now = *tries.back();
    const Try& before = *tries[tries.size() - 2];
    if (!failed_for_now(before) || excused(incarnation, before, now)) return;
    reach();
    const auto failures = static_cast<std::size_t>(
        std::count_if(tries.begin(), tries.end() - 1, [](const Try* t) { return failed_for_now(*t); }));
    const Duration least =
        backoff_surely(policy_of(incarnation), counted(failures, weather_.ends(incarnation.created, now.at)));
    if (now.at - before.at < least) {
      tell("soon", incarnation, channel, fact.time, {before.fact, now.fact},
           fmt::format("{} was sent to {} again {:.1f} s after try {} was answered {}; its policy asks for "
                       "{:.1f} s at least",
                       incarnation.token, channel, seconds(now.at - before.at), failures, answer_text(before),
                       seconds(least)));
    } else {
      judge_retry_after(fact, incarnation, before, now);
    }
  }

  void judge_retry_after(const models::Fact& fact, const Incarnation& incarnation, const Try& before,
                         const Try& now) {
    if (!before.retry_after || !before.answered) return;
    // A client that is far away, slow or impatient may not have heard of the wish.
    constexpr Duration kSurelyHeard = std::chrono::seconds{2};
    if (*before.answered - before.at > kSurelyHeard) return;
    if (weather_.acted({"net-", "dns-"}, before.at, now.at)) return;
    const Duration wish = retry_after_that_binds(*before.retry_after);
    if (now.at - *before.answered >= wish - std::chrono::seconds{1}) return;
    tell("wish", incarnation, now.channel, fact.time, {before.fact, before.answer_fact, now.fact},
         fmt::format("{} was sent to {} again {:.1f} s after an answer {} that asked for {:.1f} s",
                     incarnation.token, now.channel, seconds(now.at - *before.answered), before.status,
                     seconds(*before.retry_after)));
  }

  /// A crash or a change of leader before the failure was recorded: nobody could know of it. Clocks that are
  /// set and a network that holds requests back make other times of them.
  bool excused(const Incarnation& incarnation, const Try& before, const Try& now) const {
    if (weather_.acted({"clock-"}, incarnation.created, now.at)) return true;
    constexpr Duration kOnItsWay = std::chrono::minutes{1};
    if (weather_.acted({"net-"}, before.at - kOnItsWay, now.at)) return true;
    Time recorded = now.at;
    if (const auto shown = incarnation.failures_shown.find(now.channel);
        shown != incarnation.failures_shown.end()) {
      for (const Time time : shown->second) {
        if (time >= before.at) recorded = std::min(recorded, time);
      }
    }
    return weather_.unrest(before.at, recorded);
  }

  /// Tries that a crash cut off cost nothing.
  static std::size_t counted(std::size_t failures, std::size_t ends) {
    return failures > ends ? failures - ends : 1;
  }

  void judge_records(const Incarnation& incarnation, const std::string& channel) {
    const models::Json* before = nullptr;
    std::size_t failures = 0;
    for (const models::Json& attempt : attempts_of(*incarnation.object)) {
      if (attempt.value("channel", "") != channel) continue;
      const bool failure = is_made_failure(attempt);
      const bool made = failure || attempt.value("status", "") == "success";
      if (!made) continue;
      if (before != nullptr) judge_pair(incarnation, channel, *before, attempt, failures);
      before = failure ? &attempt : nullptr;
      if (failure) ++failures;
    }
  }

  void judge_pair(const Incarnation& incarnation, const std::string& channel, const models::Json& before,
                  const models::Json& now, std::size_t failures) {
    const auto first = parse_rfc3339(before.value("timestamp", ""));
    const auto second = parse_rfc3339(now.value("timestamp", ""));
    if (!first || !second) return;
    constexpr Duration kGrain = std::chrono::seconds{1};
    if (weather_.acted({"clock-"}, incarnation.created, end_)) return;  // the times are of that clock
    if (weather_.unrest(*first - kGrain, *second + kGrain)) return;
    reach();
    const Duration least = backoff_least(
        policy_of(incarnation), counted(failures, weather_.ends(incarnation.created, *second + kGrain)));
    if (*second - *first >= least) return;
    tell("soon", incarnation, channel, *second, {incarnation.status_fact},
         fmt::format("the status of {} shows attempt {} on {} {:.0f} s after the failed one before it; its "
                     "policy asks for {:.1f} s at least",
                     incarnation.token, failures + 1, channel, seconds(*second - *first), seconds(least)));
  }

  /// Once of each kind: what the policy asks for, and what the endpoint wishes.
  void tell(const char* kind, const Incarnation& incarnation, const std::string& channel, Time time,
            std::vector<std::uint64_t> facts, std::string what) {
    if (!told_.insert(incarnation.uid + "/" + channel + "/" + kind).second) return;
    violate(&incarnation, time, std::move(facts), std::move(what));
  }

  Weather weather_;
  Time end_{};
  std::set<std::string> told_;
};

}  // namespace

const InvariantInfo kBackoffRespected = {
    "backoff-respected",
    "After a failure a channel is not tried again before the policy's backoff, nor before what Retry-After "
    "asks for.",
    "requested and answered facts, and recorded attempts, against spec.retryPolicy", Duration{0},
    make_invariant<BackoffRespected>};

}  // namespace racebed::experiments
