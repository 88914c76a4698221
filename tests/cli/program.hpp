// The program as a user runs it: arguments in, exit status and what it printed out.
#pragma once

#include <string>

namespace racebed::tests {

struct Output {
  int status = -1;
  std::string out;
  std::string err;
};

/// Runs build/bin/racebed with `arguments`, as a shell would split them, in `folder` (empty: the test's own).
Output run_program(const std::string& arguments, const std::string& folder = {});

/// An empty folder that is gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  std::size_t files() const;

 private:
  std::string path_;
};

}  // namespace racebed::tests
