// Audit records on their way to a sink that may not take them: what it has not taken is owed, and offered
// again. Bounded: where there is no room, who has a record keeps it.
#pragma once

#include <cstddef>
#include <deque>

#include "core/notification/audit.hpp"

namespace racebed::notification {

class AuditOutbox {
 public:
  /// `sink` may be null: then every record is taken, and nothing is owed. It outlives the outbox.
  AuditOutbox(AuditSink* sink, std::size_t owed_max) : sink_(sink), owed_max_(owed_max) {}

  /// Hands it over, or owes it. False: neither, because too many are owed.
  bool say(const AuditRecord& record);
  /// Offers what is owed, up to the first that is not taken. True: nothing is owed any more.
  bool settle();

 private:
  AuditSink* sink_;
  std::size_t owed_max_;
  std::deque<AuditRecord> owed_;
};

}  // namespace racebed::notification
