#include "core/notification/audit_outbox.hpp"

namespace racebed::notification {

bool AuditOutbox::say(const AuditRecord& record) {
  if (sink_ == nullptr || sink_->record(record)) return true;
  if (owed_.size() >= owed_max_) return false;
  owed_.push_back(record);
  return true;
}

bool AuditOutbox::settle() {
  while (!owed_.empty()) {
    const bool taken = sink_->record(owed_.front());
    // A record that the sink never takes must not keep the others: it goes to the end.
    if (!taken) owed_.push_back(std::move(owed_.front()));
    owed_.pop_front();
    if (!taken) return false;
  }
  return true;
}

}  // namespace racebed::notification
