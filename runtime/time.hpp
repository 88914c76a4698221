// Time as a process sees it. `Time` is its wall clock, which may be wrong and may jump; `Instant` is its
// steady clock, which never goes back and is what every wait is measured on. Both count nanoseconds, and
// neither has a now() of its own: time is asked of the `Clock` that was handed in.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/result.hpp"

namespace racebed {

namespace asio = boost::asio;

using Duration = std::chrono::nanoseconds;

namespace detail {
template <class Tag>
struct ClockTag {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<ClockTag>;
};
struct WallTag;
struct SteadyTag;
}  // namespace detail

/// Wall-clock time: nanoseconds since the Unix epoch, UTC, no leap seconds.
using Time = std::chrono::time_point<detail::ClockTag<detail::WallTag>>;
/// Steady time: nanoseconds since an unspecified moment of the process's past.
using Instant = std::chrono::time_point<detail::ClockTag<detail::SteadyTag>>;

/// The clock of one process.
class Clock {
 public:
  using WaitHandler = asio::any_completion_handler<void(ErrorCode)>;
  virtual ~Clock() = default;

  virtual Time now() const = 0;
  virtual Instant steady_now() const = 0;

  /// Completes once steady_now() >= until, at once if it already is, but never inside this call. Honours the
  /// handler's cancellation slot (any type) with operation_aborted.
  virtual void async_wait_until(Instant until, WaitHandler handler) = 0;

  template <class Token = asio::use_awaitable_t<>>
  auto sleep_until(Instant until, Token&& token = {}) {
    return asio::async_initiate<Token, void(ErrorCode)>(
        [this, until](auto handler) { async_wait_until(until, std::move(handler)); }, token);
  }
  template <class Token = asio::use_awaitable_t<>>
  auto sleep_for(Duration duration, Token&& token = {}) {
    return sleep_until(steady_now() + duration, std::forward<Token>(token));
  }
};

/// `2025-11-29T00:00:00Z`: what Kubernetes calls metav1.Time (RFC 3339, whole seconds, UTC; rounds down).
std::string to_rfc3339(Time time);
/// `2025-11-29T00:00:00.000000Z`: metav1.MicroTime, exactly six fractional digits.
std::string to_rfc3339_micro(Time time);
/// Reads either form, with any number of fractional digits and `Z` or a numeric offset; nothing on other
/// text.
std::optional<Time> parse_rfc3339(std::string_view text);

}  // namespace racebed
