// A time-out around anything that waits.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <optional>
#include <utility>

#include "runtime/time.hpp"

namespace racebed::net {

/// What `operation` gives, or nothing if `deadline` comes first; it is cancelled then, and has ended on
/// return.
template <class T>
asio::awaitable<std::optional<T>> within(Clock& clock, Instant deadline, asio::awaitable<T> operation) {
  using namespace asio::experimental::awaitable_operators;
  auto outcome = co_await (std::move(operation) || clock.sleep_until(deadline));
  if (outcome.index() == 1) co_return std::nullopt;
  co_return std::move(std::get<0>(outcome));
}

}  // namespace racebed::net
