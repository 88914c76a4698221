// A kernel with a seed, for tests: a world is built twice and must come out the same.
#pragma once

#include <functional>
#include <string>

#include "sim/choices.hpp"
#include "sim/kernel.hpp"

namespace racebed::tests {

/// Builds a world on `kernel` and runs it; whatever it returns is compared too.
using World = std::function<std::string(sim::Kernel& kernel)>;

/// Runs the world twice from `seed`, the second time with a shaken heap, requires (Catch2) the same result,
/// hash and choices, then replays the recorded choices and requires the same again. Returns what the world
/// returned.
std::string run_twice(std::uint64_t seed, const World& world);

}  // namespace racebed::tests
