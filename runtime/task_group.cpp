#include "runtime/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/system/system_error.hpp>

#include "runtime/event.hpp"

namespace racebed {

struct TaskGroup::State {
  explicit State(Runtime& r) : runtime(r), ended(r.clock) {}
  Runtime& runtime;
  std::list<asio::cancellation_signal> tasks;  // a list: a slot's address must not move
  bool cancelled = false;
  Event ended;  // a task has
};

namespace {
/// Null when the task ended as a cancelled one does.
std::exception_ptr unless_cancelled(std::exception_ptr failure) {
  if (!failure) return nullptr;
  try {
    std::rethrow_exception(failure);
  } catch (const asio::multiple_exceptions& both) {
    return unless_cancelled(both.first_exception());  // what `a || b` throws when it is cancelled
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted ? nullptr : failure;
  } catch (...) {
    return failure;
  }
}
}  // namespace

TaskGroup::TaskGroup(Runtime& runtime) : state_(std::make_shared<State>(runtime)) {}

void TaskGroup::spawn(std::string_view name, asio::awaitable<void> body) {
  Runtime& runtime = state_->runtime;
  auto signal = state_->tasks.emplace(state_->tasks.end());
  const std::uint32_t task = runtime.tasks.begin(name);
  const std::uint32_t before = runtime.tasks.enter(task);
  asio::co_spawn(runtime.executor, std::move(body),
                 asio::bind_cancellation_slot(signal->slot(),
                                              [state = state_, signal, task](std::exception_ptr failure) {
                                                state->tasks.erase(signal);
                                                state->runtime.tasks.end(task, unless_cancelled(failure));
                                                state->ended.notify_all();
                                              }));
  runtime.tasks.enter(before);
  if (state_->cancelled) signal->emit(asio::cancellation_type::terminal);
}

void TaskGroup::cancel() {
  state_->cancelled = true;
  // Emitting may end a task at once and so take its signal out of the list.
  for (auto it = state_->tasks.begin(); it != state_->tasks.end();) {
    auto next = std::next(it);
    it->emit(asio::cancellation_type::terminal);
    it = next;
  }
}

asio::awaitable<void> TaskGroup::join() {
  const auto state = state_;
  while (!state->tasks.empty()) co_await state->ended.wait();
}

std::size_t TaskGroup::size() const {
  return state_->tasks.size();
}

}  // namespace racebed
