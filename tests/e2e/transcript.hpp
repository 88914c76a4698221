// A story told in commands and what they print, run for real and compared (tests/e2e/kubectl/*.txt):
//
//   # a remark
//   $ command            a line for bash; must succeed
//   $! command           must fail
//   | more of it         further lines of the command, for a here document
//   expected output      * stands for anything within a line, ... for any number of lines; empty lines are
//   skipped [old] expected       only with kubectl 1.20 [new] expected       only with newer ones
#pragma once

#include <string>

#include "tests/support/process.hpp"

namespace racebed::tests {

struct TranscriptOptions {
  std::string prelude{};  // bash before each command: functions and variables
  std::string tag{};      // "old" or "new"
  ProcessOptions process{};
  Bound bound = std::chrono::seconds{60};  // of each command
};

/// Empty when everything happened as told; else the first difference: command, expected, found.
std::string run_transcript(const std::string& file, const TranscriptOptions& options);

/// `*` in `pattern` stands for anything.
bool matches(const std::string& pattern, const std::string& text);

}  // namespace racebed::tests
