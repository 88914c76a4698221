#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"
#include "experiments/invariants/status_view.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a controller writes an object on which somebody else has written before: labels,
/// annotations, finalizers, conditions of other types, fields of the status that are not its own.
class ForeignFieldsSurvive final : public Invariant {
 public:
  using Invariant::Invariant;

  void on_fact(const models::Fact& fact) override {
    const auto* commit = std::get_if<models::Committed>(&fact.what);
    if (commit == nullptr || commit->object.resource != kNotifications) return;
    if (commit->after == nullptr || commit->before == nullptr) {
      if (commit->after == nullptr) foreign_.erase(commit->object.uid);
      if (commit->before == nullptr && commit->after != nullptr && has_metadata(*commit->after))
        foreign_.insert(commit->object.uid);
      return;
    }
    if (!is_controller(fact.actor.process)) {
      foreign_.insert(commit->object.uid);
      note_conditions(*commit);
      return;
    }
    if (!foreign_.contains(commit->object.uid)) return;
    reach();
    judge_metadata(fact, *commit);
    judge_conditions(fact, *commit);
  }

 private:
  static const models::Json& member(const models::Json& json, const char* name) {
    static const models::Json kNone = nullptr;
    const auto found = json.find(name);
    return found == json.end() ? kNone : *found;
  }
  static bool has_metadata(const models::Json& object) {
    const models::Json& metadata = member(object, "metadata");
    return metadata.is_object() && (metadata.contains("labels") || metadata.contains("annotations"));
  }
  static const models::Json* condition(const models::Json& object, const std::string& type) {
    const models::Json& conditions = member(status_of(object), "conditions");
    if (!conditions.is_array()) return nullptr;
    for (const models::Json& one : conditions) {
      if (one.value("type", "") == type) return &one;
    }
    return nullptr;
  }

  /// A condition is whose who wrote it first.
  void note_conditions(const models::Committed& commit) {
    const models::Json& conditions = member(status_of(*commit.after), "conditions");
    if (!conditions.is_array()) return;
    for (const models::Json& one : conditions) {
      const std::string type = one.value("type", "");
      if (condition(*commit.before, type) == nullptr) owned_by_others_[commit.object.uid].insert(type);
    }
  }

  void judge_metadata(const models::Fact& fact, const models::Committed& commit) {
    const models::Json& before = member(*commit.before, "metadata");
    const models::Json& after = member(*commit.after, "metadata");
    for (const char* field : {"labels", "annotations", "finalizers", "ownerReferences"}) {
      if (member(before, field) != member(after, field))
        tell(fact, commit, field, fmt::format("changes metadata.{} of", field));
    }
  }

  void judge_conditions(const models::Fact& fact, const models::Committed& commit) {
    for (const std::string& type : owned_by_others_[commit.object.uid]) {
      const models::Json* before = condition(*commit.before, type);
      const models::Json* after = condition(*commit.after, type);
      if (before == nullptr || (after != nullptr && *after == *before)) continue;
      tell(fact, commit, "condition " + type,
           fmt::format("{} the condition {}, somebody else's, of", after == nullptr ? "drops" : "changes",
                       type));
    }
  }

  void tell(const models::Fact& fact, const models::Committed& commit, const std::string& kind,
            const std::string& what) {
    if (!told_.insert(commit.object.uid + kind).second) return;
    const Incarnation* incarnation = history().by_uid(commit.object.uid);
    violate(incarnation, fact.time, {fact.number},
            fmt::format("{} {} {}", fact.actor.process, what,
                        incarnation != nullptr ? incarnation->token : commit.object.name));
  }

  std::set<std::string> foreign_;                                 // uids that others have written too
  std::map<std::string, std::set<std::string>> owned_by_others_;  // by uid: types of conditions
  std::set<std::string> told_;
};

}  // namespace

const InvariantInfo kForeignFieldsSurvive = {"foreign-fields-survive",
                                             "What other clients wrote on an object stays when the "
                                             "controller writes it: labels, finalizers, conditions.",
                                             "commits of controllers against those of others", Duration{0},
                                             make_invariant<ForeignFieldsSurvive>};

}  // namespace racebed::experiments
