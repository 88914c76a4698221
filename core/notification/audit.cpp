#include "core/notification/audit.hpp"

#include "runtime/assert.hpp"

namespace racebed::notification {

std::string_view to_text(AuditEvent event) {
  switch (event) {
    case AuditEvent::sent:
      return "message.sent";
    case AuditEvent::failed:
      return "message.failed";
    case AuditEvent::acknowledged:
      return "message.acknowledged";
    case AuditEvent::escalated:
      return "message.escalated";
    case AuditEvent::cancelled:
      return "message.cancelled";
  }
  RACEBED_ASSERT(false, "every audit event has a text");
  return {};
}

std::string AuditRecord::idempotency_key() const {
  std::string key = uid + "/" + std::string(to_text(event));
  if (!channel.empty()) key += "/" + channel + "/" + std::to_string(attempt);
  return key;
}

}  // namespace racebed::notification
