#include "tests/cli/program.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdlib>

namespace racebed::tests {
Output run_program(const std::string& arguments, const std::string& folder) {
  const TemporaryFolder captured;
  const std::string command = fmt::format("{}{}/bin/racebed {} >{}/out 2>{}/err </dev/null",
                                          folder.empty() ? "" : "cd " + folder + " && ", RACEBED_BINARY_DIR,
                                          arguments, captured.path(), captured.path());
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, captured.read("out"), captured.read("err")};
}

}  // namespace racebed::tests
