#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "experiments/invariants/invariant.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a notification is still there at the end, so that all its channels should have it.
class NoLostNotification final : public Invariant {
 public:
  using Invariant::Invariant;

  void on_fact(const models::Fact& fact) override {
    // A channel that refused something, or could not be trusted, excuses what it did not get. Accepting a
    // message and losing the answer is no refusal.
    if (const auto* answered = std::get_if<models::Answered>(&fact.what)) {
      if (answered->status == 0 && !answered->message.empty()) return;
      if (answered->status < 200 || answered->status > 299) refused_.insert("slack");
    } else if (const auto* opened = std::get_if<models::ConnectionOpened>(&fact.what)) {
      if (!opened->tls.empty() && opened->tls != "ok") refused_.insert(opened->endpoint);
    }
  }

  void at_end(const FinalState& state) override {
    for (const Incarnation& incarnation : history().incarnations()) {
      if (incarnation.removed) continue;
      reach();
      for (const std::string& channel : incarnation.channels) judge(incarnation, channel, state.end);
    }
  }

 private:
  void judge(const Incarnation& incarnation, const std::string& channel, Time end) {
    if (incarnation.deliveries_on(channel) > 0) return;
    const bool known_channel =
        channel == "slack" || channel == "console" || channel == "log" || channel == "file";
    const bool said_so = incarnation.phase() == "Failed" || incarnation.phase() == "PartiallySent";
    if (said_so && (refused_.contains(channel) || !known_channel)) return;
    Violation violation;
    violation.what = fmt::format("{} never reached {}; its status says {}", incarnation.token, channel,
                                 incarnation.phase().empty() ? "nothing" : incarnation.phase());
    violation.time = end;
    violation.uid = incarnation.uid;
    violation.token = incarnation.token;
    violation.facts = {incarnation.created_fact};
    if (incarnation.status_fact != 0) violation.facts.push_back(incarnation.status_fact);
    if (guarantee(channel) == "at-most-once" && history().disturbed(incarnation.created, end)) {
      violation.allowed_by = "at-most-once: a crash or a lost answer came after the intent was recorded";
    }
    violate(std::move(violation));
  }

  std::set<std::string> refused_;
};

}  // namespace

const InvariantInfo kNoLostNotification = {
    "no-lost-notification",
    "A notification that stays is delivered to every channel that does not refuse it.",
    "delivered facts and final statuses", Duration{0}, make_invariant<NoLostNotification>};

}  // namespace racebed::experiments
