// What must hold in every run. An invariant hears each fact of the ledger as it is told and sees the final
// state; it counts how often its dangerous moment came, and reports violations with the facts that show them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/invariants/history.hpp"
#include "experiments/scenario/scenario.hpp"
#include "experiments/subjects/metric_names.hpp"
#include "experiments/world/final_state.hpp"
#include "models/ledger/fact.hpp"

namespace racebed::experiments {

struct Violation {
  std::string what;  // one sentence, with names and numbers
  Time time;
  std::string uid;  // of the incarnation; empty when it is about none
  std::string token;
  std::vector<std::uint64_t> facts;  // the numbers of those that show it, in order
  /// Not empty: the subject's declared guarantee allows it, and in these words.
  std::string allowed_by;
};

/// What the judged subject declares of a channel: "at-least-once", "at-most-once", "probe" or "none".
using DeclaredGuarantee = std::function<std::string(const std::string& channel)>;

/// What every invariant judges by.
struct Evidence {
  const Scenario& scenario;
  const History& history;
  const DeclaredGuarantee& guarantee;
  MetricNames metrics{};
};

class Invariant {
 public:
  explicit Invariant(const Evidence& evidence, Duration within) : evidence_(evidence), within_(within) {}
  virtual ~Invariant() = default;
  virtual void on_fact(const models::Fact&) {}
  /// A line that a process logged. Lines are passed through, not kept.
  virtual void on_log(std::string_view /*process*/, std::string_view /*line*/) {}
  virtual void at_end(const FinalState&) {}

  /// How often the dangerous moment came; 0: the run says nothing about this invariant.
  std::uint64_t reached() const { return reached_; }
  const std::vector<Violation>& violations() const { return violations_; }

 protected:
  void reach() { ++reached_; }
  void violate(Violation violation) { violations_.push_back(std::move(violation)); }
  /// `about`: null when it is about none. Facts numbered 0 are left out.
  void violate(const Incarnation* about, Time time, std::vector<std::uint64_t> facts, std::string what);
  const History& history() const { return evidence_.history; }
  const Scenario& scenario() const { return evidence_.scenario; }
  std::string guarantee(const std::string& channel) const { return evidence_.guarantee(channel); }
  const MetricNames& metrics() const { return evidence_.metrics; }
  /// The invariant's bound, where it has one.
  Duration within() const { return within_; }

 private:
  const Evidence& evidence_;
  Duration within_;
  std::uint64_t reached_ = 0;
  std::vector<Violation> violations_;
};

/// An invariant as the list shows it.
struct InvariantInfo {
  std::string_view id;
  std::string_view sentence;
  std::string_view evidence;
  Duration within;  // the default bound; 0: it has none
  std::unique_ptr<Invariant> (*make)(const Evidence& evidence, Duration within);
};

/// All of them, in the order in which verdicts list them.
const std::vector<InvariantInfo>& invariants();
/// Null if there is none of that id.
const InvariantInfo* find_invariant(std::string_view id);

template <class T>
std::unique_ptr<Invariant> make_invariant(const Evidence& evidence, Duration within) {
  return std::make_unique<T>(evidence, within);
}

// One file each.
extern const InvariantInfo kNoDuplicateDelivery;
extern const InvariantInfo kNoLostNotification;
extern const InvariantInfo kNoDeliveryAfterDelete;
extern const InvariantInfo kNoCrossIncarnationStatus;
extern const InvariantInfo kStatusTruthful;
extern const InvariantInfo kLegalPhaseTransitions;
extern const InvariantInfo kTerminalWithin;
extern const InvariantInfo kAttemptsWithinPolicy;
extern const InvariantInfo kBackoffRespected;
extern const InvariantInfo kRetriesWhatCanBeRetried;
extern const InvariantInfo kChannelsIndependent;
extern const InvariantInfo kDeliveryWithin;
extern const InvariantInfo kSuccessRate;
extern const InvariantInfo kMessageFaithful;
extern const InvariantInfo kBreakerOpensAndRecovers;
extern const InvariantInfo kConnectionsReused;
extern const InvariantInfo kAttemptLogComplete;
extern const InvariantInfo kTlsErrorNamedInStatus;
extern const InvariantInfo kNoPayloadToUntrustedPeer;
extern const InvariantInfo kSingleEffectiveLeader;
extern const InvariantInfo kFailoverWithin;
extern const InvariantInfo kNoOrphans;
extern const InvariantInfo kResourcesReturnToBaseline;
extern const InvariantInfo kCountsConsistent;
extern const InvariantInfo kNoCrash;
extern const InvariantInfo kNoHotLoop;
extern const InvariantInfo kAuditExactlyOnce;
extern const InvariantInfo kEventsEmitted;
extern const InvariantInfo kNoSecretLeaked;
extern const InvariantInfo kMetricsMatchLedger;
extern const InvariantInfo kQueueBounded;
extern const InvariantInfo kMemoryBounded;
extern const InvariantInfo kLeaseDiscipline;
extern const InvariantInfo kForeignFieldsSurvive;
extern const InvariantInfo kWatchConvergence;
extern const InvariantInfo kNoLostAttemptRecord;
extern const InvariantInfo kStatusBounded;

}  // namespace racebed::experiments
