// The stories of docs/races.md and docs/races/, as far as a program can read them: each has a heading and,
// below it, the command that brings it back with what the verdict says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiments/scenario/load.hpp"

namespace racebed::tests {

struct Claim {
  std::string invariant;
  std::string words;  // part of what the violation says; empty: any
};

struct Story {
  std::string title;
  std::string file;  // "races.md", "races/2026-08-retries.md"
  std::string scenario;
  std::string subject;
  std::uint64_t seed = 0;
  std::vector<experiments::Setting> settings;
  /// What happens: violations; or, of a defect that is mended, invariants that hold.
  enum class Verdict { violated, held, allowed } verdict = Verdict::violated;
  std::vector<Claim> claims;

  /// The command that brings it back, for a failed test.
  std::string command() const;
};

/// All of them, in the order of the pages. Throws InputError where a line is none.
std::vector<Story> read_stories();
/// The contents of docs/races.md: a line for each story.
std::string contents_of(const std::vector<Story>& stories);

}  // namespace racebed::tests
