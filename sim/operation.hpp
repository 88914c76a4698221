// What the kernel runs: an operation is a piece of work that waits for a time, for bytes or for its turn. It
// is the node of the timer heap itself and its memory is recycled, so that a sleep allocates nothing.
#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace racebed::sim {

namespace asio = boost::asio;

struct Domain;

struct Operation {
  enum class Outcome { run, destroy };
  using Function = void (*)(Operation*, Outcome);
  static constexpr std::uint32_t kNotInHeap = ~std::uint32_t{0};

  explicit Operation(Function f) : function(f) {}

  Function function;        // frees the operation, then runs its handler or drops it
  Domain* owner = nullptr;  // whose work it is; set by the kernel's entry points
  std::uint64_t cause = 0;  // number of the trace event that led to it
  std::uint32_t task = 0;
  std::uint32_t heap_index = kNotInHeap;
};

/// Memory of an operation that holds `Payload`, from Asio's per-thread recycling cache.
template <class Op>
struct Recycled {
  using Allocator = asio::recycling_allocator<Op>;
  template <class... Args>
  static Op* make(Args&&... args) {
    Op* memory = Allocator().allocate(1);
    return ::new (static_cast<void*>(memory)) Op(std::forward<Args>(args)...);
  }
  static void free(Op* op) {
    op->~Op();
    Allocator().deallocate(op, 1);
  }
};

/// Runs a function once.
template <class F>
struct FunctionOperation : Operation {
  template <class G>
  explicit FunctionOperation(G&& g) : Operation(&perform), f(std::forward<G>(g)) {}
  F f;

  static void perform(Operation* base, Outcome outcome) {
    auto* self = static_cast<FunctionOperation*>(base);
    F f(std::move(self->f));
    Recycled<FunctionOperation>::free(self);  // before the call, so that what it starts finds the memory
    if (outcome == Outcome::run) std::move(f)();
  }
};

template <class G>
Operation* make_function(G&& g) {
  return Recycled<FunctionOperation<std::decay_t<G>>>::make(std::forward<G>(g));
}

}  // namespace racebed::sim
