#include "sim/kernel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "runtime/assert.hpp"
#include "sim/completion.hpp"
#include "sim/guards.hpp"
#include "sim/incarnation.hpp"

namespace racebed::sim {
namespace {

/// Its address tells threads apart, cheaper than a thread id.
constinit thread_local char thread_marker = 0;
constinit thread_local Kernel* running_kernel = nullptr;

}  // namespace

namespace detail {

asio::execution_context& context_of(const Domain& domain) {
  return domain.kernel->context();
}

bool runs_now(const Domain& domain) {
  RACEBED_ASSERT(domain.kernel->on_own_thread(), "only the run's own thread posts work to its executors");
  return domain.kernel->current() == &domain;
}

void make_ready(Domain& domain, Operation* operation) {
  domain.kernel->make_ready(domain, operation);
}
void wait_until(Domain& domain, Operation* operation, Time due) {
  domain.kernel->wait_until(domain, operation, due);
}
void end_wait(Operation* operation) {
  operation->owner->kernel->end_wait(operation);
}

}  // namespace detail

Kernel::Kernel(Choices& choices, KernelOptions options)
    : choices_(choices),
      options_(options),
      now_(options.start),
      thread_(&thread_marker),
      world_(*this, nullptr, 0, 0),
      context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE) {
  guards::link();
}

Kernel::~Kernel() {
  for (const auto& process : processes_) process->on_change(nullptr);
  trace_.set_sink(nullptr);
  for (const auto& process : processes_) process->kill();
  world_.dead = true;
  free_operations_of(world_);
  poll_context();
}

Process& Kernel::add_process(ProcessOptions options) {
  RACEBED_ASSERT(find_process(options.name) == nullptr, fmt::format("the name {} is free", options.name));
  processes_.push_back(std::make_unique<Process>(*this, static_cast<std::uint32_t>(processes_.size() + 1),
                                                 std::move(options)));
  return *processes_.back();
}

Process* Kernel::find_process(std::string_view name) {
  for (const auto& process : processes_) {
    if (process->name() == name) return process.get();
  }
  return nullptr;
}

StopReason Kernel::run(Time limit) {
  RACEBED_ASSERT(running_kernel == nullptr, "one run at a time on a thread, and not inside another");
  RACEBED_ASSERT(on_own_thread(), "a kernel runs on the thread that made it");
  running_kernel = this;
  in_asio_ = true;
  stop_requested_ = false;
  bool done = false;
  // Inside a handler of an io_context Asio recycles the memory of coroutine frames and handlers.
  asio::post(context_, [this, limit, &done] {
    in_asio_ = false;
    loop(limit);
    in_asio_ = true;
    done = true;
  });
  context_.restart();
  try {
    while (!done) context_.run_one();
  } catch (...) {
    running_kernel = nullptr;
    in_asio_ = false;
    current_ = nullptr;
    heap::charge(0);
    throw;
  }
  in_asio_ = false;
  running_kernel = nullptr;
  return stop_reason_;
}

void Kernel::loop(Time limit) {
  for (;;) {
    if (leak_) {
      stop_reason_ = StopReason::leak;
      return;
    }
    if (stop_requested_) {
      stop_reason_ = StopReason::stopped;
      return;
    }
    if (ready_.empty()) {
      if (context_used_) poll_context();
      if (ready_.empty() && !advance(limit)) return;
      continue;
    }
    if (steps_ >= options_.steps_max) {
      stop_reason_ = StopReason::step_limit;
      return;
    }
    step();
  }
}

