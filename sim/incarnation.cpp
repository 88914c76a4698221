#include "sim/incarnation.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/system/system_error.hpp>

#include "runtime/assert.hpp"
#include "sim/completion.hpp"
#include "sim/no_fabric.hpp"

namespace racebed::sim {
namespace {

constexpr std::int64_t kBillion = 1'000'000'000;
__extension__ using Wide = __int128;

std::string text_of(std::exception_ptr failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace

HostClock::HostClock(Time virtual_now, Duration offset, std::int64_t drift_ppb)
    : begin_(virtual_now), base_(virtual_now), steady_base_(0), offset_(offset), drift_ppb_(drift_ppb) {
  RACEBED_ASSERT(drift_ppb > -kBillion, "a clock goes forward");
}

Instant HostClock::steady(Time virtual_now) const {
  const Wide elapsed = (virtual_now - base_).count();
  return Instant{steady_base_ +
                 Duration{static_cast<std::int64_t>(elapsed * (kBillion + drift_ppb_) / kBillion)}};
}

Time HostClock::wall(Time virtual_now) const {
  return begin_ + steady(virtual_now).time_since_epoch() + offset_;
}

Time HostClock::virtual_at(Instant until) const {
  if (until == Instant::max()) return Time::max();
  const Wide wanted = Wide{until.time_since_epoch().count()} - steady_base_.count();
  if (wanted <= 0) return base_;
  const Wide rate = kBillion + drift_ppb_;
  const Wide elapsed = (wanted * kBillion + rate - 1) / rate;
  const Wide due = elapsed + base_.time_since_epoch().count();
  return due >= Wide{Duration::max().count()} ? Time::max() : Time{Duration{static_cast<std::int64_t>(due)}};
}

void HostClock::set_drift(Time virtual_now, std::int64_t drift_ppb) {
  RACEBED_ASSERT(drift_ppb > -kBillion, "a clock goes forward");
  steady_base_ = steady(virtual_now).time_since_epoch();
  base_ = virtual_now;
  drift_ppb_ = drift_ppb;
}

Time ProcessClock::now() const {
  return clock_.wall(domain_.kernel->now());
}
Instant ProcessClock::steady_now() const {
  return clock_.steady(domain_.kernel->now());
}
void ProcessClock::async_wait_until(Instant until, WaitHandler handler) {
  SleepOperation<WaitHandler>::start(domain_, clock_.virtual_at(until), std::move(handler));
}

std::uint64_t ProcessRandom::below(std::uint64_t n, Site site) {
  return domain_.dead ? 0 : domain_.kernel->choices().pick(n, site, stream_);
}

std::uint32_t ProcessTasks::begin(std::string_view name) {
  if (domain_.dead) return 0;
  const std::uint32_t task = domain_.kernel->new_task();
  if (++live_ > peak_) peak_ = live_;
  domain_.kernel->emit_for(*domain_.process, "task", {{"name", name}, {"task", task}});
  return task;
}

std::uint32_t ProcessTasks::enter(std::uint32_t task) noexcept {
  return domain_.kernel->enter_task(task);
}

void ProcessTasks::end(std::uint32_t, std::exception_ptr failure) noexcept {
  if (domain_.dead) return;
  RACEBED_ASSERT(live_ > 0, "a task that ends was begun");
  --live_;
  if (failure) domain_.process->end_life(ProcessChange::crashed, text_of(failure));
}

Incarnation::Incarnation(Kernel& kernel, Process& process, std::uint32_t number, std::uint64_t stream,
                         const HostClock& host_clock)
    : domain(kernel, &process, process.id(), number),
      clock(host_clock, domain),
      random(domain, stream),
      tasks(domain),
      network(kernel.fabric() != nullptr ? kernel.fabric()->network_of(process) : no_network()),
      runtime{Executor(domain),
              clock,
              random,
              *network,
              kernel.fabric() != nullptr ? kernel.fabric()->files_of(process) : no_files(),
              tasks} {
  domain.account = heap::open_account();
}

Incarnation::~Incarnation() {
  heap::close_account(domain.account);
}

}  // namespace racebed::sim
