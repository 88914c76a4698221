// What can happen to a process, its host and its clock.
#include "faults/catalogue/parameters.hpp"

namespace racebed::faults {
namespace {

using namespace std::chrono_literals;

FaultInfo process(std::string_view id, bool lasts, std::string_view stands_for,
                  std::vector<ParameterInfo> parameters = {}) {
  return {id, "process", Place::process, lasts, stands_for, std::move(parameters)};
}
FaultInfo clock(std::string_view id, std::string_view stands_for, std::vector<ParameterInfo> parameters) {
  return {id, "clock", Place::process, true, stands_for, std::move(parameters)};
}

constexpr std::int64_t kDayMs = 86'400'000;

}  // namespace

std::vector<FaultInfo> process_catalogue() {
  return {
      process(
          "process-kill", false,
          "a container is killed (kill -9, a liveness probe): no statement runs after it, peers see a reset"),
      process("process-power-loss", false,
              "a node loses its power: as a kill, but peers hear nothing and unsynced files are gone"),
      process(
          "process-pause", true,
          "a process stands still and goes on as if nothing had happened (a frozen virtual machine, a long "
          "collection): the zombie leader"),
      process("process-slow", true,
              "a process with hardly any CPU (cgroup throttling): it stands still for most "
              "of each period",
              {integer("percent", 1, 99, 80, "of each period that it stands still, in percent"),
               duration("period", 10s, 100ms, "the period")}),
      process("process-restart", false, "a container is killed and comes back at once"),
      process("process-restart-loop", true, "a container dies again and again (CrashLoopBackOff)",
              {duration("every", 10min, 5s, "between two deaths")}),
      process(
          "process-memory-ceiling", true, "a container is killed when its memory reaches its limit (OOM)",
          {integer("bytes", 1, 1'000'000'000'000, 128 * 1024 * 1024,
                   "the limit; choose one far from what the process uses, sizes differ between compilers")}),
      process(
          "process-rolling-update", false,
          "a deployment is rolled: each replica is asked to end (SIGTERM) and replaced, one after the other",
          {duration("every", 10min, 5s, "between two replicas")}),
      clock("clock-jump", "a clock is set",
            {integer("milliseconds", -kDayMs, kDayMs, 60'000,
                     "forwards, or backwards when negative; and back when it "
                     "is lifted")}),
      clock("clock-drift", "a clock of the wrong rate",
            {integer("ppm", -900'000, 900'000, 100'000,
                     "too fast by so many parts in a million, or too slow when "
                     "negative")}),
  };
}

}  // namespace racebed::faults
