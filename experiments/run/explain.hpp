// How a violation came about, for a person: the facts that tell the story, at most ten of them.
#pragma once

#include <string>
#include <vector>

#include "experiments/run/run.hpp"

namespace racebed::experiments {

inline constexpr std::size_t kChainLinesMax = 10;

/// One line a fact: virtual time since the run began, process and incarnation, what, which incarnation of
/// what.
std::vector<std::string> cause_chain(const RunResult& run, const Violation& violation);

/// "sends cdc-0-3 to slack (message 1764374405.100000)": what a fact says, without time and actor.
std::string describe(const models::Fact& fact);

}  // namespace racebed::experiments
