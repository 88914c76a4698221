#include "experiments/invariants/invariant.hpp"

namespace racebed::experiments {

const std::vector<InvariantInfo>& invariants() {
  static const std::vector<InvariantInfo> all = {kNoDuplicateDelivery,
                                                 kNoLostNotification,
                                                 kNoDeliveryAfterDelete,
                                                 kNoCrossIncarnationStatus,
                                                 kStatusTruthful,
                                                 kLegalPhaseTransitions,
                                                 kTerminalWithin,
                                                 kAttemptsWithinPolicy,
                                                 kBackoffRespected,
                                                 kRetriesWhatCanBeRetried,
                                                 kChannelsIndependent,
                                                 kDeliveryWithin,
                                                 kSuccessRate,
                                                 kMessageFaithful,
                                                 kBreakerOpensAndRecovers,
                                                 kConnectionsReused,
                                                 kAttemptLogComplete,
                                                 kTlsErrorNamedInStatus,
                                                 kNoPayloadToUntrustedPeer,
                                                 kSingleEffectiveLeader,
                                                 kFailoverWithin,
                                                 kNoOrphans,
                                                 kResourcesReturnToBaseline,
                                                 kCountsConsistent,
                                                 kNoCrash,
                                                 kNoHotLoop,
                                                 kAuditExactlyOnce,
                                                 kEventsEmitted,
                                                 kNoSecretLeaked,
                                                 kMetricsMatchLedger,
                                                 kQueueBounded,
                                                 kMemoryBounded,
                                                 kLeaseDiscipline,
                                                 kForeignFieldsSurvive,
                                                 kWatchConvergence,
                                                 kNoLostAttemptRecord,
                                                 kStatusBounded};
  return all;
}

const InvariantInfo* find_invariant(std::string_view id) {
  for (const InvariantInfo& info : invariants()) {
    if (info.id == id) return &info;
  }
  return nullptr;
}

}  // namespace racebed::experiments
