// Everything that code of ours may ask of the world it runs in: one `Runtime` for each incarnation of a
// process. sim/ makes it from virtual time and choices, live/ from the operating system; core/ and models/
// cannot tell.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <cstddef>
#include <exception>
#include <string_view>

#include "runtime/files.hpp"
#include "runtime/network.hpp"
#include "runtime/random.hpp"
#include "runtime/time.hpp"

namespace racebed {

/// The tasks (coroutines with a name) of one process.
class Tasks {
 public:
  virtual ~Tasks() = default;
  /// How many tasks that were spawned have not ended.
  virtual std::size_t live() const = 0;
  /// Names and counts a new task.
  virtual std::uint32_t begin(std::string_view name) = 0;
  /// What the caller posts from now on belongs to `task`. Returns whom it belonged to before.
  virtual std::uint32_t enter(std::uint32_t task) noexcept = 0;
  /// The task ended; with an exception, the process crashes with it (as an uncaught exception does).
  virtual void end(std::uint32_t task, std::exception_ptr failure) noexcept = 0;
};

/// A process's view of the world. Everything in it outlives every coroutine of the process.
struct Runtime {
  asio::any_io_executor executor;
  Clock& clock;
  Random& random;
  Network& network;
  Files& files;
  Tasks& tasks;
};

}  // namespace racebed