bool Kernel::advance(Time limit) {
  if (waiting_.empty() || waiting_.next_due() == Time::max()) {
    stop_reason_ = StopReason::idle;
    return false;
  }
  if (waiting_.next_due() > limit) {
    now_ = limit;
    stop_reason_ = StopReason::time_limit;
    return false;
  }
  RACEBED_ASSERT(waiting_.next_due() >= now_, "time does not go back");
  now_ = waiting_.next_due();
  times_hash_.add(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  times_hash_.add(steps_);
  do {
    Operation* operation = waiting_.pop();
    Domain& owner = *operation->owner;
    if (owner.paused) {
      owner.frozen.push_back(operation);
    } else {
      ready_.push_back({operation, owner.process_id, operation->task});
    }
  } while (!waiting_.empty() && waiting_.next_due() == now_);
  return true;
}

void Kernel::step() {
  std::size_t chosen = 0;
  if (ready_.size() > 1) chosen = choices_.schedule(ready_);
  Operation* operation = ready_[chosen].operation;
  if (chosen + 1 == ready_.size()) {
    ready_.pop_back();
  } else {
    ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
  ++steps_;
  const Domain& owner = *operation->owner;
  order_hash_.add((std::uint64_t{owner.process_id} << 48) ^ (std::uint64_t{owner.incarnation} << 32) ^
                  operation->task);
  run_operation(operation);
  if (!funerals_.empty()) hold_funerals();
}

void Kernel::run_operation(Operation* operation) {
  current_ = operation->owner;
  current_task_ = operation->task;
  current_cause_ = operation->cause;
  heap::charge(current_->account);
  operation->function(operation, Operation::Outcome::run);
  heap::charge(0);
  current_ = nullptr;
  current_task_ = 0;
  current_cause_ = 0;
}

void Kernel::poll_context() {
  const bool before = std::exchange(in_asio_, true);
  context_.poll();
  in_asio_ = before;
}

void Kernel::make_ready(Domain& owner, Operation* operation) {
  if (operation->owner == nullptr) {
    operation->owner = &owner;
    operation->task = current_task_;
  }
  operation->cause = current_cause_;
  if (owner.dead) {
    operation->function(operation, Operation::Outcome::destroy);
  } else if (owner.paused) {
    owner.frozen.push_back(operation);
  } else {
    ready_.push_back({operation, owner.process_id, operation->task});
  }
}

void Kernel::wait_until(Domain& owner, Operation* operation, Time due) {
  operation->owner = &owner;
  if (operation->task == 0) operation->task = current_task_;
  operation->cause = current_cause_;
  if (owner.dead) {
    operation->function(operation, Operation::Outcome::destroy);
    return;
  }
  waiting_.push(operation, due < now_ ? now_ : due);
}

void Kernel::end_wait(Operation* operation) {
  waiting_.remove(operation);
  make_ready(*operation->owner, operation);
}

bool Kernel::on_own_thread() const {
  return thread_ == &thread_marker;
}

RunHash Kernel::hash() const {
  return {choices_.hash(), order_hash_, times_hash_, trace_.hash()};
}

std::uint64_t Kernel::emit(std::string_view kind, std::initializer_list<Field> fields) {
  const Process* process = current_ != nullptr ? current_->process : nullptr;
  const Trace::Origin origin{now_, process != nullptr ? process->name() : std::string_view(),
                             current_ != nullptr ? current_->incarnation : 0, current_task_, current_cause_};
  return current_cause_ = trace_.emit(origin, kind, fields);
}

std::uint64_t Kernel::emit_for(const Process& process, std::string_view kind,
                               std::initializer_list<Field> fields) {
  const Trace::Origin origin{now_, process.name(), process.incarnation(), current_task_, current_cause_};
  return current_cause_ = trace_.emit(origin, kind, fields);
}

Kernel* Kernel::running() {
  return running_kernel;
}

void Kernel::report_leak(std::string_view what, std::string_view where) {
  if (!leak_) leak_ = Leak{std::string(what), std::string(where)};
}

Incarnation& Kernel::add_incarnation(Process& process, std::uint32_t number, std::uint64_t stream,
                                     const HostClock& clock) {
  incarnations_.push_back(std::make_unique<Incarnation>(*this, process, number, stream, clock));
  return *incarnations_.back();
}

void Kernel::freeze(Domain& domain) {
  std::erase_if(ready_, [&](const Candidate& candidate) {
    if (candidate.operation->owner != &domain) return false;
    domain.frozen.push_back(candidate.operation);
    return true;
  });
}

void Kernel::thaw(Domain& domain) {
  for (Operation* operation : std::exchange(domain.frozen, {})) {
    ready_.push_back({operation, domain.process_id, operation->task});
  }
}

void Kernel::bury(Incarnation& incarnation, bool silent) {
  funerals_.push_back({&incarnation, silent});
  if (running_kernel != this) hold_funerals();
}

void Kernel::hold_funerals() {
  while (!funerals_.empty()) {
    const Funeral funeral = funerals_.back();
    funerals_.pop_back();
    Incarnation& dead = *funeral.incarnation;
    while (!dead.owned.empty()) {
      OwnedByIncarnation* object = dead.owned.back();
      dead.owned.pop_back();
      object->owner_died(funeral.silent);
    }
    free_operations_of(dead.domain);
    if (context_used_) poll_context();
    dead.tasks.clear();
    dead.buried = true;
    if (fabric_ != nullptr) fabric_->process_died(*dead.domain.process, funeral.silent);
  }
}

void Kernel::free_operations_of(Domain& domain) {
  std::vector<Operation*> doomed = std::exchange(domain.frozen, {});
  std::erase_if(ready_, [&](const Candidate& candidate) {
    if (candidate.operation->owner != &domain) return false;
    doomed.push_back(candidate.operation);
    return true;
  });
  waiting_.remove_if([&](const Operation* operation) { return operation->owner == &domain; },
                     [&](Operation* operation) { doomed.push_back(operation); });
  // The youngest tasks first, so that a task's frames go before those of whoever spawned it and owns what it
  // uses.
  std::stable_sort(doomed.begin(), doomed.end(),
                   [](const Operation* a, const Operation* b) { return a->task > b->task; });
  for (Operation* operation : doomed) operation->function(operation, Operation::Outcome::destroy);
}

}  // namespace racebed::sim
