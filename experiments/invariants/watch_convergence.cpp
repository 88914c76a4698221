#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"
#include "experiments/invariants/status_view.hpp"

namespace racebed::experiments {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// What a notification's policy allows, with the API's defaults.
struct Budget {
  explicit Budget(const models::Json& object) {
    const auto spec = object.find("spec");
    if (spec == object.end() || !spec->contains("retryPolicy")) return;
    const models::Json& policy = spec->at("retryPolicy");
    attempts = policy.value("maxAttempts", attempts);
    longest = seconds{policy.value("maxBackoffSeconds", std::int64_t{480})};
  }
  std::int64_t attempts = 5;
  Duration longest = seconds{480};
};

/// The dangerous moment: a notification stands at the end of a run in which something was wrong, or was not
/// seen: a watch broke, a controller restarted. What matters is where it ended, not how it came there.
class WatchConvergence final : public Invariant {
 public:
  using Invariant::Invariant;
  /// From the last trouble to the moment when everything has been seen again: relists, a lease that runs out.
  static constexpr Duration kSeen = minutes{2};

  void on_fact(const models::Fact& fact) override {
    lives_.on_fact(fact);
    if (const auto* answered = std::get_if<models::Answered>(&fact.what)) {
      if (answered->status >= 300 && answered->status < 500 && answered->status != 429 &&
          answered->status != 408)
        refused_.insert(answered->token);
    } else if (const auto* opened = std::get_if<models::ConnectionOpened>(&fact.what)) {
      const bool untrusted = !opened->certificate.empty() && opened->certificate != "good";
      if (untrusted || (!opened->tls.empty() && opened->tls != "ok")) tls_trouble_ = true;
    }
  }

  void at_end(const FinalState& state) override {
    bool runs = false;
    for (const ProcessAccount& account : state.processes)
      runs = runs || (is_controller(account.process) && account.state == "running");
    if (!runs) return;
    const Time trouble = lives_.last_trouble().value_or(state.begin);
    for (const Incarnation& incarnation : history().incarnations()) {
      const Time since = std::max(trouble, incarnation.created) + kSeen;
      if (incarnation.removed || since > state.end) continue;
      reach();
      judge(incarnation, state.end);
    }
  }

 private:
  void judge(const Incarnation& incarnation, Time end) {
    const StatusView& status = incarnation.status;
    const Budget budget(*incarnation.object);
    if (!status.is_terminal()) {
      if (!waits(incarnation, status, budget, end))
        tell(incarnation, end,
             fmt::format("{} is forgotten: {} at the end, with nothing to wait for", incarnation.token,
                         status.phase.empty() ? "not begun" : status.phase));
      return;
    }
    const std::set<std::string> delivered = status.delivered();
    for (const std::string& channel : incarnation.channels) {
      if (delivered.contains(channel) || may_fail(incarnation, status, budget, channel)) continue;
      tell(incarnation, end,
           fmt::format("{} is {} without {}, which was well, after {} of {} attempts", incarnation.token,
                       status.phase, channel, attempts_on(status, channel), budget.attempts));
    }
  }

  static std::int64_t attempts_on(const StatusView& status, const std::string& channel) {
    return std::count_if(status.attempts.begin(), status.attempts.end(),
                         [&](const AttemptView& attempt) { return attempt.channel == channel; });
  }

  /// A planned retry, or a breaker that lets nobody through yet.
  static bool waits(const Incarnation& incarnation, const StatusView& status, const Budget& budget,
                    Time end) {
    for (const models::Json& channel :
         status_of(*incarnation.object).value("channels", models::Json::array())) {
      const auto next = parse_rfc3339(channel.value("nextAttemptTime", ""));
      if (next && *next + minutes{1} > end) return true;
      if (channel.value("breaker", "") == "open") return true;
    }
    // Where no time is written down: the longest wait after the last attempt.
    for (const AttemptView& attempt : status.attempts) {
      const auto time = parse_rfc3339(attempt.timestamp);
      if (time && *time + budget.longest + budget.longest / 10 + minutes{1} > end) return true;
    }
    return false;
  }

  bool may_fail(const Incarnation& incarnation, const StatusView& status, const Budget& budget,
                const std::string& channel) const {
    static constexpr std::array<std::string_view, 4> kKnown = {"slack", "console", "file", "log"};
    if (std::find(kKnown.begin(), kKnown.end(), channel) == kKnown.end()) return true;
    if (attempts_on(status, channel) >= budget.attempts) return true;
    if (channel == "slack" && (refused_.contains(incarnation.token) || tls_trouble_)) return true;
    if (guarantee(channel) == "at-most-once") return true;  // in doubt it gives up
    // An attempt that says that it is final: a file that cannot be written, a payload that is too long.
    const bool local = channel != "slack";
    return local && attempts_on(status, channel) > 0;
  }

  void tell(const Incarnation& incarnation, Time time, std::string what) {
    violate(&incarnation, time, {incarnation.created_fact, incarnation.status_fact}, std::move(what));
  }

  Lives lives_;
  std::set<std::string> refused_;  // tokens that Slack refused for good
  bool tls_trouble_ = false;
};

}  // namespace

const InvariantInfo kWatchConvergence = {"watch-convergence",
                                         "Whatever was missed, a notification ends where it would have "
                                         "ended: finished, and failed only for a reason.",
                                         "final statuses against what the channels said", Duration{0},
                                         make_invariant<WatchConvergence>};

}  // namespace racebed::experiments
