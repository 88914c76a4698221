// The executor of one process, which Asio accepts as its own: awaitable, co_spawn, cancellation, parallel
// groups and awaitable operators work on it unchanged. Work posted to it becomes a candidate of the kernel's
// schedule; work dispatched to it from its own process runs inside the call. Nothing of a dead process runs.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <utility>

#include "sim/domain.hpp"
#include "sim/operation.hpp"

namespace racebed::sim {

namespace detail {
/// Out of line: what the executor asks of the kernel.
asio::execution_context& context_of(const Domain& domain);
/// True when a task of `domain` is running now, so that dispatched work may run at once. Ends the program
/// (our own fault) when called from another thread than the run's.
bool runs_now(const Domain& domain);
void make_ready(Domain& domain, Operation* operation);
}  // namespace detail

class Executor {
 public:
  explicit Executor(Domain& domain) : domain_(&domain) {}

  Domain& domain() const { return *domain_; }

  template <class F>
  void execute(F&& f) const {
    const bool here = detail::runs_now(*domain_);  // first: it refuses foreign threads
    if (domain_->dead) {
      // Asio destroys a suspended coroutine by posting its unwinding to its executor: destroying that frees
      // the frame.
      [[maybe_unused]] const std::decay_t<F> gone(std::forward<F>(f));
      return;
    }
    if (here && may_run_inside_) {
      std::decay_t<F> now(std::forward<F>(f));
      std::move(now)();
      return;
    }
    detail::make_ready(*domain_, make_function(std::forward<F>(f)));
  }

  asio::execution_context& query(asio::execution::context_t) const { return detail::context_of(*domain_); }
  asio::execution::blocking_t query(asio::execution::blocking_t) const {
    return may_run_inside_ ? asio::execution::blocking_t(asio::execution::blocking.possibly)
                           : asio::execution::blocking_t(asio::execution::blocking.never);
  }
  static constexpr asio::execution::relationship_t query(asio::execution::relationship_t) {
    return asio::execution::relationship.fork;
  }
  static constexpr asio::execution::outstanding_work_t query(asio::execution::outstanding_work_t) {
    return asio::execution::outstanding_work.untracked;
  }
  static constexpr asio::execution::mapping_t query(asio::execution::mapping_t) {
    return asio::execution::mapping.thread;
  }
  Executor require(asio::execution::blocking_t::possibly_t) const { return Executor(domain_, true); }
  Executor require(asio::execution::blocking_t::never_t) const { return Executor(domain_, false); }

  friend bool operator==(const Executor& a, const Executor& b) noexcept {
    return a.domain_ == b.domain_ && a.may_run_inside_ == b.may_run_inside_;
  }

 private:
  Executor(Domain* domain, bool may_run_inside) : domain_(domain), may_run_inside_(may_run_inside) {}
  Domain* domain_;
  bool may_run_inside_ = true;
};

/// True when work for `executor` may run inside a task of `domain`: it is that domain's executor, erased or
/// not.
template <class E>
bool is_executor_of(const E& executor, const Domain& domain) {
  if constexpr (std::is_same_v<E, Executor>) {
    return &executor.domain() == &domain;
  } else if constexpr (requires { executor.template target<Executor>(); }) {
    const Executor* own = executor.template target<Executor>();
    return own != nullptr && &own->domain() == &domain;
  } else {
    return false;
  }
}

}  // namespace racebed::sim
