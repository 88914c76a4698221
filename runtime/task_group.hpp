// Owns coroutines: who spawns through a group can cancel and join them. The project's only way to start a
// task.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <list>
#include <memory>
#include <string_view>

#include "runtime/runtime.hpp"

namespace racebed {

/// Tasks of one owner. An exception that leaves a task crashes the process, except cancellation
/// (system_error operation_aborted), which is how a cancelled task ends. Join before destroying the group:
/// its tasks may refer to what its owner owns. Only when the process is killed do owner and tasks go in any
/// order, running nothing but destructors.
class TaskGroup {
 public:
  explicit TaskGroup(Runtime& runtime);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts `body` as a task named `name` (kept by the trace; a literal). It begins to run later, not inside
  /// this call. What the coroutine refers to must outlive the group. After cancel() a new task starts
  /// cancelled.
  void spawn(std::string_view name, asio::awaitable<void> body);
  /// Asks every task to end (terminal cancellation).
  void cancel();
  /// Returns when no task is left.
  asio::awaitable<void> join();
  std::size_t size() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace racebed
