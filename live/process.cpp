#include "live/process.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/system/system_error.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "live/clock.hpp"
#include "live/files.hpp"
#include "live/random.hpp"

namespace racebed::live {
namespace {

std::string text_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of no known kind";
  }
}

class SystemTasks final : public Tasks {
 public:
  explicit SystemTasks(ProcessOptions& options) : options_(options) {}
  std::size_t live() const override { return names_.size(); }
  std::uint32_t begin(std::string_view name) override {
    names_.emplace(++last_, name);
    return last_;
  }
  std::uint32_t enter(std::uint32_t) noexcept override { return 0; }  // nobody traces
  void end(std::uint32_t task, std::exception_ptr failure) noexcept override {
    const auto found = names_.find(task);
    const std::string name = found == names_.end() ? std::string() : std::string(found->second);
    if (found != names_.end()) names_.erase(found);
    if (!failure) return;
    const std::string what = text_of(failure);
    if (options_.on_crash) return options_.on_crash(name, what);
    std::fprintf(stderr, "racebed: internal fault: task \"%s\" of %s: %s\n", name.c_str(),
                 options_.name.c_str(), what.c_str());
    std::_Exit(3);
  }

 private:
  ProcessOptions& options_;
  std::map<std::uint32_t, std::string_view> names_;
  std::uint32_t last_ = 0;
};

/// Null when it is how a cancelled coroutine ends.
std::exception_ptr unless_cancelled(std::exception_ptr failure) {
  if (!failure) return nullptr;
  try {
    std::rethrow_exception(failure);
  } catch (const asio::multiple_exceptions& both) {
    return unless_cancelled(both.first_exception());
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted ? nullptr : failure;
  } catch (...) {
    return failure;
  }
}

}  // namespace

struct Process::State {
  State(Loop& l, ProcessOptions o)
      : options(std::move(o)),
        clock(l.context()),
        network(l.context(), options.network),
        files(options.files_root),
        tasks(options),
        runtime{l.context().get_executor(), clock, random, network, files, tasks} {}
  ProcessOptions options;
  SystemClock clock;
  SystemRandom random;
  SystemNetwork network;
  SystemFiles files;
  SystemTasks tasks;
  Runtime runtime;
  Main main;
  asio::cancellation_signal stop;
};

Process::Process(Loop& loop, ProcessOptions options)
    : state_(std::make_unique<State>(loop, std::move(options))) {}

Process::~Process() = default;

Runtime& Process::runtime() {
  return state_->runtime;
}

void Process::start(Main main, Ended ended) {
  state_->main = std::move(main);
  asio::co_spawn(state_->runtime.executor, state_->main(state_->runtime),
                 asio::bind_cancellation_slot(state_->stop.slot(),
                                              [ended = std::move(ended)](std::exception_ptr failure) {
                                                ended(unless_cancelled(failure));
                                              }));
}

void Process::cancel() {
  state_->stop.emit(asio::cancellation_type::terminal);
}

}  // namespace racebed::live
