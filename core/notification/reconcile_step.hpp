// What to do next for one notification: a pure function of the object as freshly read, this process's memory
// of that UID, the clock, and the state of the channels. It first folds everything known into a draft of the
// status; if the draft differs from what is stored, the draft is written (onto exactly that version) before
// anything else happens. Only then does it send or ask. So a decision never outlives the version it was taken
// on, and deciding again after any failure is always right.
#pragma once

#include <map>
#include <string>

#include "core/notification/config.hpp"
#include "core/notification/memory.hpp"
#include "core/notification/status.hpp"

namespace racebed::notification {

/// A channel at this moment.
struct ChannelView {
  Guarantee guarantee = Guarantee::at_least_once;
  Duration send_timeout = std::chrono::seconds{15};
  bool admitted = true;                         // by breaker and by the limit of sends at once
  Duration retry_in = std::chrono::seconds{1};  // when not admitted
  std::string breaker{};                        // "closed", "half-open", "open"; empty: none
};

struct StepInput {
  const kube::Object& object;
  const Memory& memory;
  const DeliveryConfig& config;
  /// Channels that exist; any other is unsupported.
  const std::map<std::string, ChannelView>& channels;
  std::string mark;  // of this process, in its intents
  Time wall;
  Instant now;
  bool may_send = true;  // surely leading for long enough, and not shutting down
  bool alone = true;     // leader election keeps others from acting at the same time
};

struct Action {
  enum class Kind {
    nothing,  // until the object changes
    wait,     // for `delay`
    write,    // `status` onto the very version that was read
    send,     // `attempt` by `channel`; at once, or decide again
    ask       // the history of `channel` about the pending attempt `attempt`
  };
  Kind kind = Kind::nothing;
  Duration delay{0};
  Status status{};
  std::string channel{};  // of send and ask; of write: the channel whose intent it records, if any
  int attempt = 0;
};

/// Requires that memory.observe() has seen this object's status.
Action decide(const StepInput& input);

/// How long a pending attempt must have stood before its channel may be asked: by then its sender's bytes
/// have arrived or never will.
Duration doubt_age(const ChannelView& channel, const DeliveryConfig& config);

/// A certificate failure, as `delivery.tls` means it.
bool is_certificate_failure(net::ErrorClass error_class);

}  // namespace racebed::notification
