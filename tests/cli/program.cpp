#include "tests/cli/program.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace racebed::tests {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

Output run_program(const std::string& arguments, const std::string& folder) {
  const TemporaryFolder captured;
  const std::string command = fmt::format("{}{}/bin/racebed {} >{}/out 2>{}/err </dev/null",
                                          folder.empty() ? "" : "cd " + folder + " && ", RACEBED_BINARY_DIR,
                                          arguments, captured.path(), captured.path());
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, captured.read("out"), captured.read("err")};
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "racebed-test-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& text) const {
  std::ofstream(path_ + "/" + name, std::ios::binary) << text;
  return path_ + "/" + name;
}

std::string TemporaryFolder::read(const std::string& name) const {
  return content_of(path_ + "/" + name);
}

std::size_t TemporaryFolder::files() const {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(path_)) ++count;
  return count;
}

}  // namespace racebed::tests
