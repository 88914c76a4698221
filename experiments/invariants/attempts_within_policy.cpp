#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/patience.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a channel is tried again, or given up.
class AttemptsWithinPolicy final : public Invariant {
 public:
  using Invariant::Invariant;

  void on_fact(const models::Fact& fact) override {
    patience_.on_fact(fact);
    if (const auto* request = std::get_if<models::Requested>(&fact.what)) {
      count(fact, request->token, request->channel);
    } else if (const auto* delivered = std::get_if<models::Delivered>(&fact.what)) {
      count(fact, delivered->token, delivered->channel);
    } else if (const auto* commit = std::get_if<models::Committed>(&fact.what)) {
      if (commit->operation == models::Committed::Operation::status &&
          commit->object.resource == kNotifications)
        finished(fact, *commit);
    }
  }

 private:
  /// Too many: sends per notification and channel are at most maxAttempts, and one more for each crash and
  /// each change of leader (specification A6).
  void count(const models::Fact& fact, const std::string& token, const std::string& channel) {
    const Incarnation* incarnation = history().by_token(token);
    if (incarnation == nullptr) return;
    const std::vector<const Try*> tries = tries_on(*incarnation, channel);
    if (tries.size() < 2 || tries.back()->fact != fact.number) return;
    reach();
    const std::size_t policy = policy_of(*incarnation).attempts_max;
    const std::size_t excused = patience_.weather().ends(incarnation->created, fact.time);
    if (tries.size() <= policy + excused) return;
    if (!told_.insert(incarnation->uid + "/" + channel).second) return;
    Violation violation =
        about(*incarnation, fact,
              fmt::format("{} was sent to {} {} times; its policy allows {} attempts{}", token, channel,
                          tries.size(), policy,
                          excused == 0 ? "" : fmt::format(", {} crashes and changes of leader", excused)));
    for (const Try* made : tries) violation.facts.push_back(made->fact);
    violate(std::move(violation));
  }

  /// Too few: a channel is given up only after so many tries, or for a reason.
  void finished(const models::Fact& fact, const models::Committed& commit) {
    const Incarnation* incarnation = history().by_uid(commit.object.uid);
    if (incarnation == nullptr || finished_.contains(incarnation->uid)) return;
    const std::string phase = incarnation->phase();
    const auto status = commit.after->find("status");
    if (status == commit.after->end() || !status->contains("completionTime")) return;
    finished_.insert(incarnation->uid);
    if (phase != "Failed" && phase != "PartiallySent") return;
    for (const std::string& channel : incarnation->channels) {
      if (incarnation->deliveries_on(channel) > 0 || !is_known_channel(channel)) continue;
      reach();
      judge_given_up(fact, *incarnation, channel);
    }
  }

  void judge_given_up(const models::Fact& fact, const Incarnation& incarnation, const std::string& channel) {
    const std::size_t policy = policy_of(incarnation).attempts_max;
    const std::vector<const Try*> tries = tries_on(incarnation, channel);
    const std::size_t recorded = made_failures(incarnation, channel);
    if (tries.size() >= policy || recorded >= policy) return;
    // What may have arrived is not sent again, whoever finds it.
    if (guarantee(channel) == "at-most-once" && history().disturbed(incarnation.created, fact.time)) return;
    for (const Try* made : tries) {
      const Ending ending = ending_of(*made);
      if (ending == Ending::refused_for_good || ending == Ending::unclear) return;
    }
    if (out_of_time(incarnation, fact.time) || says_unsupported(incarnation, channel)) return;
    // A certificate, or a message that is none: other reasons to give up.
    if (patience_.certificates_refused(incarnation.created, fact.time)) return;
    if (recorded > 0 && patience_.refused_as_no_message(incarnation.created, fact.time)) return;
    // Whatever may have arrived is not sent again.
    if (guarantee(channel) == "at-most-once" && (!tries.empty() || recorded > 0)) return;
    constexpr std::size_t kRecordsMax = 50;
    if (attempts_of(*incarnation.object).size() >= kRecordsMax) return;
    Violation violation =
        about(incarnation, fact,
              fmt::format("{} was given up on {} after {} tries that failed, although its policy allows {}",
                          incarnation.token, channel, std::max(tries.size(), recorded), policy));
    for (const Try* made : tries) violation.facts.push_back(made->fact);
    violation.facts.push_back(fact.number);
    violate(std::move(violation));
  }

  /// A subject need not have every channel.
  static bool says_unsupported(const Incarnation& incarnation, const std::string& channel) {
    for (const models::Json& attempt : attempts_of(*incarnation.object)) {
      if (attempt.value("channel", "") == channel &&
          mentions(attempt.value("error", ""), {"unsupported", "not registered"}))
        return true;
    }
    return false;
  }

  bool out_of_time(const Incarnation& incarnation, Time now) const {
    return now - incarnation.created >= scenario().subject.deadline - std::chrono::seconds{1};
  }

  static Violation about(const Incarnation& incarnation, const models::Fact& fact, std::string what) {
    Violation violation;
    violation.what = std::move(what);
    violation.time = fact.time;
    violation.uid = incarnation.uid;
    violation.token = incarnation.token;
    return violation;
  }

  Patience patience_;
  std::set<std::string> told_;
  std::set<std::string> finished_;  // by uid
};

}  // namespace

const InvariantInfo kAttemptsWithinPolicy = {
    "attempts-within-policy",
    "A channel is tried as often as the retry policy says: no oftener, and not given up earlier without a "
    "reason.",
    "requested and delivered facts, and status commits that give up, against spec.retryPolicy", Duration{0},
    make_invariant<AttemptsWithinPolicy>};

}  // namespace racebed::experiments
