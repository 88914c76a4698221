#include "runtime/event.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace racebed {

/// A parked wait on the clock; emitting `signal` ends it early.
struct Event::Waiter {
  asio::cancellation_signal signal;
  bool notified = false;
  bool cancelled = false;
};

/// Where a waiter stands. It leaves with the waiter's frame: when a process is killed, what other frames
/// notify on their way out must not find a waiter whose wait is gone.
struct Event::Place {
  explicit Place(std::shared_ptr<Waiters> all) : waiters(std::move(all)) { waiters->push_back(waiter); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { std::erase(*waiters, waiter); }
  std::shared_ptr<Waiters> waiters;
  std::shared_ptr<Waiter> waiter = std::make_shared<Waiter>();
};

asio::awaitable<void> Event::wait() {
  co_await wait_until(Instant::max());
}

asio::awaitable<bool> Event::wait_until(Instant until) {
  const Place place(waiters_);
  Waiter* const waiter = place.waiter.get();
  // Plain pointers in the lambda (this frame keeps the waiter): gcc 12 destroys a capture with a destructor
  // twice when the lambda is a temporary of a co_await expression.
  co_await asio::async_initiate<const asio::as_tuple_t<asio::use_awaitable_t<>>, void(ErrorCode)>(
      [this, parked = waiter, until](auto handler) {
        // The handler's own slot is where the task's cancellation arrives; the clock gets ours instead, so
        // that both a notify and a cancellation end the wait.
        if (auto outer = asio::get_associated_cancellation_slot(handler); outer.is_connected()) {
          outer.assign([parked](asio::cancellation_type type) {
            parked->cancelled = true;
            parked->signal.emit(type);
          });
        }
        clock_.async_wait_until(until,
                                asio::bind_cancellation_slot(parked->signal.slot(), std::move(handler)));
      },
      asio::as_tuple(asio::use_awaitable));
  if (auto state = co_await asio::this_coro::cancellation_state; state.slot().is_connected())
    state.slot().clear();
  if (waiter->notified) co_return true;
  if (waiter->cancelled) throw boost::system::system_error(asio::error::operation_aborted);
  co_return false;
}

void Event::notify_one() {
  if (waiters_->empty()) return;
  auto waiter = std::move(waiters_->front());
  waiters_->pop_front();
  waiter->notified = true;
  waiter->signal.emit(asio::cancellation_type::all);
}

void Event::notify_all() {
  for (std::size_t n = waiters_->size(); n > 0; --n) notify_one();
}

}  // namespace racebed
