// Waiting for something that another task of the same process does: a queue gets an item, a last task ends. A
// waiter is parked in the process's clock, so that it dies with the process; anything home-made that stores
// handlers would keep the frames of a killed process alive.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <deque>
#include <memory>

#include "runtime/time.hpp"

namespace racebed {

/// Wakes waiting tasks. It remembers nothing: a notify with nobody waiting is lost, so wait in a loop that
/// tests the condition itself. Must outlive its waiters; `clock` must outlive it.
class Event {
 public:
  explicit Event(Clock& clock) : clock_(clock), waiters_(std::make_shared<Waiters>()) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// Returns after the next notify that reaches it. Cancelled: throws system_error(operation_aborted).
  asio::awaitable<void> wait();
  /// True when notified, false when `until` came first.
  asio::awaitable<bool> wait_until(Instant until);

  /// Wakes the task that has waited longest, or all that wait now. They run later, not inside this call.
  void notify_one();
  void notify_all();
  std::size_t waiting() const { return waiters_->size(); }

 private:
  struct Waiter;
  struct Place;
  using Waiters = std::deque<std::shared_ptr<Waiter>>;
  Clock& clock_;
  std::shared_ptr<Waiters>
      waiters_;  // in order of arrival; shared with them: in a killed process they may go last
};

}  // namespace racebed
