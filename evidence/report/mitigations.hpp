// What the controller does so that an invariant holds, in a few words each: for a risk assessment.
#pragma once

#include <string>

namespace racebed::evidence {

/// Empty for an invariant that has none of its own.
std::string mitigation_of(const std::string& invariant);

}  // namespace racebed::evidence
