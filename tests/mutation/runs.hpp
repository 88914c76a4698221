// Runs of the programs bin/mutants/ID, two at a time, and what came of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/mutation/table.hpp"

namespace racebed::tests {

/// One program over one scenario's seeds.
struct Trial {
  std::string program{};  // a mutant's id, or "none"
  Trap by{};
};

struct TrialResult {
  struct Told {
    std::uint64_t runs = 0;  // that it was violated in
    std::uint64_t first_seed = 0;
    std::string what{};  // of the first
  };
  std::uint64_t runs = 0;
  std::uint64_t caught = 0;  // runs with a violation
  std::map<std::string, Told> by_invariant{};
  std::set<std::string> reached{};  // invariants whose moment came
  /// Not empty: it did not run to its end: a crash, bad input, too slow.
  std::string broken{};
};

/// Stands among invariants where an assertion of the core (runtime/assert.hpp) ended a run.
inline constexpr const char* kAssertion = "assertion";

/// The bound of one trial; a mutant that hangs ends there.
inline constexpr int kTrialSeconds = 240;

/// A command's exit status (128 + n after signal n) and what it printed.
struct Ended {
  int status = -1;
  std::string output{};
};
Ended run_to_end(const std::string& command);

/// In the order of `trials`.
std::vector<TrialResult> run_all(const std::vector<Trial>& trials);

}  // namespace racebed::tests
