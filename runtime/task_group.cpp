#include "runtime/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include "runtime/assert.hpp"

namespace racebed {

struct TaskGroup::State {
  explicit State(Runtime& r) : runtime(r) {}
  Runtime& runtime;
  std::list<asio::cancellation_signal> tasks;  // a list: a slot's address must not move
  bool cancelled = false;
  asio::any_completion_handler<void()> joiner;
};

namespace {
/// Null when the task ended as a cancelled one does.
std::exception_ptr unless_cancelled(std::exception_ptr failure) {
  if (!failure) return nullptr;
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted ? nullptr : failure;
  } catch (...) {
    return failure;
  }
}
}  // namespace

TaskGroup::TaskGroup(Runtime& runtime) : state_(std::make_shared<State>(runtime)) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(std::string_view name, asio::awaitable<void> body) {
  Runtime& runtime = state_->runtime;
  auto signal = state_->tasks.emplace(state_->tasks.end());
  const std::uint32_t task = runtime.tasks.begin(name);
  asio::co_spawn(runtime.executor, std::move(body),
                 asio::bind_cancellation_slot(signal->slot(), [state = state_, signal, task](std::exception_ptr failure) {
                   state->tasks.erase(signal);
                   state->runtime.tasks.end(task, unless_cancelled(failure));
                   if (state->tasks.empty() && state->joiner) {
                     asio::post(state->runtime.executor, std::move(state->joiner));
                   }
                 }));
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
  if (state_->tasks.empty()) co_return;
  RACEBED_ASSERT(!state_->joiner, "a task group is joined by one task at a time");
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
      [state = state_](auto handler) { state->joiner = std::move(handler); }, asio::use_awaitable);
}

std::size_t TaskGroup::size() const { return state_->tasks.size(); }

}  // namespace racebed
