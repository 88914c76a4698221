// A process's view of the real world: a Runtime made of the operating system's clocks, sockets, files and
// random numbers, and the coroutine that is its main program.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "live/loop.hpp"
#include "live/network.hpp"
#include "runtime/runtime.hpp"

namespace racebed::live {

struct ProcessOptions {
  std::string name = "racebed";
  NetworkOptions network{};
  std::string files_root = "/";
  /// Hears of an exception that left a task: our own fault, the process is not to be trusted any more. Null:
  /// one line on standard error, and the program ends with exit status 3.
  std::function<void(std::string_view task, std::string_view what)> on_crash{};
};

class Process {
 public:
  /// `loop` must outlive it; destroy it only when the loop has stopped.
  Process(Loop& loop, ProcessOptions options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  Runtime& runtime();

  using Main = std::function<asio::awaitable<void>(Runtime&)>;
  /// Hears of main's end: null, or what it threw. Cancellation is an end without a failure.
  using Ended = std::function<void(std::exception_ptr failure)>;
  /// Once. Main begins inside the loop.
  void start(Main main, Ended ended);
  /// Asks main to end (terminal cancellation).
  void cancel();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace racebed::live
