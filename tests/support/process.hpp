// Other programs, started and ended by a test: everything they print is kept for the test's report, every
// wait has a bound, and none outlives its object.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace racebed::tests {

using Bound = std::chrono::milliseconds;

/// Asks until it holds, a hundred times a second; false when `bound` is over first.
bool eventually(Bound bound, const std::function<bool()>& holds);

struct ProcessOptions {
  std::map<std::string, std::string> environment{};  // over the test's own
  std::string folder{};                              // where it runs; empty: where the test does
};

/// One running program with its children. Killed with the object.
class ChildProcess {
 public:
  /// `command[0]` is looked up in PATH. Throws std::runtime_error when it cannot be started.
  explicit ChildProcess(std::vector<std::string> command, const ProcessOptions& options = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int pid() const { return pid_; }
  bool running();
  void signal(int number);
  /// Exit status, 128 + n after signal n; -1 and SIGKILL when it does not end within `bound`.
  int wait(Bound bound);
  /// What it printed so far, both streams.
  std::string output() const;
  /// The command as a person would type it.
  const std::string& command() const { return shown_; }

 private:
  void reap(bool block);

  std::string shown_;
  std::string output_file_;
  int pid_ = -1;
  bool ended_ = false;
  int status_ = -1;
};

struct Ran {
  std::string command;
  int status = -1;
  std::string output;
};
/// Runs to the end.
Ran run(std::vector<std::string> command, Bound bound = std::chrono::seconds{30},
        const ProcessOptions& options = {});
/// For a failed test's report.
std::string report(const Ran& ran);

/// Those of `works` that fail say why; the rest says nothing. Two or three at a time, in threads: Catch2's
/// assertions do not belong in them.
std::vector<std::string> in_parallel(const std::vector<std::function<std::string()>>& works,
                                     std::size_t width = 3);

}  // namespace racebed::tests
