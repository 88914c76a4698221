// A time-out around anything that waits.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <optional>
#include <utility>

#include "runtime/time.hpp"

namespace racebed {

/// What `operation` gives, or nothing if `deadline` comes first; it is cancelled then, and has ended on
/// return. Throws system_error(operation_aborted) when the task is cancelled, whatever `operation` gave.
template <class T>
asio::awaitable<std::optional<T>> within(Clock& clock, Instant deadline, asio::awaitable<T> operation) {
  using namespace asio::experimental::awaitable_operators;
  auto outcome = co_await (std::move(operation) || clock.sleep_until(deadline));
  // An operation that gives errors as values ends like any other when its task is cancelled.
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  if (outcome.index() == 1) co_return std::nullopt;
  co_return std::move(std::get<0>(outcome));
}

}  // namespace racebed
