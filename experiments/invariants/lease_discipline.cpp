#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"

namespace racebed::experiments {
namespace {

using std::chrono::seconds;

struct LeaseView {
  explicit LeaseView(const models::Json& object) {
    const auto spec = object.find("spec");
    if (spec == object.end() || !spec->is_object()) return;
    holder = spec->value("holderIdentity", "");
    renewed = parse_rfc3339(spec->value("renewTime", ""));
    acquired = parse_rfc3339(spec->value("acquireTime", ""));
    transitions = spec->value("leaseTransitions", 0);
    duration = seconds{spec->value("leaseDurationSeconds", 15)};
  }
  std::string holder;
  std::optional<Time> renewed;
  std::optional<Time> acquired;
  int transitions = 0;
  Duration duration{0};
};

/// The dangerous moment: the lease is written, by its holder or by somebody who wants it.
class LeaseDiscipline final : public Invariant {
 public:
  using Invariant::Invariant;
  /// The renew deadline of client-go; a holder that is well renews well within it.
  static constexpr Duration kRenewDeadline = seconds{10};

  void on_fact(const models::Fact& fact) override {
    lives_.on_fact(fact);
    if (const auto* commit = std::get_if<models::Committed>(&fact.what)) {
      if (commit->object.resource == "leases") lease(fact, *commit);
    } else if (const auto* claim = std::get_if<models::Claimed>(&fact.what)) {
      const bool clean = claim->kind == "exit" && claim->content->value("reason", "") == "clean";
      if (clean && is_of(fact.actor.process)) {
        reach();
        tell(fact, fmt::format("{} has ended cleanly and not given the lease back", fact.actor.process));
      }
    }
  }

  void at_end(const FinalState& state) override {
    if (holder_.empty()) return;
    const std::string process = holder_.substr(0, holder_.find('_'));
    const bool runs =
        std::any_of(state.processes.begin(), state.processes.end(),
                    [&](const ProcessAccount& a) { return a.process == process && a.state == "running"; });
    const Time quiet = renewed_ - seconds{30};
    if (!runs || state.end - renewed_ <= kRenewDeadline || !lives_.calm(quiet, state.end)) return;
    if (lives_.disturbed(process, quiet, state.end)) return;
    violate(nullptr, state.end, {fact_},
            fmt::format("{} holds the lease and has not renewed it for {} s", process,
                        (state.end - renewed_) / seconds{1}));
  }

 private:
  bool is_of(const std::string& process) const { return holder_.starts_with(process + "_"); }

  void lease(const models::Fact& fact, const models::Committed& commit) {
    if (commit.after == nullptr) {
      holder_.clear();  // somebody deleted it: whoever comes first makes a new one
      return;
    }
    const LeaseView now(*commit.after);
    const LeaseView was = commit.before ? LeaseView(*commit.before) : LeaseView(models::Json::object());
    if (!is_controller(fact.actor.process)) {
      holder_ = now.holder;
      return;
    }
    reach();
    if (!now.holder.empty() && !now.holder.starts_with(fact.actor.process + "_"))
      tell(fact, fmt::format("{} writes that {} holds the lease", fact.actor.process, now.holder));
    if (now.holder.empty() && !was.holder.empty() && !was.holder.starts_with(fact.actor.process + "_"))
      tell(fact, fmt::format("{} gives back the lease of {}", fact.actor.process, was.holder));
    judge_times(fact, was, now);
    if (now.holder == holder_) {
      judge_renewal(fact);
    } else if (!holder_.empty() && !now.holder.empty()) {
      judge_takeover(fact, was, now);
    }
    holder_ = now.holder;
    renewed_ = fact.time;
    fact_ = fact.number;
  }

  void judge_times(const models::Fact& fact, const LeaseView& was, const LeaseView& now) {
    if (now.holder.empty() || lives_.fired("clock")) return;
    if (now.renewed && now.acquired && *now.renewed < *now.acquired)
      tell(fact, fmt::format("{} renewed the lease before it acquired it", now.holder));
    if (now.renewed && (*now.renewed > fact.time + seconds{1}))
      tell(fact, fmt::format("{} has renewed the lease in the future", now.holder));
    const bool same = !was.holder.empty() && was.holder == now.holder;
    if (same && was.renewed && now.renewed && *now.renewed < *was.renewed)
      tell(fact, fmt::format("{} renews the lease backwards", now.holder));
    if (same && was.acquired && now.acquired && *now.acquired != *was.acquired)
      tell(fact, fmt::format("{} acquires the lease that it holds", now.holder));
    if (!was.holder.empty() && !same && now.transitions <= was.transitions)
      tell(fact, fmt::format("the lease goes from {} to {}, and leaseTransitions stays {}", was.holder,
                             now.holder, now.transitions));
  }

  /// R11: a leader that is well does not lose its renewals, whatever its load.
  void judge_renewal(const models::Fact& fact) {
    const Time quiet = renewed_ - seconds{30};
    if (holder_.empty() || fact.time - renewed_ <= kRenewDeadline || !lives_.calm(quiet, fact.time)) return;
    if (lives_.disturbed(fact.actor.process, quiet, fact.time)) return;
    tell(fact, fmt::format("{} renews the lease after {} s, and nothing was wrong", fact.actor.process,
                           (fact.time - renewed_) / seconds{1}));
  }

  void judge_takeover(const models::Fact& fact, const LeaseView& was, const LeaseView& now) {
    const std::string former = holder_.substr(0, holder_.find('_'));
    const Duration since = fact.time - renewed_;
    if (since < was.duration && !lives_.fired("clock"))
      tell(fact, fmt::format("{} takes the lease {} ms after {} renewed it", now.holder,
                             std::chrono::duration_cast<std::chrono::milliseconds>(since).count(), holder_));
    const Time quiet = renewed_ - std::chrono::minutes{1};
    if (!lives_.calm(quiet, fact.time) || lives_.disturbed(former, quiet, fact.time)) return;
    tell(fact, fmt::format("{} takes the lease of {}, and nothing was wrong with that", now.holder, holder_));
  }

  void tell(const models::Fact& fact, std::string what) {
    violate(nullptr, fact.time, {fact_, fact.number}, std::move(what));
  }

  Lives lives_;
  std::string holder_;  // as the store says
  Time renewed_;
  std::uint64_t fact_ = 0;  // of the last write
};

}  // namespace

const InvariantInfo kLeaseDiscipline = {
    "lease-discipline",
    "Leadership changes only with a fault behind it and after the lease's time; a clean end gives it back.",
    "lease commits and process events", Duration{0}, make_invariant<LeaseDiscipline>};

}  // namespace racebed::experiments
