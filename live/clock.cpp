#include "live/clock.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

namespace racebed::live {

Time SystemClock::now() const {
  return Time(std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()));
}

Instant SystemClock::steady_now() const {
  return Instant(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

void SystemClock::async_wait_until(Instant until, WaitHandler handler) {
  using Timer = asio::steady_timer;
  auto timer = std::make_unique<Timer>(context_, Timer::time_point(until.time_since_epoch()));
  Timer& armed = *timer;
  // The timer lives in its own handler; the handler's slot and executor stay those of the waiter.
  const auto slot = asio::get_associated_cancellation_slot(handler);
  const auto executor = asio::get_associated_executor(handler, context_.get_executor());
  auto done = [timer = std::move(timer), waiter = std::move(handler)](ErrorCode error) mutable {
    timer.reset();
    std::move(waiter)(error);
  };
  armed.async_wait(asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(done))));
}

}  // namespace racebed::live
