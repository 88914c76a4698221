// A wake-up that tasks wait for, with or without a time limit. Cheaper than racing two awaitables: one wait
// is one small allocation and no task. Not a lock and not a flag: re-check your condition after every wait.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <list>
#include <memory>

#include "runtime/runtime.hpp"

namespace racebed::kube {

class Wake {
 public:
  explicit Wake(Runtime& runtime);
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;
  /// Nobody may be waiting, unless the process died.
  ~Wake();

  /// Until notified. Throws operation_aborted when the task is cancelled.
  asio::awaitable<void> wait();
  /// Until notified (true) or until `until` (false).
  asio::awaitable<bool> wait_until(Instant until);

  /// The waiter that came first. A notification with nobody waiting is lost.
  void notify_one();
  void notify_all();
  std::size_t waiting() const;

 private:
  struct Waiter;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace racebed::kube
