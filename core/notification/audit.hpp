// Audit records: what happened to a notification, each with a key by which the sink drops repeats. Records
// are handed to the sink at least once: after a restart those of every object are handed over again.
#pragma once

#include <string>
#include <string_view>

#include "runtime/time.hpp"

namespace racebed::notification {

enum class AuditEvent {
  sent,          // an attempt delivered
  failed,        // an attempt did not
  acknowledged,  // the notification is Sent
  escalated,     // it is Failed, or PartiallySent
  cancelled      // its object went before it was finished
};
/// "message.sent" ...
std::string_view to_text(AuditEvent event);

struct AuditRecord {
  AuditEvent event = AuditEvent::sent;
  std::string uid;
  std::string ns;
  std::string name;
  std::string channel;  // of sent and failed
  int attempt = 0;      // of sent and failed; from 1
  std::string error;    // of failed
  Time time;            // when this process handed it over

  /// "UID/message.sent/slack/1": equal for repeats of one thing.
  std::string idempotency_key() const;
};

class AuditSink {
 public:
  virtual ~AuditSink() = default;
  /// False: it has not taken it, or cannot say so; the same record is to be handed over again later.
  virtual bool record(const AuditRecord& record) = 0;
};

}  // namespace racebed::notification
