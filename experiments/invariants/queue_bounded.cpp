#include <fmt/format.h>

#include <deque>
#include <nlohmann/json.hpp>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/lives.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: many notifications wait at once (a burst, an outage).
class QueueBounded final : public Invariant {
 public:
  using Invariant::Invariant;
  /// The plan's alert.
  static constexpr std::int64_t kTasksMost = 1000;
  /// What waits for an endpoint waits as a key: workers, watches and connections do not grow with it.
  static constexpr std::int64_t kTasksBeside = 100;
  static constexpr std::size_t kMany = 5;
  /// Requests of one process in ten seconds: some for each notification that lives, and its own.
  static constexpr std::size_t kRequestsEach = 60;
  static constexpr std::size_t kRequestsBeside = 600;
  static constexpr std::size_t kRequestsEachForeign = 6;  // for each change that somebody else makes
  static constexpr Duration kWindow = std::chrono::seconds{10};

  void on_fact(const models::Fact& fact) override {
    if (const auto* commit = std::get_if<models::Committed>(&fact.what)) {
      count(*commit);
      if (!is_controller(fact.actor.process)) foreign_.push_back(fact.time);
    }
    const auto* observed = std::get_if<models::Observed>(&fact.what);
    const bool is_request = std::holds_alternative<models::Committed>(fact.what) ||
                            std::holds_alternative<models::Refused>(fact.what) ||
                            (observed != nullptr && observed->source == models::Observed::Source::store);
    if (!is_controller(fact.actor.process)) return;
    if (is_request) request(fact);
    if (const MetricsPage* shown = history().metrics_page()) page(fact, *shown);
  }

  void at_end(const FinalState& state) override {
    std::int64_t before = 0;
    for (const ProcessAccount& account : state.processes) {
      if (is_controller(account.process)) before = std::max(before, account.accounts.tasks.initial);
    }
    if (before == 0) return;
    for (const ProcessAccount& account : state.processes) {
      if (!is_controller(account.process)) continue;
      const std::int64_t peak = account.accounts.tasks.peak;
      const std::int64_t most = std::min(kTasksMost, before + kTasksBeside);
      if (peak > most)
        tell(account.process + "peak", state.end, 0,
             fmt::format("{} had {} tasks at its peak, {} before the work began", account.process, peak,
                         before));
    }
  }

 private:
  void count(const models::Committed& commit) {
    if (commit.object.resource != kNotifications) return;
    const auto waits = [](const models::JsonPtr& object) {
      if (!object) return false;
      const std::string phase = phase_of(*object);
      return phase != "Sent" && phase != "PartiallySent" && phase != "Failed";
    };
    if (waits(commit.before)) --waiting_;
    if (waits(commit.after)) ++waiting_;
    if (commit.operation == models::Committed::Operation::create) ++created_;
    if (waiting_ >= kMany) reach();
  }

  void request(const models::Fact& fact) {
    std::deque<Time>& times = requests_[fact.actor.process];
    times.push_back(fact.time);
    while (times.front() + kWindow < fact.time) times.pop_front();
    while (!foreign_.empty() && foreign_.front() + kWindow < fact.time) foreign_.pop_front();
    const std::size_t most =
        kRequestsBeside + kRequestsEach * created_ + kRequestsEachForeign * foreign_.size();
    if (times.size() > most)
      tell(fact.actor.process + "requests", fact.time, fact.number,
           fmt::format("{} made {} requests in 10 s, with {} notifications", fact.actor.process, times.size(),
                       created_));
  }

  void page(const models::Fact& fact, const MetricsPage& page) {
    const std::int64_t tasks = page.sum(metrics().tasks);
    if (tasks > kTasksMost)
      tell(fact.actor.process + "tasks", fact.time, fact.number,
           fmt::format("{} has {} tasks", fact.actor.process, tasks));
    const std::int64_t depth = page.sum(metrics().queue_depth);
    // A key is there once, however often its object changes.
    if (!metrics().queue_depth.empty() && depth > static_cast<std::int64_t>(created_))
      tell(fact.actor.process + "depth", fact.time, fact.number,
           fmt::format("{} has {} keys in its queue, of {} notifications", fact.actor.process, depth,
                       created_));
  }

  void tell(const std::string& kind, Time time, std::uint64_t fact, std::string what) {
    if (!told_.insert(kind).second) return;
    violate(nullptr, time, {fact}, std::move(what));
  }

  std::size_t waiting_ = 0;
  std::size_t created_ = 0;
  std::deque<Time> foreign_;                          // changes that others made, of the last ten seconds
  std::map<std::string, std::deque<Time>> requests_;  // by process, of the last ten seconds
  std::set<std::string> told_;
};

}  // namespace

const InvariantInfo kQueueBounded = {
    "queue-bounded", "Work that waits is a key in a queue: tasks and requests do not grow with it.",
    "accounts, metrics pages and requests of controllers", Duration{0}, make_invariant<QueueBounded>};

}  // namespace racebed::experiments
