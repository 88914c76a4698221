#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"
#include "experiments/invariants/status_view.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a status on which others write too is written while a result waits to be recorded.
class NoLostAttemptRecord final : public Invariant {
 public:
  using Invariant::Invariant;
  /// Conflicts beside those that another writer explains.
  static constexpr std::size_t kConflictsBeside = 5;

  void on_fact(const models::Fact& fact) override {
    lives_.on_fact(fact);
    if (const auto* answered = std::get_if<models::Answered>(&fact.what)) {
      // A refusal is a send that came to its end; a message that was taken is in a Delivered.
      if (!answered->token.empty() && answered->message.empty() && answered->status >= 300)
        ++refusals_[answered->token];
    } else if (const auto* commit = std::get_if<models::Committed>(&fact.what)) {
      if (commit->object.resource == kNotifications) committed(fact, *commit);
    } else if (const auto* refused = std::get_if<models::Refused>(&fact.what)) {
      if (refused->object.resource == kNotifications && refused->status == 409)
        conflict(fact, refused->object);
    }
  }

  void at_end(const FinalState& state) override {
    for (const Incarnation& incarnation : history().incarnations()) {
      if (incarnation.removed || !incarnation.is_terminal()) continue;
      const StatusView& status = incarnation.status;
      const auto records =
          std::count_if(status.attempts.begin(), status.attempts.end(),
                        [](const AttemptView& a) { return a.channel == "slack" && !a.is_pending(); });
      const auto refused = refusals_.find(incarnation.token);
      const std::size_t refusals = refused == refusals_.end() ? 0 : refused->second;
      const std::size_t sends = incarnation.deliveries_on("slack") + refusals;
      if (refusals == 0) continue;  // status-truthful judges what was delivered
      reach();
      if (sends <= static_cast<std::size_t>(records)) continue;
      Violation violation;
      violation.what =
          fmt::format("Slack decided {} sends of {}; its status shows {}", sends, incarnation.token, records);
      violation.time = state.end;
      violation.uid = incarnation.uid;
      violation.token = incarnation.token;
      violation.facts = {incarnation.created_fact, incarnation.status_fact};
      if (guarantee("slack") == "at-least-once" && history().disturbed(incarnation.created, state.end))
        violation.allowed_by = "at-least-once: a crash came between a send and its record";
      violate(std::move(violation));
    }
  }

 private:
  struct Writers {
    std::map<std::string, std::size_t> commits;    // by process
    std::map<std::string, std::size_t> conflicts;  // by process
    std::size_t all = 0;
  };

  /// A write of somebody else never takes an attempt away, and neither does one of a controller.
  void committed(const models::Fact& fact, const models::Committed& commit) {
    Writers& writers = writers_[commit.object.ns + "/" + commit.object.name];
    ++writers.commits[fact.actor.process];
    ++writers.all;
    if (!commit.before || !commit.after || !is_controller(fact.actor.process)) return;
    if (writers.commits.size() > 2) reach();
    const std::size_t before = attempts_of(*commit.before).size();
    const std::size_t after = attempts_of(*commit.after).size();
    if (after >= before) return;
    tell(fact, commit.object,
         fmt::format("{} leaves {} of the {} recorded attempts", fact.actor.process, after, before));
  }

  /// Each commit of another may spoil one write, and no more. A fault that makes conflicts excuses them.
  void conflict(const models::Fact& fact, const models::ObjectRef& object) {
    if (!is_controller(fact.actor.process) || lives_.fired("api-") || lives_.fired("etcd-")) return;
    Writers& writers = writers_[object.ns + "/" + object.name];
    const std::size_t conflicts = ++writers.conflicts[fact.actor.process];
    const std::size_t others = writers.all - writers.commits[fact.actor.process];
    if (others + kConflictsBeside == conflicts - 1)
      tell(fact, object,
           fmt::format("{} met {} conflicts, where others wrote {} times", fact.actor.process, conflicts,
                       others));
  }

  void tell(const models::Fact& fact, const models::ObjectRef& object, const std::string& what) {
    const Incarnation* incarnation = history().by_uid(object.uid);
    violate(incarnation, fact.time, {fact.number},
            fmt::format("{}: {}", incarnation != nullptr ? incarnation->token : object.name, what));
  }

  Lives lives_;
  std::map<std::string, std::size_t> refusals_;  // by token
  std::map<std::string, Writers> writers_;       // by object
};

}  // namespace

const InvariantInfo kNoLostAttemptRecord = {"no-lost-attempt-record",
                                            "Among many writers of one status no attempt goes unrecorded, "
                                            "and conflicts are no more than those explain.",
                                            "status commits, refusals and answers", Duration{0},
                                            make_invariant<NoLostAttemptRecord>};

}  // namespace racebed::experiments
