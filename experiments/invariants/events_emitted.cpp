#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"
#include "experiments/invariants/status_view.hpp"

namespace racebed::experiments {
namespace {

using std::chrono::seconds;

/// What people look for with `kubectl describe`.
std::string_view reason_of(const std::string& phase) {
  if (phase == "Sent") return "NotificationSent";
  return phase == "PartiallySent" ? "NotificationPartiallySent" : "NotificationFailed";
}

/// The dangerous moment: a notification is finished. Events are best effort: a process that dies or an API
/// server in trouble excuse a missing one, nothing excuses a wrong one.
class EventsEmitted final : public Invariant {
 public:
  using Invariant::Invariant;
  /// A recorder tries for two minutes (client-go: 12 times, 10 s apart).
  static constexpr Duration kRecorded = seconds{150};

  void on_fact(const models::Fact& fact) override {
    lives_.on_fact(fact);
    if (const models::Committed* commit = controller_status(fact)) {
      const Incarnation* incarnation = history().by_uid(commit->object.uid);
      if (incarnation == nullptr) return;
      writers_[incarnation->uid].insert(fact.actor.process);
      if (incarnation->is_terminal() &&
          finished_.try_emplace(incarnation->uid, fact.time, fact.number).second)
        reach();
      return;
    }
    const auto* commit = std::get_if<models::Committed>(&fact.what);
    if (commit != nullptr && commit->object.resource == "events" && commit->after != nullptr &&
        is_controller(fact.actor.process)) {
      judge_event(fact, *commit->after);
    }
  }

  void at_end(const FinalState& state) override {
    for (const auto& [uid, end_of_work] : finished_) {
      const Incarnation& incarnation = *history().by_uid(uid);
      const Time late = end_of_work.first + kRecorded;
      const Time early = incarnation.created;
      bool excused = late > state.end || !lives_.api_calm(early, late);
      for (const std::string& writer : writers_[uid])
        excused = excused || lives_.disturbed(writer, early, late);
      const std::string phase = incarnation.phase();
      if (excused || said_[uid].contains(std::string(reason_of(phase)))) continue;
      violate(&incarnation, end_of_work.first, {incarnation.created_fact, end_of_work.second},
              fmt::format("{} is {}, and no Event {} says so", incarnation.token, phase, reason_of(phase)));
    }
  }

 private:
  void judge_event(const models::Fact& fact, const models::Json& event) {
    const auto about =
        event.contains("involvedObject") ? event.find("involvedObject") : event.find("regarding");
    if (about == event.end() || about->value("kind", "") != "NotificationRequest") return;
    const std::string uid = about->value("uid", "");
    const std::string reason = event.value("reason", "");
    const Incarnation* incarnation = history().by_uid(uid);
    if (incarnation == nullptr || incarnation->name != about->value("name", "")) {
      return violate(nullptr, fact.time, {fact.number},
                     fmt::format("an Event {} is about {} of the uid \"{}\", which there is not", reason,
                                 about->value("name", ""), uid));
    }
    said_[uid].insert(reason);
    judge_truth(fact, *incarnation, reason);
    judge_repeats(fact, *incarnation, reason,
                  event.contains("message") ? event.value("message", "") : event.value("note", ""));
  }

  void judge_truth(const models::Fact& fact, const Incarnation& incarnation, const std::string& reason) {
    const bool lies = (reason == "NotificationSent" && incarnation.deliveries.empty()) ||
                      (reason == "NotificationFailed" && incarnation.phase() != "Failed") ||
                      (reason == "NotificationPartiallySent" && incarnation.phase() != "PartiallySent");
    if (!lies) return;
    violate(&incarnation, fact.time, {incarnation.created_fact, fact.number},
            fmt::format("an Event {} is about {}, whose phase is {} and which was delivered {} times", reason,
                        incarnation.token, incarnation.phase(), incarnation.deliveries.size()));
  }

  /// The same words again mean that it happened again: a channel is delivered to once, each failed attempt
  /// is retried once, a breaker opens every half a minute at most. Each life may begin anew.
  void judge_repeats(const models::Fact& fact, const Incarnation& incarnation, const std::string& reason,
                     const std::string& message) {
    const std::size_t times = ++repeats_[incarnation.uid + "/" + reason + "/" + message];
    const std::size_t lives = lives_.all().size();
    const StatusView& status = incarnation.status;
    std::size_t most = 1 + 2 * std::max<std::size_t>(lives, 1);
    if (reason == "NotificationRetrying") most += status.attempts.size();
    if (reason.find("Breaker") != std::string::npos)
      most += static_cast<std::size_t>((fact.time - incarnation.created) / seconds{20});
    if (times != most + 1) return;
    violate(&incarnation, fact.time, {incarnation.created_fact, fact.number},
            fmt::format("the Event {} is said of {} again and again, {} times and in the same words", reason,
                        incarnation.token, times));
  }

  Lives lives_;
  std::map<std::string, std::pair<Time, std::uint64_t>> finished_;  // by uid: when, and the fact
  std::map<std::string, std::set<std::string>> writers_;            // by uid: processes
  std::map<std::string, std::set<std::string>> said_;               // by uid: reasons
  std::map<std::string, std::size_t> repeats_;
};

}  // namespace

const InvariantInfo kEventsEmitted = {"events-emitted",
                                      "Each finished notification has an Event that says so, of the right "
                                      "uid; none lies, none is said for ever.",
                                      "commits of Events against statuses", Duration{0},
                                      make_invariant<EventsEmitted>};

}  // namespace racebed::experiments
