#include "models/controllers/garbage_decision.hpp"

#include <algorithm>

#include "runtime/assert.hpp"

namespace racebed::models {

GarbageDecision decide(const std::vector<OwnerReference>& references, const std::vector<OwnerState>& owners,
                       const DependentsState& dependents, const std::vector<std::string>& finalizers) {
  using What = GarbageDecision::What;
  RACEBED_ASSERT(references.size() == owners.size(), "each owner was looked at");
  if (references.empty()) return {};
  const bool solid = std::ranges::find(owners, OwnerState::solid) != owners.end();
  if (solid) {
    GarbageDecision decision;
    for (std::size_t i = 0; i < owners.size(); ++i) {
      if (owners[i] != OwnerState::solid) decision.uids.push_back(references[i].uid);
    }
    if (!decision.uids.empty()) decision.what = What::drop_references;
    return decision;
  }
  const bool waited_for = std::ranges::find(owners, OwnerState::waiting) != owners.end();
  if (waited_for && dependents.any) {
    // Its own dependents go first. One that waits already may be waiting, in a circle, for this one.
    return {.what = dependents.any_waits ? What::unblock : What::remove, .policy = "Foreground"};
  }
  const auto has = [&](const char* name) { return std::ranges::find(finalizers, name) != finalizers.end(); };
  const char* policy = has("orphan") ? "Orphan" : has("foregroundDeletion") ? "Foreground" : "Background";
  return {.what = What::remove, .policy = policy};
}

}  // namespace racebed::models
