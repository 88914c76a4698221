// What the ledger says of each incarnation of a notification: the digest that most invariants judge by. Fed
// fact by fact, before the invariants hear of the fact.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiments/invariants/metrics_page.hpp"
#include "experiments/invariants/status_view.hpp"
#include "experiments/invariants/tries.hpp"
#include "models/ledger/fact.hpp"

namespace racebed::experiments {

/// A message that a channel took, and has.
struct DeliveryRecord {
  std::string channel;
  std::string sender;
  Time time;
  std::uint64_t fact = 0;
  std::string message{};  // the channel's own name for it
};

struct Incarnation {
  std::string ns;
  std::string name;
  std::string uid;
  std::string token;
  std::vector<std::string> channels;  // spec.channels, each once
  Time created;
  std::uint64_t created_fact = 0;
  std::optional<Time> removed;
  std::uint64_t removed_fact = 0;
  std::optional<Time> deleted;  // marked for deletion, or removed without that
  std::uint64_t deleted_fact = 0;
  std::vector<DeliveryRecord> deliveries;
  std::vector<Try> tries;  // on all channels, in the order in which they came
  /// By channel: when the status first showed one more failed try.
  std::map<std::string, std::vector<Time>> failures_shown;
  models::JsonPtr object;         // the latest version
  StatusView status;              // of that version
  std::uint64_t status_fact = 0;  // of the latest status commit
  std::size_t number = 0;         // among the incarnations of its name, from 0

  std::size_t deliveries_on(const std::string& channel) const;
  const std::string& phase() const { return status.phase; }
  bool is_terminal() const { return status.is_terminal(); }
};

/// A controller's process wrote the status of a notification: before and after.
struct StatusWrite {
  StatusView before;
  StatusView after;
};

/// The end of a controller's life, a standstill, or a lost answer: what a declared guarantee may be excused
/// by.
struct Disturbance {
  Time time;
  std::uint64_t fact = 0;
  bool lost_answer = false;  // else a process died
};

class History {
 public:
  void on_fact(const models::Fact& fact);

  // What the fact that is being told shows, read once for all who judge by it; null if it shows no such
  // thing.
  const StatusWrite* status_write() const { return status_write_ ? &*status_write_ : nullptr; }
  const MetricsPage* metrics_page() const { return metrics_page_ ? &*metrics_page_ : nullptr; }

  /// In the order of their creation.
  const std::vector<Incarnation>& incarnations() const { return incarnations_; }
  /// Null if there is none.
  const Incarnation* by_uid(const std::string& uid) const;
  const Incarnation* by_token(const std::string& token) const;
  /// The incarnation of the same name before this one; null for the first.
  const Incarnation* before(const Incarnation& incarnation) const;

  /// When the faults were healed; nothing while the chaos lasts.
  const std::optional<Time>& settled() const { return settled_; }

  /// Whether a process died or stood still, or an answer was lost, in [from, to].
  bool disturbed(Time from, Time to) const;

 private:
  Incarnation* find_uid(const std::string& uid);
  void read(const models::Fact& fact);
  void committed(const models::Fact& fact, const models::Committed& commit);
  void show_failures(Incarnation& incarnation, Time time);
  void delivered(const models::Fact& fact, const models::Delivered& delivered);
  void vanished(const models::Vanished& vanished);
  void requested(const models::Fact& fact, const models::Requested& requested);
  void answered(const models::Fact& fact, const models::Answered& answered);
  std::vector<Incarnation> incarnations_;
  std::map<std::string, std::size_t> by_uid_;
  std::map<std::string, std::size_t> by_token_;
  std::map<std::string, std::vector<std::size_t>> by_name_;
  std::vector<Disturbance> disturbances_;
  std::optional<Time> settled_;
  std::optional<StatusWrite> status_write_;
  std::optional<MetricsPage> metrics_page_;
};

inline constexpr const char* kNotifications = "notificationrequests";

/// status.deliveryAttempts of an object; an empty array if there are none.
const models::Json& attempts_of(const models::Json& object);
std::string phase_of(const models::Json& object);

}  // namespace racebed::experiments
