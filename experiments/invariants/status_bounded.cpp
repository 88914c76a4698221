#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/status_view.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a controller commits a status that tells of a failure.
class StatusBounded final : public Invariant {
 public:
  using Invariant::Invariant;
  /// What a person still reads; an object has room for 1.5 MiB of them.
  static constexpr std::size_t kTextMax = 2048;

  void on_fact(const models::Fact& fact) override {
    const models::Committed* commit = controller_status(fact);
    if (commit == nullptr) return;
    const StatusView& status = history().status_write()->after;
    bool failed = false;
    std::size_t longest = status.message.size();
    for (const AttemptView& attempt : status.attempts) {
      failed = failed || attempt.is_failure();
      longest = std::max(longest, attempt.error.size());
    }
    if (!failed) return;
    reach();
    if (longest <= kTextMax || !told_.insert(commit->object.uid).second) return;
    const Incarnation* incarnation = history().by_uid(commit->object.uid);
    violate(incarnation, fact.time, {fact.number},
            fmt::format("the status of {} has a text of {} bytes, of {} bytes in all",
                        incarnation != nullptr ? incarnation->token : commit->object.name, longest,
                        commit->after->at("status").dump().size()));
  }

 private:
  std::set<std::string> told_;
};

}  // namespace

const InvariantInfo kStatusBounded = {"status-bounded",
                                      "What a status says of a failure is short, however much the other end "
                                      "had to say: texts of at most 2 KiB.",
                                      "status commits of controllers", Duration{0},
                                      make_invariant<StatusBounded>};

}  // namespace racebed::experiments
