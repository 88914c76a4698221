#include "evidence/report/mitigations.hpp"

#include <map>

namespace racebed::evidence {

std::string mitigation_of(const std::string& invariant) {
  static const std::map<std::string, std::string> kKnown = {
      {"no-duplicate-delivery",
       "the attempt is in the status before the send; an open one is asked about, not sent again"},
      {"no-lost-notification", "results are remembered until they are recorded; retries survive restarts"},
      {"no-delivery-after-delete", "an uncached read decides before every send"},
      {"no-cross-incarnation-status", "identity is the UID; writes carry uid and resourceVersion"},
      {"status-truthful", "a decision is written on the very version that it was taken on"},
      {"attempts-within-policy", "attempts are counted in the status; a breaker's rejection is none"},
      {"backoff-respected", "nextAttemptTime is stored; Retry-After is a lower bound"},
      {"breaker-opens-and-recovers",
       "one breaker for each endpoint, fed by transport, TLS, 429 and 5xx only"},
      {"channels-independent", "a slow endpoint never gets the last worker"},
      {"tls-error-named-in-status", "certificate failures are a class of their own"},
      {"no-payload-to-untrusted-peer",
       "the chain, the host's name and revocation are checked before a byte is sent"},
      {"single-effective-leader", "what is left of the lease is checked before every send and write"},
      {"failover-within", "lease of 15 s, given back on a clean exit"},
      {"lease-discipline", "the lease is given back on a clean exit"},
      {"memory-bounded", "what is remembered is keyed by UID and gone with the object"},
      {"resources-return-to-baseline", "tasks and connections are bounded and end with their work"},
      {"connections-reused", "a keep-alive pool of at most eight connections"},
      {"queue-bounded", "what waits is keys, in a delaying queue"},
      {"no-hot-loop", "conflicts are answered with growing patience"},
      {"no-secret-leaked", "texts are sanitised; errors carry classes, not URLs"},
      {"audit-exactly-once", "records have a key made of UID, event and attempt"},
      {"watch-convergence", "a silent watch is begun again; 410 leads to a new list"},
      {"message-faithful", "Slack's limits are kept by splitting and visible cuts"},
  };
  const auto found = kKnown.find(invariant);
  return found == kKnown.end() ? "" : found->second;
}

}  // namespace racebed::evidence
