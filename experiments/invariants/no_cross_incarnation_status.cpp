#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a status is written to an incarnation that has a predecessor of its name. It is the
/// predecessor's when it records an attempt from before the incarnation was created, or a success that only
/// the predecessor had.
class NoCrossIncarnationStatus final : public Invariant {
 public:
  using Invariant::Invariant;
  void on_fact(const models::Fact& fact) override {
    const auto* commit = std::get_if<models::Committed>(&fact.what);
    if (commit == nullptr || commit->operation != models::Committed::Operation::status ||
        commit->object.resource != kNotifications)
      return;
    const Incarnation* incarnation = history().by_uid(commit->object.uid);
    const Incarnation* predecessor = incarnation == nullptr ? nullptr : history().before(*incarnation);
    if (predecessor == nullptr) return;
    reach();
    for (const models::Json& attempt : attempts_of(*commit->after)) {
      const std::string why = foreign(attempt, *incarnation, *predecessor);
      if (why.empty()) continue;
      Violation violation;
      violation.what =
          fmt::format("the status of {} (uid {}) records an attempt on {} that was its predecessor's: {}",
                      incarnation->token, incarnation->uid.substr(0, 8), attempt.value("channel", "?"), why);
      violation.time = fact.time;
      violation.uid = incarnation->uid;
      violation.token = incarnation->token;
      violation.facts = {predecessor->created_fact, incarnation->created_fact, fact.number};
      if (predecessor->removed)
        violation.facts.insert(violation.facts.begin() + 1, predecessor->removed_fact);
      violate(std::move(violation));
      return;
    }
  }

 private:
  static std::string foreign(const models::Json& attempt, const Incarnation& own,
                             const Incarnation& predecessor) {
    const auto time = parse_rfc3339(attempt.value("timestamp", ""));
    // Times are written in whole seconds: only a full second before the creation is surely before it.
    if (time && *time + std::chrono::seconds{1} <= own.created) return "it is older than this incarnation";
    const std::string channel = attempt.value("channel", "");
    if (attempt.value("status", "") == "success" && own.deliveries_on(channel) == 0 &&
        predecessor.deliveries_on(channel) > 0) {
      return "only the predecessor's message was delivered";
    }
    return {};
  }
};

}  // namespace

const InvariantInfo kNoCrossIncarnationStatus = {
    "no-cross-incarnation-status", "Nothing of one incarnation's status reaches the next of its name.",
    "status commits against creation times and delivered facts", Duration{0},
    make_invariant<NoCrossIncarnationStatus>};

}  // namespace racebed::experiments
