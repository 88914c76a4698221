// A trigger at work in a run: it hears every fact as it is told and acts inside the telling, so that nothing
// happens between the moment and the fault.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "faults/condition.hpp"
#include "models/ledger/ledger.hpp"
#include "runtime/time.hpp"
#include "sim/kernel.hpp"

namespace racebed::faults {

struct Trigger {
  Condition condition{};
  /// How often it acts at most. After it has acted, or chance was against it, the condition starts over.
  std::uint64_t budget = 1;
  /// Each time the condition comes true it acts with probability chance_of / chance_in; 1 <= chance_of <=
  /// chance_in.
  std::uint64_t chance_of = 1;
  std::uint64_t chance_in = 1;
  /// A way out when the moment never comes, counted from arming; 0: it waits for ever.
  Duration timeout{0};
  enum class AtTimeout { give_up, act } at_timeout = AtTimeout::give_up;
};

/// Called with the fact that made the condition true; null when the time-out acts.
using Action = std::function<void(const models::Fact* fact)>;

/// A trigger that waits. Copies are the same trigger.
class ArmedTrigger {
 public:
  ArmedTrigger() = default;
  /// It acts no more.
  void disarm();
  std::uint64_t acted() const;

 private:
  struct State;
  explicit ArmedTrigger(std::shared_ptr<State> state) : state_(std::move(state)) {}
  friend ArmedTrigger arm(sim::Kernel&, models::Ledger&, Trigger, Action);
  std::shared_ptr<State> state_;
};

/// For the life of `ledger`, which `kernel` must not outlive. An action that itself records facts is not
/// called again inside itself. The time-out applies until the trigger has acted once.
ArmedTrigger arm(sim::Kernel& kernel, models::Ledger& ledger, Trigger trigger, Action action);

}  // namespace racebed::faults
