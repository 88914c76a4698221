#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"
#include "experiments/invariants/status_view.hpp"
#include "experiments/invariants/tries.hpp"

namespace racebed::experiments {
namespace {

using std::chrono::seconds;

/// One thing that happened to an incarnation, as its audit records say.
struct Audited {
  std::string event;
  std::string channel;
  std::string attempt;  // empty if the record has none
  auto operator<=>(const Audited&) const = default;
};

std::string text(const models::Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  return found->is_number_integer() ? std::to_string(found->get<std::int64_t>()) : std::string();
}

/// The dangerous moment: something that has to be audited has happened. Records are compared after the sink
/// has dropped repeats of an idempotency key; a record without a key is never a repeat.
class AuditExactlyOnce final : public Invariant {
 public:
  using Invariant::Invariant;
  /// By then a record is with the sink, whatever the API server does.
  static constexpr Duration kSettled = seconds{60};

  void on_fact(const models::Fact& fact) override {
    lives_.on_fact(fact);
    if (const models::Committed* commit = controller_status(fact)) {
      const Incarnation* incarnation = history().by_uid(commit->object.uid);
      if (incarnation != nullptr && incarnation->is_terminal())
        finished_.try_emplace(incarnation->uid, fact.time);
      return;
    }
    const auto* claim = std::get_if<models::Claimed>(&fact.what);
    if (claim != nullptr && claim->kind == "audit") take_in(fact, *claim->content);
  }

  void at_end(const FinalState& state) override {
    bool runs = false;
    for (const ProcessAccount& account : state.processes)
      runs = runs || (is_controller(account.process) && account.state == "running");
    for (const Incarnation& incarnation : history().incarnations()) {
      judge_invented(incarnation);
      if (incarnation.removed) {
        judge_removed(incarnation, state.end);
      } else if (runs && finished_.contains(incarnation.uid) &&
                 finished_.at(incarnation.uid) + kSettled < state.end) {
        judge_finished(incarnation);
      }
    }
  }

 private:
  void take_in(const models::Fact& fact, const models::Json& record) {
    std::string event = text(record, "event");
    if (event.starts_with("notification.")) event.erase(0, std::string_view("notification.").size());
    const Incarnation* incarnation = incarnation_of(record);
    if (incarnation == nullptr) {
      violate(nullptr, fact.time, {fact.number},
              fmt::format("{} audits {} of a notification that there is not: {}", fact.actor.process, event,
                          record.dump()));
      return;
    }
    reach();
    if (const std::string key = text(record, "key"); !key.empty()) {
      const auto [known, is_new] = keys_.try_emplace(key, incarnation->uid);
      if (!is_new && known->second != incarnation->uid) {
        violate(incarnation, fact.time, {fact.number},
                fmt::format("the {} of {} has the key of a former incarnation, {}: the sink drops it", event,
                            incarnation->token, key));
        return;
      }
      if (!is_new) return;
    }
    const Audited what{event, text(record, "channel"), text(record, "attempt")};
    if (event == "message.failed" && mentions(text(record, "error"), {"circuit breaker is open"}))
      violate(
          incarnation, fact.time, {fact.number},
          fmt::format("message.failed of {} on {} is audited; it was not tried, a circuit breaker was open",
                      incarnation->token, what.channel));
    if (text(record, "errorType") == "transient") called_transient_[incarnation->uid].insert(what.channel);
    if (++records_[incarnation->uid][what] == 2)
      violate(incarnation, fact.time, {fact.number},
              fmt::format("{} of {}{}{} is audited twice", event, incarnation->token,
                          what.channel.empty() ? "" : " on ", what.channel));
  }

  /// By uid; by name where a record has none, and then the youngest of that name.
  const Incarnation* incarnation_of(const models::Json& record) const {
    const std::string uid = text(record, "uid");
    if (!uid.empty()) return history().by_uid(uid);
    std::string name = text(record, "name");
    if (const std::size_t slash = name.find('/'); slash != std::string::npos) name.erase(0, slash + 1);
    const Incarnation* youngest = nullptr;
    for (const Incarnation& incarnation : history().incarnations()) {
      if (incarnation.name == name) youngest = &incarnation;
    }
    return youngest;
  }

  std::size_t count(const Incarnation& incarnation, const std::string& event,
                    const std::string& channel = {}) const {
    const auto known = records_.find(incarnation.uid);
    if (known == records_.end()) return 0;
    std::size_t found = 0;
    for (const auto& [what, times] : known->second) {
      if (what.event == event && (channel.empty() || what.channel == channel)) found += times;
    }
    return found;
  }

