#include "experiments/invariants/invariant.hpp"

#include <utility>

namespace racebed::experiments {

void Invariant::violate(const Incarnation* about, Time time, std::vector<std::uint64_t> facts,
                        std::string what) {
  Violation violation;
  violation.what = std::move(what);
  violation.time = time;
  if (about != nullptr) {
    violation.uid = about->uid;
    violation.token = about->token;
  }
  std::erase(facts, 0);
  violation.facts = std::move(facts);
  violate(std::move(violation));
}

}  // namespace racebed::experiments
