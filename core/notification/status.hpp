// The status of a NotificationRequest as values: read from JSON, changed, written back. It holds all that
// must survive a process; whoever reads it next can go on from it alone.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/object.hpp"
#include "runtime/time.hpp"

namespace racebed::notification {

enum class Phase { none, pending, sending, retrying, sent, partially_sent, failed };
std::string_view to_text(Phase phase);  // "" for none
constexpr bool is_terminal(Phase phase) {
  return phase == Phase::sent || phase == Phase::partially_sent || phase == Phase::failed;
}
/// Specification A2.
bool is_legal(Phase from, Phase to);

enum class AttemptStatus { pending, success, failed, timeout, invalid };

struct Attempt {
  std::string channel;
  int number = 0;  // per channel, from 1
  std::string timestamp;
  AttemptStatus status = AttemptStatus::pending;
  std::string error;  // of `pending`: the mark of the process that means to send
  std::optional<std::int64_t> duration_ms;
  friend bool operator==(const Attempt&, const Attempt&) = default;
};

enum class ChannelState {
  waiting,    // nothing tried yet
  pending,    // an intent is recorded, its outcome is not
  retrying,   // failed, will be tried again
  delivered,  // final
  failed      // final: permanent or exhausted
};
std::string_view to_text(ChannelState state);

struct ChannelStatus {
  std::string channel;
  ChannelState state = ChannelState::waiting;
  int attempts = 0;  // those that cost budget: an attempt cut off by a crash does not
  std::optional<Time> next_attempt;
  std::string last_error;
  std::string breaker;  // "open" while it keeps this channel waiting
  bool is_final() const { return state == ChannelState::delivered || state == ChannelState::failed; }
  friend bool operator==(const ChannelStatus&, const ChannelStatus&) = default;
};

struct Condition {
  std::string type;
  std::string status;  // "True", "False"
  std::string reason;
  std::string message;
  std::string last_transition_time;
  friend bool operator==(const Condition&, const Condition&) = default;
};

struct Status {
  Phase phase = Phase::none;
  std::string reason;
  std::string message;
  std::vector<Attempt> attempts;
  std::vector<ChannelStatus> channels;
  std::vector<Condition> conditions;
  std::string queued_at;
  std::string processing_started_at;
  std::string completion_time;
  std::int64_t observed_generation = 0;
  friend bool operator==(const Status&, const Status&) = default;

  ChannelStatus* find_channel(std::string_view channel);
  const ChannelStatus* find_channel(std::string_view channel) const;
  Attempt* find_pending(std::string_view channel);
  const Attempt* find_pending(std::string_view channel) const;
  bool has_success(std::string_view channel) const;
  /// The number of the channel's next attempt record.
  int next_number(std::string_view channel) const;
  int records(std::string_view channel) const;
  int successful_deliveries() const;  // channels with a success
  int failed_deliveries() const;      // channels with an attempt that failed, and no success
};

Status read_status(const kube::Object& object);
/// Its phase alone.
Phase read_phase(const kube::Object& object);
/// Known members of `before` (may be null) are replaced, others kept.
kube::Json to_json(const Status& status, const kube::Json* before);

/// Sets phase, reason and message, and the conditions Ready and Progressing that follow from them.
void set_phase(Status& status, Phase phase, std::string reason, std::string message, Time now);

/// Error text for a status: at most 1 KiB.
std::string cut_error(std::string_view error);

}  // namespace racebed::notification
