#include "core/notification/incarnations.hpp"

namespace racebed::notification {

Incarnation& Incarnations::take_in(const kube::Object& object) {
  const kube::ObjectKey key = object.key();
  const std::string uid(object.uid());
  if (auto known = uid_of_.find(key); known != uid_of_.end() && known->second != uid)
    drop(std::string(known->second));
  uid_of_[key] = uid;
  Incarnation& incarnation = by_uid_[uid];
  incarnation.key = key;
  incarnation.uid = uid;
  const Status status = read_status(object);
  incarnation.phase = status.phase;
  if (incarnation.finished) return incarnation;
  incarnation.memory.observe(status, clock_.steady_now());
  audit(incarnation, object, status);
  return incarnation;
}

void Incarnations::glimpse(const kube::Object& object) {
  if (is_terminal(read_phase(object))) return;
  const kube::ObjectKey key = object.key();
  const std::string uid(object.uid());
  const auto known = uid_of_.emplace(key, uid).first;
  if (known->second != uid) return;  // which of the two is older, only a fresh read tells
  Incarnation& incarnation = by_uid_[uid];
  incarnation.key = key;
  incarnation.uid = uid;
  if (!incarnation.finished) incarnation.memory.glimpse(read_status(object), clock_.steady_now());
}

void Incarnations::gone(const kube::ObjectKey& key) {
  if (auto known = uid_of_.find(key); known != uid_of_.end()) drop(std::string(known->second));
}

void Incarnations::forget(const kube::Object& object) {
  const auto known = uid_of_.find(object.key());
  if (known == uid_of_.end() || known->second != object.uid()) return;
  by_uid_.erase(known->second);
  uid_of_.erase(known);
}

void Incarnations::drop(const std::string& uid) {
  const auto found = by_uid_.find(uid);
  if (found == by_uid_.end()) return;
  Incarnation& incarnation = found->second;
  audit_unrecorded(incarnation);
  if (!is_terminal(incarnation.phase)) {
    AuditRecord record;
    record.event = AuditEvent::cancelled;
    record.uid = uid;
    record.ns = incarnation.key.ns;
    record.name = incarnation.key.name;
    record.time = clock_.now();
    (void)outbox_.say(record);
  }
  uid_of_.erase(incarnation.key);
  by_uid_.erase(found);
}

void Incarnations::audit(Incarnation& incarnation, const kube::Object& object, const Status& status) {
  incarnation.told = true;
  for (const AuditRecord& record : audit_records(object, status, clock_.now())) {
    const auto [place, is_new] = incarnation.audited.emplace(record.channel, record.attempt);
    if (!is_new || outbox_.say(record)) continue;
    incarnation.audited.erase(place);
    incarnation.told = false;
  }
  if (!is_terminal(status.phase) || !incarnation.told) return;
  audit_unrecorded(incarnation);  // too late for the status, which does not change any more
  incarnation.finished = true;
  incarnation.audited.clear();
  incarnation.memory.channels.clear();
}

void Incarnations::audit_unrecorded(const Incarnation& incarnation) {
  for (const auto& [channel, memory] : incarnation.memory.channels) {
    if (!memory.finished) continue;
    AuditRecord record;
    const bool arrived = attempt_status(memory.finished->result) == AttemptStatus::success;
    record.event = arrived ? AuditEvent::sent : AuditEvent::failed;
    record.uid = incarnation.uid;
    record.ns = incarnation.key.ns;
    record.name = incarnation.key.name;
    record.channel = channel;
    record.attempt = memory.finished->attempt;
    record.error = memory.finished->result.error;
    record.time = clock_.now();
    (void)outbox_.say(record);
  }
}

bool Incarnations::is_told(const kube::ObjectKey& key) const {
  const auto known = uid_of_.find(key);
  const auto found = known == uid_of_.end() ? by_uid_.end() : by_uid_.find(known->second);
  return found == by_uid_.end() || found->second.told;
}

}  // namespace racebed::notification
