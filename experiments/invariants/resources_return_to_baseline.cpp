#include <fmt/format.h>

#include <algorithm>

#include "experiments/invariants/invariant.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a controller runs at the end, after the settling time. What it holds then is
/// compared with what a controller held before the workload began. Some tasks start with the first work and
/// stay; each leaked one is more.
class ResourcesReturnToBaseline final : public Invariant {
 public:
  using Invariant::Invariant;
  static constexpr std::int64_t kTasksMore = 6;
  static constexpr std::int64_t kSocketsMore = 0;
  static constexpr std::int64_t kBytesMore = 64 * 1024 * 1024;
  /// At the peak: eight connections for an endpoint, and what the API and name lookups take.
  static constexpr std::int64_t kSocketsPeak = 64;

  void at_end(const FinalState& state) override {
    sim::Accounts before;
    for (const ProcessAccount& account : state.processes) {
      if (!account.process.starts_with("controller")) continue;
      before.tasks.initial = std::max(before.tasks.initial, account.accounts.tasks.initial);
      before.sockets.initial = std::max(before.sockets.initial, account.accounts.sockets.initial);
      before.bytes.initial = std::max(before.bytes.initial, account.accounts.bytes.initial);
    }
    if (before.tasks.initial == 0) return;  // the run ended before there was anything to compare with
    for (const ProcessAccount& account : state.processes) {
      if (!account.process.starts_with("controller") || account.state != "running") continue;
      reach();
      judge(account.process, "tasks", before.tasks.initial + kTasksMore, account.accounts.tasks.now,
            state.end);
      judge(account.process, "sockets", before.sockets.initial + kSocketsMore, account.accounts.sockets.now,
            state.end);
      judge(account.process, "sockets at its peak", before.sockets.initial + kSocketsPeak,
            account.accounts.sockets.peak, state.end);
      judge(account.process, "bytes", before.bytes.initial + kBytesMore, account.accounts.bytes.now,
            state.end);
    }
  }

 private:
  void judge(const std::string& process, const char* what, std::int64_t most, std::int64_t now, Time end) {
    if (now <= most) return;
    violate(nullptr, end, {},
            fmt::format("{} ends with {} {}, expected at most {}", process, now, what, most));
  }
};

}  // namespace

const InvariantInfo kResourcesReturnToBaseline = {
    "resources-return-to-baseline",
    "Tasks, sockets and memory are back where they were once the work is done.",
    "accounts of the controllers' processes", Duration{0}, make_invariant<ResourcesReturnToBaseline>};

}  // namespace racebed::experiments
