#include "live/loop.hpp"

#include <sys/resource.h>

#include <csignal>

namespace racebed::live {

Loop::Loop() {
  // A peer that has gone is an error of a write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  // A thousand watches are a thousand descriptors: as many as the system lets us have.
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

void Loop::run() {
  context_.run();
}

void Loop::on_termination(std::function<void(int signal)> handler) {
  on_termination_ = std::move(handler);
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  wait_for_signal();
}

void Loop::wait_for_signal() {
  signals_.async_wait([this](const ErrorCode& error, int signal) {
    if (error) return;
    on_termination_(signal);
    wait_for_signal();
  });
}

}  // namespace racebed::live
