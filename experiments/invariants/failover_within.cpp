#include <fmt/format.h>

#include "experiments/invariants/invariant.hpp"
#include "faults/leader.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: the process that holds the lease dies.
class FailoverWithin final : public Invariant {
 public:
  using Invariant::Invariant;
  void on_fact(const models::Fact& fact) override {
    if (const std::string* holder = faults::lease_holder_of(fact)) {
      if (!holder->empty() && *holder != holder_) {
        if (waiting_) judge(fact.time, fact.number);
        holder_ = *holder;
      }
      return;
    }
    const auto* event = std::get_if<models::ProcessEvent>(&fact.what);
    if (event == nullptr || waiting_ || holder_.empty() || !holder_.starts_with(fact.actor.process + "_"))
      return;
    using What = models::ProcessEvent::What;
    if (event->what == What::killed || event->what == What::power_lost || event->what == What::crashed ||
        event->what == What::exited) {
      reach();
      waiting_ = true;
      died_ = fact.time;
      died_fact_ = fact.number;
    }
  }
  void at_end(const FinalState& state) override {
    if (waiting_ && state.end - died_ > within()) judge(state.end, 0);
  }

 private:
  void judge(Time taken, std::uint64_t taken_fact) {
    waiting_ = false;
    if (taken - died_ <= within()) return;
    violate(nullptr, taken, {died_fact_, taken_fact},
            taken_fact == 0 ? fmt::format("nobody has taken the lease {} s after its holder died",
                                          (taken - died_) / std::chrono::seconds{1})
                            : fmt::format("the lease was taken {} s after its holder died",
                                          (taken - died_) / std::chrono::seconds{1}));
  }

  std::string holder_;
  bool waiting_ = false;
  Time died_;
  std::uint64_t died_fact_ = 0;
};

}  // namespace

const InvariantInfo kFailoverWithin = {
    "failover-within", "After the leader's death another process holds the lease in time.",
    "process events and lease commits", std::chrono::seconds{30}, make_invariant<FailoverWithin>};

}  // namespace racebed::experiments
