// The event loop of a program that lives in the real world: one thread, one io_context, and the signals that
// ask the program to end.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>

#include "runtime/time.hpp"

namespace racebed::live {

class Loop {
 public:
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop(), or until nothing is left to wait for. Exceptions of handlers come out of it.
  void run();
  void stop() { context_.stop(); }

  /// `handler` hears of every SIGTERM and SIGINT, inside the loop. Call once at most. The loop then runs
  /// until stop().
  void on_termination(std::function<void(int signal)> handler);

  asio::io_context& context() { return context_; }

 private:
  void wait_for_signal();
  asio::io_context context_{1};
  asio::signal_set signals_{context_};
  std::function<void(int)> on_termination_;
};

}  // namespace racebed::live
