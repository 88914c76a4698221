#include "core/notification/draft.hpp"

#include <algorithm>

#include "core/notification/notification.hpp"
#include "runtime/assert.hpp"

namespace racebed::notification {
namespace {

using Outcome = DeliveryResult::Outcome;

/// Records of one channel in one status; only crashes can lead to more than the policy's attempts.
constexpr int kRecordsMax = 50;

std::string count_of(int n, std::size_t total) {
  return std::to_string(n) + "/" + std::to_string(total);
}

/// A channel's durable state where a status has none (written by an older controller): from its attempts.
ChannelStatus derive_channel(const Status& status, const std::string& name) {
  ChannelStatus channel;
  channel.channel = name;
  for (const Attempt& attempt : status.attempts) {
    if (attempt.channel != name) continue;
    if (attempt.status == AttemptStatus::pending) {
      channel.state = ChannelState::pending;
    } else {
      ++channel.attempts;
      channel.last_error = attempt.error;
      if (channel.state == ChannelState::waiting) channel.state = ChannelState::retrying;
    }
  }
  if (status.has_success(name)) channel.state = ChannelState::delivered;
  return channel;
}

bool may_have_arrived(const DeliveryResult& result) {
  return result.outcome == Outcome::unknown || result.outcome == Outcome::delivered_unconfirmed;
}

}  // namespace

Status first_status(const StepInput& input) {
  Status status;
  status.conditions = read_status(input.object).conditions;  // of other clients, who may come first
  status.queued_at = to_rfc3339(input.wall);
  status.observed_generation = input.object.generation();
  for (const std::string& name : read_channels(input.object)) {
    status.channels.emplace_back();
    status.channels.back().channel = name;
  }
  set_phase(status, Phase::pending, "Initialized", "Notification request received", input.wall);
  return status;
}

Draft::Draft(const StepInput& input, const Status& stored)
    : status(stored),
      deadline(input.object.creation_timestamp().value_or(input.wall) + input.config.deadline),
      input_(input),
      policy_(read_retry_policy(input.object)) {
  for (const std::string& name : read_channels(input.object)) {
    if (status.find_channel(name) == nullptr) status.channels.push_back(derive_channel(status, name));
  }
  status.observed_generation = input.object.generation();
}

const ChannelMemory* Draft::memory_of(const std::string& channel) const {
  const auto found = input_.memory.channels.find(channel);
  return found == input_.memory.channels.end() ? nullptr : &found->second;
}

bool Draft::is_ours_to_send(const Attempt& attempt) const {
  if (attempt.status != AttemptStatus::pending || attempt.error != input_.mark) return false;
  const ChannelMemory* memory = memory_of(attempt.channel);
  return memory != nullptr && memory->intent && memory->intent->attempt == attempt.number &&
         memory->last_sent < attempt.number &&
         input_.now - memory->intent->written_from <= input_.config.intent_fresh;
}

void Draft::fold() {
  for (ChannelStatus& channel : status.channels) fold_channel(channel);
}

void Draft::fold_channel(ChannelStatus& channel) {
  const ChannelMemory* memory = memory_of(channel.channel);
  if (memory != nullptr && memory->finished) fold_finished(channel, *memory->finished);
  if (status.has_success(channel.channel)) {
    channel.state = ChannelState::delivered;
    channel.next_attempt.reset();
    channel.breaker.clear();
    if (Attempt* pending = status.find_pending(channel.channel)) {
      pending->status = AttemptStatus::failed;
      pending->error = "not needed: already delivered";
    }
    return;
  }
  if (!input_.channels.contains(channel.channel)) {
    if (channel.is_final()) return;
    if (Attempt* pending = status.find_pending(channel.channel))
      interrupt(channel, *pending, "unsupported channel");
    Attempt record;
    record.channel = channel.channel;
    record.number = status.next_number(channel.channel);
    record.timestamp = to_rfc3339(input_.wall);
    record.status = AttemptStatus::invalid;
    record.error = "unsupported channel";
    status.attempts.push_back(std::move(record));
    return give_up(channel, "unsupported channel");
  }
  if (Attempt* pending = status.find_pending(channel.channel)) fold_pending(channel, *pending);
  if (channel.is_final()) return;
  const bool keeps_waiting = !view_of(channel).admitted && view_of(channel).breaker == "open";
  if (keeps_waiting) channel.breaker = "open";
  if (input_.wall >= deadline) {
    if (Attempt* pending = status.find_pending(channel.channel))
      interrupt(channel, *pending, "outcome unknown at the deadline");
    give_up(channel,
            channel.last_error.empty() ? "deadline exceeded" : "deadline exceeded; " + channel.last_error);
  } else if (status.records(channel.channel) >= kRecordsMax &&
             status.find_pending(channel.channel) == nullptr) {
    give_up(channel, "too many interrupted attempts");
  }
}

void Draft::fold_finished(ChannelStatus& channel, const ChannelMemory::Finished& finished) {
  if (!input_.channels.contains(channel.channel)) return;
  const Guarantee guarantee = view_of(channel).guarantee;
  const bool arrived =
      finished.result.outcome == Outcome::delivered ||
      (finished.result.outcome == Outcome::delivered_unconfirmed && guarantee != Guarantee::probe);
  // Under probe doubt is settled by asking, see fold_pending().
  if (guarantee == Guarantee::probe && finished.had_intent && may_have_arrived(finished.result)) return;
  if (channel.state == ChannelState::failed && !arrived) return;
  Attempt* record = nullptr;
  for (Attempt& a : status.attempts) {
    const bool same = a.channel == channel.channel && a.number == finished.attempt;
    if (same && finished.had_intent && a.status == AttemptStatus::pending) record = &a;
  }
  if (record == nullptr) {
    Attempt added;
    added.channel = channel.channel;
    added.number = status.next_number(channel.channel);
    record = &status.attempts.emplace_back(std::move(added));
  }
  record->timestamp = to_rfc3339(finished.started);
  record->duration_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(finished.ended - finished.started).count();
  if (arrived) return succeed(channel, *record);
  fail(channel, *record, finished);
  if (guarantee == Guarantee::at_most_once && may_have_arrived(finished.result))
    give_up(channel, "may have arrived, and at-most-once does not send again; " + finished.result.error);
}

void Draft::succeed(ChannelStatus& channel, Attempt& record) {
  record.status = AttemptStatus::success;
  record.error.clear();
  ++channel.attempts;
  channel.state = ChannelState::delivered;
  channel.next_attempt.reset();
  channel.breaker.clear();
}

void Draft::fail(ChannelStatus& channel, Attempt& record, const ChannelMemory::Finished& finished) {
  const DeliveryResult& result = finished.result;
  record.status = attempt_status(result);
  if (record.status == AttemptStatus::success)
    record.status = AttemptStatus::failed;  // unconfirmed, and not found
  record.error = cut_error(result.error);
  ++channel.attempts;
  channel.last_error = record.error;
  channel.breaker = view_of(channel).breaker == "closed" ? std::string() : view_of(channel).breaker;
  const bool certificate = result.error_class && is_certificate_failure(*result.error_class);
  const bool permanent = result.permanent || (certificate && input_.config.tls == TlsPolicy::fail_fast);
  if (permanent || channel.attempts >= policy_.attempts_max) return give_up(channel, record.error);
  channel.state = ChannelState::retrying;
  channel.next_attempt = next_attempt(policy_, channel.attempts, finished.jitter, finished.ended,
                                      result.retry_after, input_.config.retry_after_max);
}

void Draft::interrupt(ChannelStatus& channel, Attempt& record, std::string why) {
  record.status = AttemptStatus::failed;
  record.error = cut_error(why);
  channel.last_error = record.error;
  if (channel.state == ChannelState::pending) {
    channel.state = channel.attempts > 0 ? ChannelState::retrying : ChannelState::waiting;
  }
}

void Draft::give_up(ChannelStatus& channel, std::string why) {
  channel.state = ChannelState::failed;
  channel.last_error = cut_error(why);
  channel.next_attempt.reset();
}

bool Draft::is_settled_doubt(const ChannelStatus& channel) const {
  const ChannelMemory* memory = memory_of(channel.channel);
  return memory != nullptr && memory->doubt && memory->doubt->answer;
}

void Draft::fold_pending(ChannelStatus& channel, Attempt& pending) {
  channel.state = ChannelState::pending;
  if (is_ours_to_send(pending)) return;
  const ChannelMemory* memory = memory_of(channel.channel);
  const bool ours = pending.error == input_.mark;
  if (ours && (memory == nullptr || memory->last_sent < pending.number))
    return interrupt(channel, pending, "not sent: recording the intent took too long");
  const ChannelView& view = view_of(channel);
  if (is_settled_doubt(channel)) {
    if (*memory->doubt->answer == ProbeAnswer::What::found) return succeed(channel, pending);
    if (memory->finished && memory->finished->attempt == pending.number)
      return fail(channel, pending, *memory->finished);
    return interrupt(channel, pending,
                     "interrupted before its result was recorded; the channel's history does not have it");
  }
  if (view.guarantee == Guarantee::probe) return;  // ask first
  // A sender that still lives records its own result; after this long there is none.
  const bool old = memory != nullptr && memory->doubt &&
                   input_.now >= memory->doubt->first_seen + doubt_age(view, input_.config);
  if (!old) return;
  interrupt(channel, pending, "interrupted before its result was recorded");
  if (view.guarantee == Guarantee::at_most_once)
    give_up(channel, "interrupted before its result was recorded; at-most-once does not send again");
}

void Draft::add_intent(const std::string& name) {
  ChannelStatus* channel = status.find_channel(name);
  RACEBED_ASSERT(channel != nullptr && !channel->is_final(), "an intent is for an open channel of the spec");
  Attempt intent;
  intent.channel = name;
  intent.number = status.next_number(name);
  intent.timestamp = to_rfc3339(input_.wall);
  intent.error = input_.mark;
  status.attempts.push_back(std::move(intent));
  channel->state = ChannelState::pending;
  channel->next_attempt.reset();
  channel->breaker.clear();
}

void Draft::conclude() {
  if (status.phase == Phase::pending) {
    if (input_.object.is_deleting()) return;
    status.processing_started_at = to_rfc3339(input_.wall);
    set_phase(status, Phase::sending, "ProcessingDeliveries", "Processing delivery channels", input_.wall);
    return;
  }
  const auto& channels = status.channels;
  if (std::all_of(channels.begin(), channels.end(), [](const ChannelStatus& c) { return c.is_final(); }))
    return verdict();
  const bool retries = status.phase == Phase::retrying ||
                       std::any_of(channels.begin(), channels.end(),
                                   [](const ChannelStatus& c) { return c.attempts > 0 && !c.is_final(); });
  if (!retries) return;
  const std::string delivered = count_of(status.successful_deliveries(), channels.size());
  const std::string message =
      "Delivered to " + delivered + " channel(s), retrying failed channels with backoff";
  if (status.phase == Phase::retrying && status.message == message) return;
  set_phase(status, Phase::retrying, "PartialFailureRetrying", message, input_.wall);
}

void Draft::verdict() {
  const auto& channels = status.channels;
  const auto delivered = std::count_if(channels.begin(), channels.end(), [](const ChannelStatus& c) {
    return c.state == ChannelState::delivered;
  });
  const std::string of_all = count_of(static_cast<int>(delivered), channels.size());
  if (channels.empty())
    return set_phase(status, Phase::failed, "NoChannelsResolved", "No channel to deliver to", input_.wall);
  if (delivered == static_cast<std::ptrdiff_t>(channels.size()))
    return set_phase(status, Phase::sent, "AllDeliveriesSucceeded",
                     "Successfully delivered to " + std::to_string(delivered) + " channel(s)", input_.wall);
  if (delivered > 0)
    return set_phase(status, Phase::partially_sent, "PartialDeliverySuccess",
                     "Delivered to " + of_all + " channel(s), others failed", input_.wall);
  const bool exhausted = std::any_of(channels.begin(), channels.end(), [&](const ChannelStatus& c) {
    return c.attempts >= policy_.attempts_max || input_.wall >= deadline;
  });
  set_phase(status, Phase::failed, exhausted ? "MaxRetriesExhausted" : "AllDeliveriesFailed",
            "All delivery attempts failed or exhausted retries", input_.wall);
}

}  // namespace racebed::notification
