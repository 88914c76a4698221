// One kind's objects at one revision: those of the store, and how some of them were then. Reading the past,
// or what a late cache knows, copies nothing.
#pragma once

#include "models/apiserver/store.hpp"

namespace racebed::models {

struct ObjectsView {
  const Store::Objects* now = nullptr;
  const Store::Overlay* then = nullptr;  // what was otherwise; null: nothing was

  /// Null if it is not there.
  JsonPtr find(std::string_view key) const {
    if (then != nullptr) {
      if (const auto found = then->find(key); found != then->end()) return found->second;
    }
    const auto found = now->find(key);
    return found == now->end() ? nullptr : found->second;
  }

  /// Visits in the order of keys, from `first` (or just after it) on, while `visit(key, object)` returns
  /// true.
  template <class Visit>
  void walk(std::string_view first, bool after, Visit visit) const {
    static const Store::Overlay kNone;
    const Store::Overlay& past = then != nullptr ? *then : kNone;
    auto current = after ? now->upper_bound(first) : now->lower_bound(first);
    auto other = after ? past.upper_bound(first) : past.lower_bound(first);
    while (current != now->end() || other != past.end()) {
      const bool take_other =
          current == now->end() || (other != past.end() && other->first <= current->first);
      if (!take_other) {
        if (!visit(current->first, current->second)) return;
        ++current;
        continue;
      }
      if (current != now->end() && current->first == other->first) ++current;
      if (other->second && !visit(other->first, other->second)) return;
      ++other;
    }
  }
};

}  // namespace racebed::models
