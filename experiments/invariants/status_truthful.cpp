#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "experiments/invariants/invariant.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a status with delivery attempts is committed, or stands at the end.
class StatusTruthful final : public Invariant {
 public:
  using Invariant::Invariant;

  /// A success is recorded only after the channel took the message.
  void on_fact(const models::Fact& fact) override {
    const auto* commit = std::get_if<models::Committed>(&fact.what);
    if (commit == nullptr || commit->operation != models::Committed::Operation::status ||
        commit->object.resource != kNotifications)
      return;
    const Incarnation* incarnation = history().by_uid(commit->object.uid);
    if (incarnation == nullptr || attempts_of(*commit->after).empty()) return;
    reach();
    for (const models::Json& attempt : attempts_of(*commit->after)) {
      const std::string channel = attempt.value("channel", "");
      if (attempt.value("status", "") != "success" || incarnation->deliveries_on(channel) > 0) continue;
      if (!told_.insert(incarnation->uid + "/" + channel).second) continue;
      violate(about(*incarnation, fact.time, {fact.number},
                    fmt::format("the status of {} says that {} has it; {} never took it", incarnation->token,
                                channel, channel)));
    }
  }

  /// At the end each send is recorded, and a finished status says what happened.
  void at_end(const FinalState& state) override {
    for (const Incarnation& incarnation : history().incarnations()) {
      if (incarnation.removed || !incarnation.is_terminal()) continue;
      for (const std::string& channel : incarnation.channels) judge_end(incarnation, channel, state.end);
    }
  }

 private:
  void judge_end(const Incarnation& incarnation, const std::string& channel, Time end) {
    const std::size_t sends = incarnation.deliveries_on(channel);
    std::size_t recorded = 0;
    bool success = false;
    for (const models::Json& attempt : attempts_of(*incarnation.object)) {
      if (attempt.value("channel", "") != channel) continue;
      ++recorded;
      success = success || attempt.value("status", "") == "success";
    }
    if (sends > 0 && !success) {
      Violation violation =
          about(incarnation, end, facts_of(incarnation, channel),
                fmt::format("{} has {}; its status does not say so", channel, incarnation.token));
      if (guarantee(channel) == "at-most-once" && history().disturbed(incarnation.created, end)) {
        violation.allowed_by = "at-most-once: in doubt after a crash it does not ask";
      }
      violate(std::move(violation));
    } else if (sends > recorded) {
      Violation violation = about(incarnation, end, facts_of(incarnation, channel),
                                  fmt::format("{} took {} {} times; its status shows {} attempt{}", channel,
                                              incarnation.token, sends, recorded, recorded == 1 ? "" : "s"));
      if (guarantee(channel) == "at-least-once" && history().disturbed(incarnation.created, end)) {
        violation.allowed_by = "at-least-once: a crash came between a send and its record";
      }
      violate(std::move(violation));
    }
  }

  static std::vector<std::uint64_t> facts_of(const Incarnation& incarnation, const std::string& channel) {
    std::vector<std::uint64_t> facts;
    for (const DeliveryRecord& record : incarnation.deliveries) {
      if (record.channel == channel) facts.push_back(record.fact);
    }
    if (incarnation.status_fact != 0) facts.push_back(incarnation.status_fact);
    return facts;
  }

  static Violation about(const Incarnation& incarnation, Time time, std::vector<std::uint64_t> facts,
                         std::string what) {
    Violation violation;
    violation.what = std::move(what);
    violation.time = time;
    violation.uid = incarnation.uid;
    violation.token = incarnation.token;
    violation.facts = std::move(facts);
    return violation;
  }

  std::set<std::string> told_;
};

}  // namespace

const InvariantInfo kStatusTruthful = {
    "status-truthful",
    "The status says what happened: no success without a delivery, no send without a record.",
    "status commits and final statuses against delivered facts", Duration{0}, make_invariant<StatusTruthful>};

}  // namespace racebed::experiments
