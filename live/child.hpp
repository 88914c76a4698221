// A child process of the operating system: started with a program, fed once, listened to line by line, killed
// for real.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "live/loop.hpp"
#include "runtime/result.hpp"

namespace racebed::live {

struct ChildOptions {
  std::vector<std::string> command{};  // the program's path first
  std::string input{};                 // its whole standard input; at most 64 KiB
  bool show_errors = false;            // its standard error is ours; else nobody's
  /// Each line of its standard output, without the line feed.
  std::function<void(std::string_view line)> on_line{};
  /// It has ended: its exit status, or minus the signal's number.
  std::function<void(int status)> on_end{};
};

class Child {
 public:
  /// Starts it. `loop` must outlive it.
  static Result<std::unique_ptr<Child>> start(Loop& loop, ChildOptions options);
  /// Kills it, if it still runs, and waits for it; hears of nothing more.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// SIGKILL: on_end follows.
  void kill();

 private:
  struct State;
  explicit Child(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace racebed::live
