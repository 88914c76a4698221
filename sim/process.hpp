// A process: the failure domain that stands for one operating-system process on one host. It has a clock that
// may be wrong, a random stream of its own, tasks, sockets, memory, and a life: start, kill, power loss,
// pause, resume, restart. Each start is a new incarnation with the files but not the memory of the one
// before.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/runtime.hpp"
#include "sim/domain.hpp"

namespace racebed::sim {

class HostClock;
class Kernel;

struct ProcessOptions {
  std::string name{};                // unique in a kernel; also names its random streams
  std::string host{};                // whose addresses and files it has; empty: a host named like the process
  Duration clock_offset{0};          // wall clock minus virtual time at the start
  std::int64_t clock_drift_ppb = 0;  // how much faster its clocks run, in parts per 10^9; above -10^9
};

enum class ProcessState { not_started, running, paused, dead };

enum class ProcessChange { started, killed, power_lost, paused, resumed, exited, crashed };

std::string_view to_text(ProcessChange change);

/// What a process held of something when it became ready, at its peak and now.
struct Usage {
  std::int64_t initial = 0;
  std::int64_t peak = 0;
  std::int64_t now = 0;
};
struct Accounts {
  Usage tasks;
  Usage sockets;
  Usage bytes;  // not part of any hash: it differs between compilers
};

/// Something in the kernel's world that belongs to an incarnation and must hear of its end: a stream, a
/// listener. It registers itself for its lifetime and drops what waits on it without running it.
class OwnedByIncarnation {
 public:
  virtual ~OwnedByIncarnation() = default;
  /// The incarnation is dead. `silent` is a loss of power: peers hear nothing. The object may be destroyed by
  /// it.
  virtual void owner_died(bool silent) = 0;
};

/// One life of a process. Stays until the kernel ends, so that late completions find it dead rather than
/// gone.
class Incarnation;

class Process {
 public:
  using Main = std::function<asio::awaitable<void>(Runtime&)>;

  Process(Kernel& kernel, std::uint32_t id, ProcessOptions options);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  std::string_view name() const { return options_.name; }
  std::string_view host() const { return options_.host; }
  std::uint32_t id() const { return id_; }
  std::uint32_t incarnation() const {
    return incarnation_;
  }  // of the current or last life; 0 before the first
  ProcessState state() const;
  Kernel& kernel() const { return kernel_; }

  /// Begins a life: `main` runs as its first task, later, not inside this call. When it returns the process
  /// exits; an exception that leaves it is a crash. Requires: not running or paused.
  void start(Main main);
  /// No further statement of the process runs; its memory is freed, its peers see a reset. From inside one of
  /// its own tasks, the statements up to the next suspension still run but reach nobody.
  void kill();
  /// As kill, but the host's peers hear nothing and its unsynced files are lost.
  void power_loss();
  /// The process freezes, in the middle of whatever it awaits, while the world goes on; resume() wakes it.
  void pause();
  void resume();
  /// Begins a new life with the last start()'s main after `delay` of virtual time. Requires: dead by then.
  void restart(Duration delay);

  /// From now on its wall clock is `delta` further on (or back), its rate `drift_ppb`. Waits already begun
  /// keep their end in virtual time.
  void jump_clock(Duration delta);
  void set_clock_drift(std::int64_t drift_ppb);

  /// The world as the current life sees it. Requires: running or paused.
  Runtime& runtime();
  /// Requires: as runtime().
  Domain& domain();

  Accounts accounts() const;
  /// What it holds now counts as initial.
  void mark_initial();

  /// Hears of every change of every life, with the reason of an exit or crash.
  using Listener = std::function<void(Process&, ProcessChange, std::string_view detail)>;
  void on_change(Listener listener) { listener_ = std::move(listener); }

  /// For objects of the kernel's world (sim/network): see OwnedByIncarnation. `sockets` is +1 or -1 for the
  /// account.
  void own(OwnedByIncarnation& object);
  /// To be called by the object's destructor. False: owner_died() has been called, and nothing is left to do.
  /// True in a dead process: it was killed from inside a step of its own, which goes on and destroys the
  /// object; that is the object's only chance to do what owner_died(domain's power_lost) would.
  bool disown(OwnedByIncarnation& object);
  void count_sockets(int change);

 private:
  friend class ProcessTasks;
  void end_life(ProcessChange change, std::string_view detail);
  void changed(ProcessChange change, std::string_view detail);

  Kernel& kernel_;
  std::uint32_t id_;
  ProcessOptions options_;
  std::uint64_t stream_;  // of its random draws
  std::unique_ptr<HostClock> clock_;
  Main main_;
  Listener listener_;
  std::uint32_t incarnation_ = 0;
  Incarnation* life_ = nullptr;  // owned by the kernel; null before the first
};

}  // namespace racebed::sim
