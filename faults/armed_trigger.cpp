#include "faults/armed_trigger.hpp"

#include <memory>
#include <utility>

#include "runtime/assert.hpp"

namespace racebed::faults {

struct ArmedTrigger::State {
  State(sim::Kernel& k, Trigger t, Action a)
      : kernel(k), trigger(std::move(t)), progress(trigger.condition), action(std::move(a)) {}
  sim::Kernel& kernel;
  Trigger trigger;
  Progress progress;
  Action action;
  std::uint64_t acted = 0;
  bool disarmed = false;

  void on(const models::Fact& fact) {
    if (disarmed || acted == trigger.budget || !progress.on(fact)) return;
    progress.reset();
    // 0 is the dullest: no fault.
    const std::uint64_t drawn = kernel.choices().pick(trigger.chance_in, "fault-chance");
    if (drawn < trigger.chance_in - trigger.chance_of) return;
    ++acted;
    action(&fact);
  }
  void on_timeout() {
    if (disarmed || acted > 0) return;
    disarmed = trigger.at_timeout == Trigger::AtTimeout::give_up;
    if (disarmed) return;
    ++acted;
    action(nullptr);
  }
};

void ArmedTrigger::disarm() {
  if (state_) state_->disarmed = true;
}

std::uint64_t ArmedTrigger::acted() const {
  return state_ ? state_->acted : 0;
}

ArmedTrigger arm(sim::Kernel& kernel, models::Ledger& ledger, Trigger trigger, Action action) {
  RACEBED_ASSERT(trigger.budget >= 1, "a trigger that may never act");
  RACEBED_ASSERT(1 <= trigger.chance_of && trigger.chance_of <= trigger.chance_in, "a chance is in (0, 1]");
  const Duration timeout = trigger.timeout;
  want(ledger, trigger.condition);
  auto state = std::make_shared<ArmedTrigger::State>(kernel, std::move(trigger), std::move(action));
  ledger.subscribe([state](const models::Fact& fact) { state->on(fact); });
  if (timeout > Duration{0})
    kernel.call_at(kernel.world(), kernel.now() + timeout, [state] { state->on_timeout(); });
  return ArmedTrigger(std::move(state));
}

}  // namespace racebed::faults
