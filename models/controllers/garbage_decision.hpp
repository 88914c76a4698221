// What becomes of one object, given what its owners are found to be. No I/O
// (garbagecollector.go attemptToDeleteItem; kubernetes.md §1.10).
#pragma once

#include <string>
#include <vector>

#include "models/controllers/garbage_graph.hpp"

namespace racebed::models {

/// An owner as a live GET by name found it.
enum class OwnerState {
  solid,     // there, with the uid that the reference names
  dangling,  // not there, or another incarnation
  waiting    // there, in foreground deletion: it waits for its dependents
};

struct GarbageDecision {
  enum class What {
    keep,
    drop_references,  // of `uids`: the others keep it
    unblock,          // its references no longer block, or two would wait for each other; then remove it
    remove            // with `policy`, guarded by the uid and the resourceVersion that were looked at
  } what = What::keep;
  std::vector<std::string> uids{};
  std::string policy{};  // "Background", "Foreground", "Orphan"
};

struct DependentsState {
  bool any = false;
  bool any_waits = false;  // one of them is in foreground deletion itself
};

/// `owners[i]` is what `references[i]` was found to be. Requires: as many.
GarbageDecision decide(const std::vector<OwnerReference>& references, const std::vector<OwnerState>& owners,
                       const DependentsState& dependents, const std::vector<std::string>& finalizers);

}  // namespace racebed::models
