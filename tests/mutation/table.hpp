// The table of mutants (mutants.json): which guard of the core each deletes, and which scenarios catch it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace racebed::tests {

/// A scenario that catches a mutant.
struct Trap {
  std::string scenario{};
  std::uint64_t seeds = 0;                // from 0; at least one of these runs must be violated ...
  std::vector<std::string> invariants{};  // ... by each of these
};

struct Mutant {
  std::string id{};
  std::string guard{};    // what is deleted; several mutants may delete one guard in different ways
  std::string deletes{};  // one sentence: what the core does now
  std::string source{};
  std::vector<Trap> caught_by{};
};

std::vector<Mutant> read_mutants();

}  // namespace racebed::tests
