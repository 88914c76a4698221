#include "faults/armed_trigger.hpp"

#include <memory>
#include <utility>

#include "runtime/assert.hpp"

namespace racebed::faults {
namespace {

struct Armed {
  Armed(sim::Kernel& k, Trigger t, Action a)
      : kernel(k), trigger(std::move(t)), progress(trigger.condition), action(std::move(a)) {}
  sim::Kernel& kernel;
  Trigger trigger;
  Progress progress;
  Action action;
  std::uint64_t acted = 0;
  bool given_up = false;

  void on(const models::Fact& fact) {
    if (given_up || acted == trigger.budget || !progress.on(fact)) return;
    progress.reset();
    // 0 is the dullest: no fault.
    const std::uint64_t drawn = kernel.choices().pick(trigger.chance_in, "fault-chance");
    if (drawn < trigger.chance_in - trigger.chance_of) return;
    ++acted;
    action(&fact);
  }
  void on_timeout() {
    if (acted > 0) return;
    given_up = trigger.at_timeout == Trigger::AtTimeout::give_up;
    if (given_up) return;
    ++acted;
    action(nullptr);
  }
};

}  // namespace

void arm(sim::Kernel& kernel, models::Ledger& ledger, Trigger trigger, Action action) {
  RACEBED_ASSERT(trigger.budget >= 1, "a trigger that may never act");
  RACEBED_ASSERT(1 <= trigger.chance_of && trigger.chance_of <= trigger.chance_in, "a chance is in (0, 1]");
  const Duration timeout = trigger.timeout;
  auto armed = std::make_shared<Armed>(kernel, std::move(trigger), std::move(action));
  ledger.subscribe([armed](const models::Fact& fact) { armed->on(fact); });
  if (timeout > Duration{0})
    kernel.call_at(kernel.world(), kernel.now() + timeout, [armed] { armed->on_timeout(); });
}

}  // namespace racebed::faults
