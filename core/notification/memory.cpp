#include "core/notification/memory.hpp"

#include <algorithm>

namespace racebed::notification {
namespace {

/// Whether the status already tells of this result.
bool is_recorded(const Status& status, const std::string& channel, const ChannelMemory::Finished& f) {
  if (status.has_success(channel)) return true;
  if (f.had_intent) {
    // Without its pending record somebody has given a verdict on it; only a delivery is worth contradicting.
    const Attempt* pending = status.find_pending(channel);
    const bool open = pending != nullptr && pending->number == f.attempt;
    return !open && f.result.outcome != DeliveryResult::Outcome::delivered;
  }
  return std::any_of(status.attempts.begin(), status.attempts.end(), [&](const Attempt& a) {
    return a.channel == channel && a.number == f.attempt && a.timestamp == to_rfc3339(f.started) &&
           a.status == attempt_status(f.result) && a.error == cut_error(f.result.error);
  });
}

}  // namespace

AttemptStatus attempt_status(const DeliveryResult& result) {
  if (result.outcome == DeliveryResult::Outcome::delivered ||
      result.outcome == DeliveryResult::Outcome::delivered_unconfirmed)
    return AttemptStatus::success;
  if (result.permanent) return AttemptStatus::invalid;
  return result.timed_out ? AttemptStatus::timeout : AttemptStatus::failed;
}

void Memory::observe(const Status& status, Instant now) {
  for (const Attempt& attempt : status.attempts) {
    if (attempt.status != AttemptStatus::pending) continue;
    ChannelMemory& memory = channels[attempt.channel];
    if (memory.doubt && memory.doubt->attempt == attempt.number && memory.doubt->mark == attempt.error)
      continue;
    memory.doubt = ChannelMemory::Doubt{attempt.number, attempt.error, now, 0, {}, {}};
  }
  for (const ChannelStatus& channel : status.channels) {
    if (!channel.next_attempt) continue;
    std::optional<ChannelMemory::Wait>& wait = channels[channel.channel].wait;
    if (!wait || wait->until != *channel.next_attempt) wait = {*channel.next_attempt, now};
  }
  for (auto& [channel, memory] : channels) {
    const ChannelStatus* shown = status.find_channel(channel);
    if (shown == nullptr || !shown->next_attempt) memory.wait.reset();
    if (memory.finished && is_recorded(status, channel, *memory.finished)) memory.finished.reset();
    if (memory.doubt && status.find_pending(channel) == nullptr) memory.doubt.reset();
  }
}

void Memory::glimpse(const Status& status, Instant now) {
  for (const Attempt& attempt : status.attempts) {
    if (attempt.status != AttemptStatus::pending) continue;
    ChannelMemory& memory = channels[attempt.channel];
    if (memory.doubt && memory.doubt->attempt >= attempt.number) continue;
    memory.doubt = ChannelMemory::Doubt{attempt.number, attempt.error, now, 0, {}, {}};
  }
}

bool Memory::has_unrecorded_results() const {
  return std::any_of(channels.begin(), channels.end(),
                     [](const auto& c) { return c.second.finished.has_value(); });
}

}  // namespace racebed::notification
