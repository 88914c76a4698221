#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "experiments/invariants/invariant.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a user has deleted a notification.
class NoOrphans final : public Invariant {
 public:
  using Invariant::Invariant;
  void on_fact(const models::Fact& fact) override {
    if (const auto* deleted = std::get_if<models::UserDeleted>(&fact.what)) {
      reach();
      deleted_[deleted->object.uid] = {fact.time, fact.number};
    }
  }
  void at_end(const FinalState& state) override {
    for (const models::JsonPtr& object : state.notifications) {
      const std::string uid = object->at("metadata").value("uid", "");
      const auto deleted = deleted_.find(uid);
      if (deleted == deleted_.end() || state.end - deleted->second.first < within()) continue;
      violate(
          history().by_uid(uid), state.end, {deleted->second.second},
          fmt::format("{} is still there {} s after its deletion", object->at("metadata").value("name", ""),
                      (state.end - deleted->second.first) / std::chrono::seconds{1}));
    }
  }

 private:
  std::map<std::string, std::pair<Time, std::uint64_t>> deleted_;
};

}  // namespace

const InvariantInfo kNoOrphans = {"no-orphans", "What a user deleted is gone in time.",
                                  "user deletions against the final store", std::chrono::seconds{5},
                                  make_invariant<NoOrphans>};

}  // namespace racebed::experiments
