// The program as a user runs it: arguments in, exit status and what it printed out.
#pragma once

#include <string>

#include "tests/support/temporary_folder.hpp"

namespace racebed::tests {

struct Output {
  int status = -1;
  std::string out;
  std::string err;
};

/// Runs build/bin/racebed with `arguments`, as a shell would split them, in `folder` (empty: the test's own).
Output run_program(const std::string& arguments, const std::string& folder = {});

}  // namespace racebed::tests
