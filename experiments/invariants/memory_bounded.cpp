#include <fmt/format.h>

#include <algorithm>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: work has been done. Sizes differ between compilers, so margins are wide, and they do
/// not grow with the notifications that have passed: what is remembered for each that is gone is a leak.
class MemoryBounded final : public Invariant {
 public:
  using Invariant::Invariant;
  /// The plan's bound for a load test.
  static constexpr std::int64_t kPeakMore = 500LL * 1024 * 1024;
  /// Queues, pools and metrics that stay once they have been used; and the Events whose count may still be
  /// raised, some 4,096 of 200 bytes.
  static constexpr std::int64_t kMore = 2 * 1024 * 1024;
  /// The same once nothing has happened for so long that no Event's count is raised any more (two windows of
  /// client-go's).
  static constexpr std::int64_t kMoreWhenQuiet = 48 * 1024;
  static constexpr Duration kQuiet = std::chrono::minutes{21};
  /// For each notification that still is: its object in the cache, and what is known of it.
  static constexpr std::int64_t kMoreEach = 32 * 1024;

  void on_fact(const models::Fact& fact) override {
    const auto* commit = std::get_if<models::Committed>(&fact.what);
    const bool is_work = commit != nullptr && commit->object.resource == kNotifications;
    if (is_work || std::holds_alternative<models::Requested>(fact.what) ||
        std::holds_alternative<models::ProcessEvent>(fact.what))
      last_work_ = fact.time;
  }

  void at_end(const FinalState& state) override {
    std::int64_t before = 0;
    for (const ProcessAccount& account : state.processes) {
      if (is_controller(account.process)) before = std::max(before, account.accounts.bytes.initial);
    }
    if (before == 0 || history().incarnations().empty()) return;
    const auto there = static_cast<std::int64_t>(state.notifications.size());
    for (const ProcessAccount& account : state.processes) {
      if (!is_controller(account.process) || account.state != "running") continue;
      reach();
      judge(account, "at its peak", before + kPeakMore, account.accounts.bytes.peak, state.end);
      const std::int64_t more = state.end - last_work_ >= kQuiet ? kMoreWhenQuiet : kMore;
      judge(account, "at the end", before + more + kMoreEach * there, account.accounts.bytes.now, state.end);
    }
  }

 private:
  void judge(const ProcessAccount& account, const char* when, std::int64_t most, std::int64_t bytes,
             Time end) {
    if (bytes <= most) return;
    violate(nullptr, end, {},
            fmt::format("{} held {} KiB {}, expected at most {}", account.process, bytes / 1024, when,
                        most / 1024));
  }

  Time last_work_;
};

}  // namespace

const InvariantInfo kMemoryBounded = {
    "memory-bounded", "Memory stays bounded under load, and nothing is kept of notifications that are gone.",
    "accounts of the controllers' processes", Duration{0}, make_invariant<MemoryBounded>};

}  // namespace racebed::experiments
