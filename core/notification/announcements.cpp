#include "core/notification/announcements.hpp"

#include <utility>

namespace racebed::notification {

std::vector<Announcement> announcements(const Status& before, const Status& after) {
  using kube::EventType;
  std::vector<Announcement> said;
  if (before.phase == Phase::none && after.phase == Phase::pending)
    said.push_back({EventType::normal, "ReconcileStarted", "Started reconciling the notification"});
  if (before.phase != after.phase && after.phase == Phase::sending)
    said.push_back({EventType::normal, "PhaseTransition", "Phase is now Sending"});
  for (const ChannelStatus& channel : after.channels) {
    const ChannelStatus* was = before.find_channel(channel.channel);
    if (after.has_success(channel.channel) && !before.has_success(channel.channel))
      said.push_back({EventType::normal, "NotificationSent", "Delivered to " + channel.channel});
    if (channel.breaker == "open" && (was == nullptr || was->breaker != "open"))
      said.push_back(
          {EventType::warning, "CircuitBreakerOpen", "Waiting for the endpoint of " + channel.channel});
    if (channel.state == ChannelState::retrying && (was == nullptr || was->attempts < channel.attempts))
      said.push_back({EventType::normal, "NotificationRetrying",
                      "Delivery to " + channel.channel + " failed: " + channel.last_error});
  }
  if (before.phase != after.phase && after.phase == Phase::partially_sent)
    said.push_back({EventType::normal, "NotificationPartiallySent", after.message});
  if (before.phase != after.phase && after.phase == Phase::failed)
    said.push_back({EventType::warning, "NotificationFailed", after.message});
  return said;
}

std::vector<AuditRecord> audit_records(const kube::Object& object, const Status& status, Time now) {
  AuditRecord record;
  record.uid = std::string(object.uid());
  record.ns = std::string(object.ns());
  record.name = std::string(object.name());
  record.time = now;
  std::vector<AuditRecord> records;
  for (const Attempt& attempt : status.attempts) {
    if (attempt.status == AttemptStatus::pending) continue;
    AuditRecord r = record;
    r.event = attempt.status == AttemptStatus::success ? AuditEvent::sent : AuditEvent::failed;
    r.channel = attempt.channel;
    r.attempt = attempt.number;
    r.error = attempt.error;
    records.push_back(std::move(r));
  }
  if (!is_terminal(status.phase)) return records;
  record.event = status.phase == Phase::sent ? AuditEvent::acknowledged : AuditEvent::escalated;
  records.push_back(std::move(record));
  return records;
}

}  // namespace racebed::notification
