#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/patience.hpp"
#include "experiments/invariants/status_view.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: three requests of one controller failed in a row (429, 5xx, broken, or handshakes
/// that failed before any request was made).
class BreakerOpensAndRecovers final : public Invariant {
 public:
  using Invariant::Invariant;
  static constexpr std::size_t kFailures = 3;
  /// Those that were on their way when the third failure came.
  static constexpr std::size_t kInFlight = 8;
  static constexpr Duration kProbeEvery = std::chrono::seconds{30};
  /// A client that has waited so long may have seen no answer.
  static constexpr Duration kLate = std::chrono::seconds{10};

  void on_fact(const models::Fact& fact) override {
    patience_.on_fact(fact);
    if (const StatusWrite* write = history().status_write()) silence(fact, *write);
    if (const auto* request = std::get_if<models::Requested>(&fact.what)) {
      Endpoint& seen = by_[request->sender];
      seen.asked[request->connection] = fact.time;
      seen.has_asked = true;
      request_begins(fact, request->sender, seen);
    } else if (const auto* answered = std::get_if<models::Answered>(&fact.what)) {
      const bool refused = !answered->refusal.empty() && answered->status >= 400 && answered->status < 500;
      if (refused) ++refused_for_good_;
      if (answered->status > 0 && answered->status < 500 && answered->status != 429)
        by_[answered->sender].unanswered = 0;
      if (!answered->token.empty()) answer(fact, *answered);
    } else if (const auto* opened = std::get_if<models::ConnectionOpened>(&fact.what)) {
      if (opened->tls.empty() || opened->tls == "ok") return;
      Endpoint& seen = by_[opened->sender];
      // Once it has sent something, a handshake may as well be a question about that.
      if (seen.has_asked) return;
      request_begins(fact, opened->sender, seen);
      fails(fact, seen);
    } else if (const auto* event = std::get_if<models::ProcessEvent>(&fact.what)) {
      if (event->what == models::ProcessEvent::What::started) by_[fact.actor.process] = {};
    } else if (const auto* phase = std::get_if<models::PhaseBegan>(&fact.what)) {
      if (phase->phase == models::PhaseBegan::Phase::settle) well_since_ = fact.time;
    } else if (refused_for_good_ > 0 && patience_.failures() == 0) {
      judge_bystanders(fact);
    }
  }

  void at_end(const FinalState& state) override {
    if (!well_since_ || patience_.failures() < kFailures) return;
    for (const Incarnation& incarnation : history().incarnations()) judge_recovery(incarnation, state.end);
  }

 private:
  struct Endpoint {
    std::size_t failures = 0;     // in a row
    std::optional<Time> failing;  // since the third
    std::size_t requests = 0;     // since then
    std::uint64_t fact = 0;       // the third failure
    bool told = false;
    bool has_asked = false;
    std::map<std::uint64_t, Time> asked;  // by connection: the last request
    std::size_t unanswered = 0;           // tries in a row that its statuses say failed
    Time silent;                          // since the third
  };

  /// An endpoint that says nothing at all: only the controller's own words tell that it was asked.
  void silence(const models::Fact& fact, const StatusWrite& write) {
    const std::size_t before = failures_in(write.before);
    const std::size_t after = failures_in(write.after);
    Endpoint& seen = by_[fact.actor.process];
    for (std::size_t n = before; n < after; ++n) {
      if (++seen.unanswered == kFailures) {
        reach();
        seen.silent = fact.time;
      }
    }
    if (seen.unanswered <= kFailures || seen.told) return;
    const auto probes = static_cast<std::size_t>((fact.time - seen.silent) / kProbeEvery) + 1;
    const std::size_t tries = seen.unanswered - kFailures;
    if (tries <= kInFlight + probes) return;
    seen.told = true;
    violate(
        nullptr, fact.time, {fact.number},
        fmt::format("{} tried Slack {} times in the {} s after the third try in a row without an answer; in "
                    "so long a "
                    "breaker lets {} through",
                    fact.actor.process, tries, (fact.time - seen.silent) / std::chrono::seconds{1}, probes));
  }
  static std::size_t failures_in(const StatusView& status) {
    return static_cast<std::size_t>(
        std::count_if(status.attempts.begin(), status.attempts.end(), [](const AttemptView& attempt) {
          return attempt.channel == "slack" && attempt.is_failure() && !mentions(attempt.error, {"breaker"});
        }));
  }

