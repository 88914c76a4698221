// What the engine does to processes and API servers.
#include <fmt/format.h>

#include <algorithm>

#include "faults/engine.hpp"

namespace racebed::faults {
namespace {

constexpr Duration kQuickRestart = std::chrono::milliseconds{1};

/// The front end's own reading of "so many revisions ago".
std::uint64_t revisions_ago(const models::Store& store, std::int64_t revisions) {
  const auto back = static_cast<std::uint64_t>(revisions);
  const std::uint64_t now = store.revision();
  return std::max(store.compacted(), now > back ? now - back : 1);
}

}  // namespace

void Engine::on_api(const ActivePtr& fault) {
  for (const auto& [server, policy] : api_) {
    policy->begin(fault);
    if (!fault->covers(server)) continue;
    models::FrontEnd* front_end = surroundings_.front_end(server);
    if (front_end == nullptr) continue;
    if (fault->is("api-cache-frozen")) front_end->caches().freeze();
    if (fault->is("api-cache-rewound"))
      front_end->caches().rewind(revisions_ago(surroundings_.store(), fault->integer("revisions")));
    if (fault->is("api-restart")) {
      sim::Process* process = kernel_.find_process(server);
      const bool lives = process != nullptr && process->state() == sim::ProcessState::running;
      if (lives) {
        process->kill();
        process->restart(fault->duration("delay"));
      }
    }
  }
  if (fault->is("api-compaction")) surroundings_.store().compact(surroundings_.store().revision());
}

void Engine::on_process(const ActivePtr& fault, sim::Process& process) {
  if (fault->is("process-kill")) process.kill();
  if (fault->is("process-power-loss")) process.power_loss();
  if (fault->is("process-restart")) {
    process.kill();
    if (process.state() == sim::ProcessState::dead) process.restart(kQuickRestart);
  }
  if (fault->is("process-pause") && process.state() == sim::ProcessState::running) process.pause();
  if (fault->is("process-slow")) throttle(fault, process);
  if (fault->is("process-restart-loop")) kill_again(fault, process);
  if (fault->is("process-memory-ceiling")) watch_memory(fault, process);
  if (fault->is("process-rolling-update")) surroundings_.roll_controllers(fault->duration("every"));
  if (fault->is("clock-jump")) process.jump_clock(std::chrono::milliseconds{fault->integer("milliseconds")});
  if (fault->is("clock-drift")) process.set_clock_drift(fault->integer("ppm") * 1000);
}

/// Stands still for a part of each period, as a container does whose quota is used up.
void Engine::throttle(const ActivePtr& fault, sim::Process& process) {
  if (fault->lifted()) return;
  const Duration period = std::max(fault->duration("period"), Duration{std::chrono::milliseconds{1}});
  const Duration still = period / 100 * fault->integer("percent");
  if (process.state() == sim::ProcessState::running) {
    process.pause();
    kernel_.call_at(kernel_.world(), kernel_.now() + still, [&process, fault] {
      if (!fault->lifted() && process.state() == sim::ProcessState::paused) process.resume();
    });
  }
  kernel_.call_at(kernel_.world(), kernel_.now() + period,
                  [this, fault, &process] { throttle(fault, process); });
}

void Engine::kill_again(const ActivePtr& fault, sim::Process& process) {
  if (fault->lifted()) return;
  process.kill();
  const Duration every = std::max(fault->duration("every"), Duration{std::chrono::milliseconds{10}});
  kernel_.call_at(kernel_.world(), kernel_.now() + every,
                  [this, fault, &process] { kill_again(fault, process); });
}

/// Looks once a second of virtual time, as a sampling does; the kernel's own killer is exact, and later by
/// less.
void Engine::watch_memory(const ActivePtr& fault, sim::Process& process) {
  if (fault->lifted()) return;
  const bool lives = process.state() == sim::ProcessState::running;
  if (lives && process.accounts().bytes.now > fault->integer("bytes")) process.kill();
  kernel_.call_at(kernel_.world(), kernel_.now() + std::chrono::seconds{1},
                  [this, fault, &process] { watch_memory(fault, process); });
}

}  // namespace racebed::faults