  void judge_invented(const Incarnation& incarnation) {
    for (const std::string& channel : incarnation.channels) {
      if (count(incarnation, "message.sent", channel) == 0 || incarnation.deliveries_on(channel) > 0)
        continue;
      violate(&incarnation, incarnation.created, {incarnation.created_fact},
              fmt::format("message.sent of {} on {} is audited; {} never took it", incarnation.token, channel,
                          channel));
    }
  }

  /// It stays: whoever finished it, or came after, has told the sink of everything in its status.
  void judge_finished(const Incarnation& incarnation) {
    const StatusView& status = incarnation.status;
    std::map<std::string, std::size_t> failures;
    for (const AttemptView& attempt : status.attempts) {
      // A rejection by a breaker is no attempt, and need not be told as one.
      if (attempt.is_failure() && attempt.error.find("circuit breaker") == std::string::npos)
        ++failures[attempt.channel];
    }
    for (const std::string& channel : status.delivered()) expect(incarnation, "message.sent", channel, 1);
    for (const auto& [channel, times] : failures) expect(incarnation, "message.failed", channel, times);
    if (status.phase == "Sent") expect(incarnation, "message.acknowledged", {}, 1);
    const bool given_up = status.phase == "Failed" || status.phase == "PartiallySent";
    if (given_up) expect(incarnation, "message.escalated", {}, 1);
    judge_error_types(incarnation);
    if (status.phase == "Sent" && count(incarnation, "message.escalated") > 0)
      violate(&incarnation, incarnation.created, {incarnation.status_fact},
              fmt::format("{} is Sent, and audited as escalated", incarnation.token));
    if (status.phase != "Sent" && count(incarnation, "message.acknowledged") > 0)
      violate(&incarnation, incarnation.created, {incarnation.status_fact},
              fmt::format("{} is {}, and audited as acknowledged", incarnation.token, status.phase));
  }

  /// A refusal for good is no passing trouble, and who reads the audit acts on the difference.
  void judge_error_types(const Incarnation& incarnation) {
    const auto called = called_transient_.find(incarnation.uid);
    if (called == called_transient_.end()) return;
    for (const std::string& channel : called->second) {
      const auto tries = tries_on(incarnation, channel);
      const bool only_for_good =
          !tries.empty() && std::all_of(tries.begin(), tries.end(), [](const Try* one) {
            return ending_of(*one) == Ending::refused_for_good;
          });
      if (!only_for_good) continue;
      violate(&incarnation, finished_.at(incarnation.uid),
              {tries.back()->answer_fact, incarnation.status_fact},
              fmt::format("message.failed of {} on {} is audited as transient; the answer was {}",
                          incarnation.token, channel, answer_text(*tries.back())));
    }
  }

  /// It is gone: what was delivered is audited by the process that delivered it, if that lived on.
  void judge_removed(const Incarnation& incarnation, Time end) {
    for (const std::string& channel : incarnation.channels) {
      bool expected = false;
      for (const DeliveryRecord& record : incarnation.deliveries) {
        const Time late = std::max(record.time, *incarnation.removed) + kSettled;
        const Time early = std::min(record.time, *incarnation.removed) - kSettled;
        if (record.channel != channel || late > end || !lives_.api_calm(early, late)) continue;
        expected = expected || !lives_.disturbed(record.sender, record.time, late);
      }
      if (!expected || count(incarnation, "message.sent", channel) > 0) continue;
      violate(&incarnation, *incarnation.removed, {incarnation.created_fact, incarnation.removed_fact},
              fmt::format("{} was delivered to {} and deleted; message.sent is not audited",
                          incarnation.token, channel));
    }
  }

  void expect(const Incarnation& incarnation, const std::string& event, const std::string& channel,
              std::size_t least) {
    const std::size_t found = count(incarnation, event, channel);
    if (found >= least) return;
    violate(&incarnation, finished_.at(incarnation.uid), {incarnation.created_fact, incarnation.status_fact},
            fmt::format("{} of {}{}{} is audited {} times, its status says {}", event, incarnation.token,
                        channel.empty() ? "" : " on ", channel, found, least));
  }

  Lives lives_;
  std::map<std::string, Time> finished_;                           // by uid
  std::map<std::string, std::string> keys_;                        // idempotency key: uid
  std::map<std::string, std::set<std::string>> called_transient_;  // by uid: channels
  std::map<std::string, std::map<Audited, std::size_t>> records_;  // by uid, without repeats
};

}  // namespace

const InvariantInfo kAuditExactlyOnce = {
    "audit-exactly-once",
    "What happened to a notification is audited once under its own key: nothing missing, twice or invented.",
    "audit records against statuses and delivered facts", Duration{0}, make_invariant<AuditExactlyOnce>};

}  // namespace racebed::experiments