  void request_begins(const models::Fact& fact, const std::string& sender, Endpoint& seen) {
    if (!seen.failing || seen.told) return;
    ++seen.requests;
    const Duration passed = fact.time - *seen.failing;
    const auto probes = static_cast<std::size_t>(passed / kProbeEvery) + 1;
    if (seen.requests <= kInFlight + probes) return;
    seen.told = true;
    violate(
        nullptr, fact.time, {seen.fact, fact.number},
        fmt::format("{} made {} requests to Slack in the {} s after the third failure in a row; in so long a "
                    "breaker lets {} through",
                    sender, seen.requests, passed / std::chrono::seconds{1}, probes));
  }

  void fails(const models::Fact& fact, Endpoint& seen) {
    if (++seen.failures != kFailures) return;
    reach();
    seen.failing = fact.time;
    seen.fact = fact.number;
  }

  void answer(const models::Fact& fact, const models::Answered& answered) {
    Endpoint& seen = by_[answered.sender];
    const auto asked = seen.asked.find(answered.connection);
    if (asked != seen.asked.end() && fact.time - asked->second >= kLate) return;
    const bool broken = answered.status == 0 && answered.message.empty();
    if (broken || answered.status == 429 || answered.status >= 500) return fails(fact, seen);
    if (answered.status >= 400 && ++refused_for_good_ == kFailures) reach();
    seen.failures = 0;
    seen.failing.reset();
    seen.requests = 0;
    seen.told = false;
  }

  /// 4xx of one notification say nothing about the endpoint: nobody waits for a breaker because of them.
  void judge_bystanders(const models::Fact& fact) {
    const auto* commit = std::get_if<models::Committed>(&fact.what);
    if (commit == nullptr || commit->operation != models::Committed::Operation::status ||
        commit->object.resource != kNotifications || bystander_told_)
      return;
    const auto status = commit->after->find("status");
    if (status == commit->after->end() || !shows_breaker(*status)) return;
    bystander_told_ = true;
    const Incarnation* incarnation = history().by_uid(commit->object.uid);
    violate(
        incarnation, fact.time, {fact.number},
        fmt::format("{} waits for a circuit breaker although Slack has only refused single "
                    "notifications ({} times 4xx)",
                    incarnation != nullptr ? incarnation->token : commit->object.name, refused_for_good_));
  }

  static bool shows_breaker(const models::Json& status) {
    if (const auto channels = status.find("channels"); channels != status.end() && channels->is_array()) {
      for (const models::Json& channel : *channels) {
        if (channel.value("breaker", "") == "open") return true;
      }
    }
    const auto attempts = status.find("deliveryAttempts");
    if (attempts == status.end() || !attempts->is_array()) return false;
    return std::any_of(attempts->begin(), attempts->end(), [](const models::Json& attempt) {
      return mentions(attempt.value("error", ""), {"breaker"});
    });
  }

  /// So long after the endpoint is well a waiting notification is delivered.
  void judge_recovery(const Incarnation& incarnation, Time end) {
    if (incarnation.deleted || incarnation.is_terminal() || incarnation.created > *well_since_) return;
    const auto& channels = incarnation.channels;
    if (std::find(channels.begin(), channels.end(), "slack") == channels.end()) return;
    if (incarnation.deliveries_on("slack") > 0) return;
    const PolicyView policy = policy_of(incarnation);
    Duration wait = within();
    const auto tries = tries_on(incarnation, "slack");
    const std::size_t failures = std::max(tries.size(), made_failures(incarnation, "slack"));
    wait = std::max(wait, backoff_most(policy, failures));
    for (const Try* made : tries) {
      if (made->retry_after) wait = std::max(wait, retry_after_that_binds(*made->retry_after));
    }
    constexpr Duration kMargin = std::chrono::seconds{30};
    const Time since = std::max(*well_since_, patience_.trouble_over(end));
    if (end - since <= wait + kMargin) return;
    violate(&incarnation, end, {incarnation.created_fact, incarnation.status_fact},
            fmt::format("Slack is well since {} s, and {} still waits for it",
                        (end - since) / std::chrono::seconds{1}, incarnation.token));
  }

  Patience patience_;
  std::map<std::string, Endpoint> by_;  // by sender
  std::size_t refused_for_good_ = 0;
  bool bystander_told_ = false;
  std::optional<Time> well_since_;
};

}  // namespace

const InvariantInfo kBreakerOpensAndRecovers = {
    "breaker-opens-and-recovers",
    "An endpoint that only fails is asked once in 30 s; when it is well again it is used; 4xx of one "
    "notification stop no other.",
    "requests and handshakes against answers, by sender; what still waits at the end (recovery takes so long "
    "at most)",
    std::chrono::minutes{5}, make_invariant<BreakerOpensAndRecovers>};

}  // namespace racebed::experiments
