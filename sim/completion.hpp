// How an operation of the kernel hands its result to an Asio handler: on the handler's own executor, inside
// the step that completes it when that executor is the process's.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <utility>

#include "runtime/result.hpp"
#include "runtime/time.hpp"
#include "sim/domain.hpp"
#include "sim/executor.hpp"
#include "sim/operation.hpp"

namespace racebed::sim {

/// Calls `handler(args...)` as its executor wants. Requires: a task of `domain` is running (the operation's
/// own step).
template <class Handler, class... Args>
void complete(Domain& domain, Handler&& handler, Args... args) {
  const auto executor = asio::get_associated_executor(handler, Executor(domain));
  if (is_executor_of(executor, domain)) {
    std::forward<Handler>(handler)(args...);
  } else {
    asio::dispatch(executor, [handler = std::forward<Handler>(handler), args...]() mutable {
      std::move(handler)(args...);
    });
  }
}

namespace detail {
void wait_until(Domain& domain, Operation* operation, Time due);
/// Takes the operation out of the heap and makes it ready.
void end_wait(Operation* operation);
}  // namespace detail

/// A wait for virtual time, cancellable through its handler's slot.
template <class Handler>
class SleepOperation : public Operation {
 public:
  template <class H>
  static void start(Domain& domain, Time due, H&& handler) {
    if (domain.dead) {
      [[maybe_unused]] const Handler gone(std::forward<H>(handler));
      return;
    }
    auto* self = Recycled<SleepOperation>::make(std::forward<H>(handler));
    if (auto slot = asio::get_associated_cancellation_slot(self->handler_); slot.is_connected()) {
      slot.template emplace<Canceller>(self);
    }
    detail::wait_until(domain, self, due);
  }

  template <class H>
  explicit SleepOperation(H&& handler) : Operation(&perform), handler_(std::forward<H>(handler)) {}

 private:
  struct Canceller {
    explicit Canceller(SleepOperation* s) : self(s) {}
    void operator()(asio::cancellation_type type) const {
      if (type == asio::cancellation_type::none || self->heap_index == kNotInHeap)
        return;  // it is about to run
      self->cancelled_ = true;
      detail::end_wait(self);
    }
    SleepOperation* self;
  };

  static void perform(Operation* base, Outcome outcome) {
    auto* self = static_cast<SleepOperation*>(base);
    Domain& domain = *self->owner;
    const ErrorCode error = self->cancelled_ ? ErrorCode(asio::error::operation_aborted) : ErrorCode();
    Handler handler(std::move(self->handler_));
    Recycled<SleepOperation>::free(self);
    if (outcome == Outcome::destroy) return;
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
    complete(domain, std::move(handler), error);
  }

  Handler handler_;
  bool cancelled_ = false;
};

/// Waits until virtual time `due` for a task of `domain`; the concrete form, for code of sim/ and its tests.
/// Code that sees only runtime/ waits through its Clock.
template <class Token>
auto async_sleep_until(Domain& domain, Time due, Token&& token) {
  return asio::async_initiate<Token, void(ErrorCode)>(
      [&domain, due](auto&& handler) {
        SleepOperation<std::decay_t<decltype(handler)>>::start(domain, due,
                                                               std::forward<decltype(handler)>(handler));
      },
      token);
}

}  // namespace racebed::sim
