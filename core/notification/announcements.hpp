// What a committed status change is worth saying: Kubernetes Events and audit records, found by comparing the
// status before with the status after.
#pragma once

#include <string>
#include <vector>

#include "core/kube/events.hpp"
#include "core/notification/audit.hpp"
#include "core/notification/status.hpp"

namespace racebed::notification {

struct Announcement {
  kube::EventType type = kube::EventType::normal;
  std::string reason;
  std::string message;
};

/// The Events of specification C.5 for this change.
std::vector<Announcement> announcements(const Status& before, const Status& after);

/// Every audit record that a status gives rise to, in order. Records already handed over are the caller's to
/// skip.
std::vector<AuditRecord> audit_records(const kube::Object& object, const Status& status, Time now);

}  // namespace racebed::notification
