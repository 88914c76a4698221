#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "experiments/invariants/invariant.hpp"
#include "experiments/invariants/weather.hpp"

namespace racebed::experiments {
namespace {

/// The dangerous moment: more than eight messages are delivered to Slack. Judged where nothing was wrong with
/// network, names and certificates.
class ConnectionsReused final : public Invariant {
 public:
  using Invariant::Invariant;
  /// A pool's size, and the share of deliveries that may each cost a connection.
  static constexpr std::size_t kPool = 8;
  static constexpr std::size_t kOneIn = 5;
  /// An idle connection may be closed by either side from then on.
  static constexpr Duration kIdle = std::chrono::seconds{30};
  /// A client that has waited so long may have closed the connection.
  static constexpr Duration kImpatient = std::chrono::seconds{5};

  void on_fact(const models::Fact& fact) override {
    weather_.on_fact(fact);
    if (const auto* opened = std::get_if<models::ConnectionOpened>(&fact.what)) {
      open(fact, *opened);
    } else if (const auto* request = std::get_if<models::Requested>(&fact.what)) {
      use(request->connection, fact.time);
      asked_[request->connection] = fact.time;
    } else if (const auto* delivered = std::get_if<models::Delivered>(&fact.what)) {
      if (delivered->channel == "slack") ++deliveries_;
    } else if (const auto* answered = std::get_if<models::Answered>(&fact.what)) {
      answer(fact, *answered);
    } else if (const auto* event = std::get_if<models::ProcessEvent>(&fact.what)) {
      if (event->what == models::ProcessEvent::What::started && fact.actor.process.starts_with("controller"))
        ++lives_;
    }
  }

  void at_end(const FinalState& state) override {
    if (deliveries_ <= kPool) return;
    if (weather_.acted({"net-", "dns-", "tls-", "http-closed", "process-pause", "process-slow", "clock-"},
                       state.begin, state.end))
      return;
    reach();
    const std::size_t lives = std::max<std::size_t>(lives_, 1);
    const std::size_t most = std::max(kPool * lives, deliveries_ / kOneIn) + excused_;
    if (opened_ <= most) return;
    violate(nullptr, state.end, {},
            fmt::format("{} connections were opened for {} deliveries; {} would have done", opened_,
                        deliveries_, most));
  }

 private:
  void open(const models::Fact& fact, const models::ConnectionOpened& opened) {
    ++opened_;
    if (!opened.tls.empty() && opened.tls != "ok") {
      ++excused_;
      return;
    }
    // It may take the place of one that has been idle for too long.
    for (auto idle = used_.begin(); idle != used_.end(); ++idle) {
      if (fact.time - idle->second < kIdle) continue;
      used_.erase(idle);
      ++excused_;
      break;
    }
    use(opened.connection, fact.time);
  }
  void use(std::uint64_t connection, Time now) { used_[connection] = now; }
  void answer(const models::Fact& fact, const models::Answered& answered) {
    use(answered.connection, fact.time);
    const auto asked = asked_.find(answered.connection);
    const bool late = asked != asked_.end() && fact.time - asked->second >= kImpatient;
    if (answered.status == 0 || late) ++excused_;
  }

  Weather weather_;
  std::size_t opened_ = 0;
  std::size_t deliveries_ = 0;
  std::size_t excused_ = 0;
  std::size_t lives_ = 0;
  std::map<std::uint64_t, Time> used_;   // by connection: when last
  std::map<std::uint64_t, Time> asked_;  // by connection: the last request
};

}  // namespace

const InvariantInfo kConnectionsReused = {
    "connections-reused",
    "Far fewer connections than deliveries: a pool of eight or a fifth, and one for each that broke or was "
    "idle.",
    "connections opened against deliveries to Slack", Duration{0}, make_invariant<ConnectionsReused>};

}  // namespace racebed::experiments
