#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "experiments/invariants/invariant.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a notification lives for as long as the bound. Where the scenario has faults the
/// bound counts from their healing, unless the scenario says that it binds always.
class TerminalWithin final : public Invariant {
 public:
  using Invariant::Invariant;
  void on_fact(const models::Fact& fact) override {
    const auto* commit = std::get_if<models::Committed>(&fact.what);
    if (commit == nullptr || commit->operation != models::Committed::Operation::status ||
        commit->object.resource != kNotifications)
      return;
    const Incarnation* incarnation = history().by_uid(commit->object.uid);
    if (incarnation != nullptr && incarnation->is_terminal())
      finished_.try_emplace(incarnation->uid, fact.time);
  }
  void at_end(const FinalState& state) override {
    for (const Incarnation& incarnation : history().incarnations()) {
      const Time last = incarnation.removed.value_or(state.end);
      const Time from = binds_from(incarnation);
      if (last - from < within()) continue;
      reach();
      const auto finished = finished_.find(incarnation.uid);
      if (finished != finished_.end() && finished->second - from <= within()) continue;
      violate(&incarnation, from + within(), {incarnation.created_fact, incarnation.status_fact},
              fmt::format("{} was not finished {} s after {}; its status says {}", incarnation.token,
                          within() / std::chrono::seconds{1},
                          from == incarnation.created ? "its creation" : "the faults were healed",
                          incarnation.phase().empty() ? "nothing" : incarnation.phase()));
    }
  }

 private:
  Time binds_from(const Incarnation& incarnation) const {
    bool always = scenario().faults.empty();
    for (const InvariantOptions& options : scenario().invariants) {
      if (options.id == "terminal-within" && options.binds != "default") always = options.binds == "always";
    }
    return always || !history().settled() ? incarnation.created
                                          : std::max(incarnation.created, *history().settled());
  }

  std::map<std::string, Time> finished_;  // by uid
};

}  // namespace

const InvariantInfo kTerminalWithin = {
    "terminal-within", "Every notification that lives long enough reaches a terminal phase in time.",
    "status commits against creation times", std::chrono::seconds{120}, make_invariant<TerminalWithin>};

}  // namespace racebed::experiments
