#include "sim/process.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/assert.hpp"
#include "sim/incarnation.hpp"
#include "sim/kernel.hpp"

namespace racebed::sim {
namespace {

std::uint64_t stream_of(std::string_view name) {
  Hash128 hash;
  hash.add(name);
  return hash.low();
}

}  // namespace

std::string_view to_text(ProcessChange change) {
  switch (change) {
    case ProcessChange::started:
      return "started";
    case ProcessChange::killed:
      return "killed";
    case ProcessChange::power_lost:
      return "power-lost";
    case ProcessChange::paused:
      return "paused";
    case ProcessChange::resumed:
      return "resumed";
    case ProcessChange::exited:
      return "exited";
    case ProcessChange::crashed:
      return "crashed";
  }
  return "unknown";
}

Process::Process(Kernel& kernel, std::uint32_t id, ProcessOptions options)
    : kernel_(kernel),
      id_(id),
      options_(std::move(options)),
      stream_(stream_of(options_.name)),
      clock_(std::make_unique<HostClock>(kernel.now(), options_.clock_offset, options_.clock_drift_ppb)) {
  if (options_.host.empty()) options_.host = options_.name;
}

Process::~Process() = default;

ProcessState Process::state() const {
  if (life_ == nullptr) return ProcessState::not_started;
  if (life_->domain.dead) return ProcessState::dead;
  return life_->domain.paused ? ProcessState::paused : ProcessState::running;
}

void Process::start(Main main) {
  RACEBED_ASSERT(state() == ProcessState::not_started || state() == ProcessState::dead,
                 fmt::format("{} starts when it does not run", name()));
  main_ = std::move(main);
  life_ = &kernel_.add_incarnation(*this, ++incarnation_, stream_, *clock_);
  life_->main = main_;
  changed(ProcessChange::started, {});
  Incarnation* life = life_;
  const std::uint32_t task = life->tasks.begin("main");
  const std::uint32_t before = kernel_.enter_task(task);
  asio::co_spawn(life->runtime.executor, life->main(life->runtime),
                 [this, life, task](std::exception_ptr failure) {
                   life->tasks.end(task, failure);  // with a failure, this is a crash
                   if (!life->domain.dead) end_life(ProcessChange::exited, {});
                 });
  kernel_.enter_task(before);
}

void Process::kill() {
  end_life(ProcessChange::killed, {});
}
void Process::power_loss() {
  end_life(ProcessChange::power_lost, {});
}

void Process::end_life(ProcessChange change, std::string_view detail) {
  if (state() != ProcessState::running && state() != ProcessState::paused) return;
  Incarnation& life = *life_;
  life.domain.dead = true;
  life.domain.power_lost = change == ProcessChange::power_lost;
  changed(change, detail);
  kernel_.bury(life, change == ProcessChange::power_lost);
}

void Process::pause() {
  if (state() != ProcessState::running) return;
  life_->domain.paused = true;
  kernel_.freeze(life_->domain);
  changed(ProcessChange::paused, {});
}

void Process::resume() {
  if (state() != ProcessState::paused) return;
  life_->domain.paused = false;
  changed(ProcessChange::resumed, {});
  kernel_.thaw(life_->domain);
}

void Process::restart(Duration delay) {
  kernel_.call_at(kernel_.world(), kernel_.now() + delay, [this] {
    if (state() == ProcessState::dead) start(main_);
  });
}

void Process::jump_clock(Duration delta) {
  clock_->jump(delta);
}
void Process::set_clock_drift(std::int64_t drift_ppb) {
  clock_->set_drift(kernel_.now(), drift_ppb);
}

Runtime& Process::runtime() {
  RACEBED_ASSERT(life_ != nullptr && !life_->domain.dead, fmt::format("{} is alive", name()));
  return life_->runtime;
}

Domain& Process::domain() {
  RACEBED_ASSERT(life_ != nullptr && !life_->domain.dead, fmt::format("{} is alive", name()));
  return life_->domain;
}

Accounts Process::accounts() const {
  if (life_ == nullptr) return {};
  const Incarnation& life = *life_;
  const heap::Bytes bytes = heap::bytes_of(life.domain.account);
  return {{life.initial.tasks, static_cast<std::int64_t>(life.tasks.peak()),
           static_cast<std::int64_t>(life.tasks.live())},
          {life.initial.sockets, life.sockets_peak, life.sockets},
          {life.initial.bytes, bytes.peak, bytes.live}};
}

void Process::mark_initial() {
  const Accounts now = accounts();
  if (life_ != nullptr) life_->initial = {now.tasks.now, now.sockets.now, now.bytes.now};
}

void Process::changed(ProcessChange change, std::string_view detail) {
  kernel_.emit_for(*this, to_text(change), {{"detail", detail}});
  if (listener_) listener_(*this, change, detail);
}

void Process::own(OwnedByIncarnation& object) {
  RACEBED_ASSERT(life_ != nullptr && !life_->domain.dead,
                 fmt::format("{} owns things while it lives", name()));
  life_->owned.push_back(&object);
}

bool Process::disown(OwnedByIncarnation& object) {
  if (life_ == nullptr) return false;
  auto& owned = life_->owned;
  const auto found = std::find(owned.rbegin(), owned.rend(), &object);  // the youngest go first, mostly
  if (found == owned.rend()) return false;
  owned.erase(std::next(found).base());
  return true;
}

void Process::count_sockets(int change) {
  if (life_ == nullptr) return;
  life_->sockets += change;
  if (life_->sockets > life_->sockets_peak) life_->sockets_peak = life_->sockets;
}

}  // namespace racebed::sim
