// What this process knows of each incarnation, by UID, and what of it has been audited. An entry lives as
// long as its object.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/kube/object.hpp"
#include "core/notification/announcements.hpp"
#include "core/notification/audit_outbox.hpp"
#include "core/notification/memory.hpp"

namespace racebed::notification {

struct Incarnation {
  kube::ObjectKey key;
  std::string uid;
  Memory memory;
  Phase phase = Phase::none;  // as last read
  std::set<std::pair<std::string, int>> audited;
  bool told = true;       // everything that was read has a place in `audited`
  bool finished = false;  // terminal, and all of it audited: the rest is forgotten
};

class Incarnations {
 public:
  /// `audit` may be null; `owed_max`: records that it has not taken, at most.
  Incarnations(Clock& clock, AuditSink* audit, std::size_t owed_max)
      : clock_(clock), outbox_(audit, owed_max) {}

  /// An object as freshly read: makes or updates its entry, drops that of an older incarnation of its key,
  /// audits.
  Incarnation& take_in(const kube::Object& object);
  /// An object as a cache shows it.
  void glimpse(const kube::Object& object);
  /// Nothing has this key any more, as freshly read.
  void gone(const kube::ObjectKey& key);
  /// A cache says so, to a process that does not act: no audit.
  void forget(const kube::Object& object);
  std::size_t size() const { return by_uid_.size(); }
  /// Offers the sink what it has not taken yet. True: it has everything.
  bool settle_audit() { return outbox_.settle(); }
  /// Whether what was last read of `key` has all been handed over, or is owed.
  bool is_told(const kube::ObjectKey& key) const;

 private:
  void drop(const std::string& uid);
  void audit(Incarnation& incarnation, const kube::Object& object, const Status& status);
  void audit_unrecorded(const Incarnation& incarnation);

  Clock& clock_;
  AuditOutbox outbox_;
  std::map<std::string, Incarnation> by_uid_;
  std::map<kube::ObjectKey, std::string> uid_of_;
};

}  // namespace racebed::notification
