// One life of a process: its domain and what its Runtime is made of. Private to sim/.
#pragma once

#include <memory>
#include <vector>

#include "runtime/runtime.hpp"
#include "sim/kernel.hpp"
#include "sim/process.hpp"

namespace racebed::sim {

/// The clock of a host: virtual time, scaled by its drift and moved by its offset. Survives the lives of a
/// process.
class HostClock {
 public:
  HostClock(Time virtual_now, Duration offset, std::int64_t drift_ppb);
  Time wall(Time virtual_now) const;
  Instant steady(Time virtual_now) const;
  /// The first virtual time at which steady() is at least `until`; Time::max() for ever.
  Time virtual_at(Instant until) const;
  void jump(Duration delta) { offset_ += delta; }
  void set_drift(Time virtual_now, std::int64_t drift_ppb);

 private:
  Time begin_;            // virtual time at which steady time was 0
  Time base_;             // virtual time of the last change of drift
  Duration steady_base_;  // steady time then
  Duration offset_;
  std::int64_t drift_ppb_;
};

class ProcessClock final : public Clock {
 public:
  ProcessClock(const HostClock& clock, Domain& domain) : clock_(clock), domain_(domain) {}
  Time now() const override;
  Instant steady_now() const override;
  void async_wait_until(Instant until, WaitHandler handler) override;

 private:
  const HostClock& clock_;
  Domain& domain_;
};

class ProcessRandom final : public Random {
 public:
  ProcessRandom(Domain& domain, std::uint64_t stream) : domain_(domain), stream_(stream) {}
  std::uint64_t below(std::uint64_t n, Site site) override;

 private:
  Domain& domain_;
  std::uint64_t stream_;
};

class ProcessTasks final : public Tasks {
 public:
  explicit ProcessTasks(Domain& domain) : domain_(domain) {}
  std::size_t live() const override { return live_; }
  std::size_t peak() const { return peak_; }
  std::uint32_t begin(std::string_view name) override;
  std::uint32_t enter(std::uint32_t task) noexcept override;
  void end(std::uint32_t task, std::exception_ptr failure) noexcept override;
  void clear() { live_ = 0; }

 private:
  Domain& domain_;
  std::size_t live_ = 0;
  std::size_t peak_ = 0;
};

class Incarnation {
 public:
  Incarnation(Kernel& kernel, Process& process, std::uint32_t number, std::uint64_t stream,
              const HostClock& host_clock);
  ~Incarnation();

  Domain domain;
  ProcessClock clock;
  ProcessRandom random;
  ProcessTasks tasks;
  std::unique_ptr<racebed::Network> network;
  Runtime runtime;
  Process::Main main;
  std::vector<OwnedByIncarnation*> owned;  // in the order in which they registered
  std::int64_t sockets = 0;
  std::int64_t sockets_peak = 0;
  bool buried = false;
  struct {
    std::int64_t tasks = 0, sockets = 0, bytes = 0;
  } initial;
};

}  // namespace racebed::sim
