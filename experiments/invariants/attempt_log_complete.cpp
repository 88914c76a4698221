#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/weather.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: a request was refused or broke off, and its notification is still there at the end.
/// Messages that were taken are status-truthful's.
class AttemptLogComplete final : public Invariant {
 public:
  using Invariant::Invariant;
  /// So long a result may be on its way into the status.
  static constexpr Duration kRecording = std::chrono::minutes{1};

  void on_fact(const models::Fact& fact) override { weather_.on_fact(fact); }

  void at_end(const FinalState& state) override {
    if (state.end - weather_.last_trouble(state.end, {"user-"}) < kRecording) return;
    for (const Incarnation& incarnation : history().incarnations()) {
      if (incarnation.deleted || !incarnation.object) continue;
      for (const std::string& channel : incarnation.channels) judge(incarnation, channel, state.end);
    }
  }

 private:
  void judge(const Incarnation& incarnation, const std::string& channel, Time end) {
    std::vector<std::uint64_t> failed;
    for (const Try* made : tries_on(incarnation, channel)) {
      if (end - made->answered.value_or(made->at) < kRecording) return;
      if (!made->accepted) failed.push_back(made->fact);
    }
    if (failed.empty()) return;
    reach();
    const models::Json& attempts = attempts_of(*incarnation.object);
    const auto recorded =
        static_cast<std::size_t>(std::count_if(attempts.begin(), attempts.end(), [&](const models::Json& a) {
          return a.value("channel", "") == channel && a.value("status", "") != "success";
        }));
    // A crash, and a leader that no longer leads, may lose one each.
    const std::size_t lost = weather_.ends(incarnation.created, end);
    if (failed.size() <= recorded + lost) return;
    failed.push_back(incarnation.status_fact);
    violate(&incarnation, end, failed,
            fmt::format("{} had {} requests of {} that came to nothing; its status shows {} attempt{}",
                        channel, failed.size() - 1, incarnation.token, recorded, recorded == 1 ? "" : "s"));
  }

  Weather weather_;
};

}  // namespace

const InvariantInfo kAttemptLogComplete = {
    "attempt-log-complete",
    "Every request that came to nothing has an attempt of its own in the status: none lost, none merged.",
    "requested facts against the final statuses", Duration{0}, make_invariant<AttemptLogComplete>};

}  // namespace racebed::experiments
