// Go's context of everything that the manager of 2026-08 runs: cancelled at once when the process is asked to
// end, and with it whatever waits under it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <optional>
#include <utility>

#include "runtime/event.hpp"

namespace racebed::experiments::august_2026 {

/// What the Kubernetes client says when it is called under a cancelled context.
inline constexpr const char* kClientCancelled =
    "client rate limiter Wait returned an error: context canceled";

class Context {
 public:
  explicit Context(Clock& clock) : done_(clock) {}
  void cancel() {
    cancelled_ = true;
    done_.notify_all();
  }
  bool is_cancelled() const { return cancelled_; }

  /// What `operation` gives; nothing if the deadline comes first, or the end of the context: it is cancelled
  /// then, and has ended on return. Throws as racebed::within().
  template <class T>
  asio::awaitable<std::optional<T>> within(Instant deadline, asio::awaitable<T> operation) {
    using namespace asio::experimental::awaitable_operators;
    if (cancelled_) co_return std::nullopt;
    auto outcome = co_await (std::move(operation) || done_.wait_until(deadline));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw boost::system::system_error(asio::error::operation_aborted);
    if (outcome.index() == 1) co_return std::nullopt;
    co_return std::move(std::get<0>(outcome));
  }

 private:
  bool cancelled_ = false;
  Event done_;
};

}  // namespace racebed::experiments::august_2026
