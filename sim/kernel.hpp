// The kernel: one thread, one virtual clock, one sequence of choices. It runs whichever ready task the
// choices pick, and moves time on only when none is ready. Everything of a run lives in one kernel; kernels
// share nothing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/runtime.hpp"
#include "sim/choices.hpp"
#include "sim/domain.hpp"
#include "sim/executor.hpp"
#include "sim/hash.hpp"
#include "sim/process.hpp"
#include "sim/timer_heap.hpp"
#include "sim/trace.hpp"

namespace racebed::sim {

/// What the kernel gives a process besides time, choices and tasks. sim/network and sim/files implement it.
class Fabric {
 public:
  virtual ~Fabric() = default;
  /// The network as `process`'s new life sees it; called at each start.
  virtual std::unique_ptr<racebed::Network> network_of(Process& process) = 0;
  /// The files of the process's host; the same object for every life and every process of the host.
  virtual racebed::Files& files_of(Process& process) = 0;
  /// The process died; with `power_lost` its host's unsynced writes are gone.
  virtual void process_died(Process& process, bool power_lost) = 0;
};

struct KernelOptions {
  Time start = Time{std::chrono::seconds{1764374400}};  // 2025-11-29T00:00:00Z
  std::uint64_t steps_max = 1'000'000'000;              // a run that takes more does not end by itself
};

enum class StopReason {
  idle,        // nothing is ready and nothing waits for a time
  stopped,     // stop() was called
  time_limit,  // the next thing happens after the limit; now() is the limit
  step_limit,  // KernelOptions::steps_max
  leak         // something read real time, real randomness, or started a thread: see leak()
};

/// Nondeterminism that was caught in the act.
struct Leak {
  std::string what;   // "std::random_device", "a thread", "the real clock (clock_gettime)"
  std::string where;  // process, task and the calling functions
};

class Kernel {
 public:
  explicit Kernel(Choices& choices, KernelOptions options = {});
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  /// Kills every process and frees all that they held.
  ~Kernel();

  /// Where processes get their network and files from. Null (the default): every network call fails with
  /// network_down, every file call with no_such_file_or_directory. `fabric` must outlive the kernel's
  /// processes.
  void set_fabric(Fabric* fabric) { fabric_ = fabric; }

  /// A process that has not started. The reference is good for the kernel's life. Names are unique.
  Process& add_process(ProcessOptions options);
  Process* find_process(std::string_view name);
  const std::vector<std::unique_ptr<Process>>& processes() const { return processes_; }

  /// Runs until `limit` of virtual time at the latest. May be called again. Not from inside a run.
  StopReason run(Time limit = Time::max());
  /// Ends run() after the current task's step.
  void stop() { stop_requested_ = true; }

  Time now() const { return now_; }
  std::uint64_t steps() const { return steps_; }
  Choices& choices() { return choices_; }
  Trace& trace() { return trace_; }
  RunHash hash() const;
  const std::optional<Leak>& leak() const { return leak_; }

  /// The domain of what belongs to no process: packets on their way, the world's plans. It never dies.
  Domain& world() { return world_; }
  /// The running task's domain; null between steps.
  Domain* current() const { return current_; }
  std::uint32_t current_task() const { return current_task_; }

  /// Runs `f` as a step of `owner` at virtual time `due` (at once if that is past); never if it is dead by
  /// then. What happens in it has the current event as its cause.
  template <class F>
  void call_at(Domain& owner, Time due, F&& f) {
    if (!owner.dead) wait_until(owner, make_function(std::forward<F>(f)), due);
  }

  /// A trace event of the running task (or the world's own between steps); returns its number. Later events
  /// of this step, and steps it leads to, name it as their cause.
  std::uint64_t emit(std::string_view kind, std::initializer_list<Field> fields);
  /// An event of `process`, whoever is running.
  std::uint64_t emit_for(const Process& process, std::string_view kind, std::initializer_list<Field> fields);

  /// The kernel whose run() is on this thread's stack; null outside runs. For the hooks that stand between a
  /// run and the operating system.
  static Kernel* running();
  /// Ends the run with StopReason::leak after the current step; the first report stays.
  void report_leak(std::string_view what, std::string_view where);
  /// True while Asio's own bookkeeping runs: it may read the real clock, nothing of the run sees what it
  /// says.
  bool in_asio() const { return in_asio_; }

  // For operations (completion.hpp, network)
  // --------------------------------------------------------------------------
  void make_ready(Domain& owner, Operation* operation);
  void wait_until(Domain& owner, Operation* operation, Time due);
  void end_wait(Operation* operation);
  asio::io_context& context() {
    context_used_ = true;
    return context_;
  }
  /// The thread that the kernel belongs to is the calling one.
  bool on_own_thread() const;

  // For Process and its tasks
  // -----------------------------------------------------------------------------------------
  std::uint32_t new_task() { return ++last_task_; }
  std::uint32_t enter_task(std::uint32_t task) noexcept { return std::exchange(current_task_, task); }
  Incarnation& add_incarnation(Process& process, std::uint32_t number, std::uint64_t stream,
                               const HostClock& clock);
  void thaw(Domain& domain);
  void freeze(Domain& domain);
  /// Frees what the dead incarnation held; now, or after the current step when one of its own tasks is
  /// running.
  void bury(Incarnation& incarnation, bool silent);
  Fabric* fabric() { return fabric_; }

 private:
  struct Funeral {
    Incarnation* incarnation;
    bool silent;
  };
  void loop(Time limit);
  void step();
  void run_operation(Operation* operation);
  bool advance(Time limit);
  void poll_context();
  void hold_funerals();
  void free_operations_of(Domain& domain);

  Choices& choices_;
  KernelOptions options_;
  Time now_;
  Trace trace_;
  Hash128 order_hash_;
  Hash128 times_hash_;
  std::uint64_t steps_ = 0;

  const char* thread_;
  bool stop_requested_ = false;
  bool in_asio_ = false;
  bool context_used_ = false;
  StopReason stop_reason_ = StopReason::idle;
  std::optional<Leak> leak_;
  Fabric* fabric_ = nullptr;

  Domain world_;
  Domain* current_ = nullptr;
  std::uint32_t current_task_ = 0;
  std::uint64_t current_cause_ = 0;
  std::uint32_t last_task_ = 0;

  std::vector<Candidate> ready_;
  TimerHeap waiting_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::unique_ptr<Incarnation>> incarnations_;
  std::vector<Funeral> funerals_;
  // Last, so that it is destroyed first: handlers that Asio still holds find their (dead) domains.
  asio::io_context context_;
};

}  // namespace racebed::sim
