// A status as the documented API means it, read leniently: a subject may leave anything out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/ledger/fact.hpp"
#include "runtime/time.hpp"

namespace racebed::experiments {

struct AttemptView {
  std::string channel;
  std::optional<std::int64_t> number;
  std::string timestamp;
  std::string status;  // "pending", "success" or how it failed
  std::string error;
  bool is_pending() const { return status == "pending"; }
  bool is_success() const { return status == "success"; }
  bool is_failure() const { return !is_pending() && !is_success(); }
};

struct StatusView {
  StatusView() = default;  // of an object that has none
  explicit StatusView(const models::Json& object);

  std::string phase;
  std::string reason;
  std::string message;
  std::vector<AttemptView> attempts;
  std::map<std::string, std::string> times;  // queuedAt, processingStartedAt, completionTime: those present
  std::map<std::string, std::int64_t> counters;   // totalAttempts ..., observedGeneration: those present
  std::map<std::string, std::string> conditions;  // type: status

  bool is_terminal() const { return phase == "Sent" || phase == "PartiallySent" || phase == "Failed"; }
  /// Channels with a success.
  std::set<std::string> delivered() const;
  /// Channels that were tried and have none.
  std::set<std::string> failed() const;
};

/// The status itself; an empty object if there is none.
const models::Json& status_of(const models::Json& object);
/// A status commit of a notification, by a controller's process; null otherwise.
const models::Committed* controller_status(const models::Fact& fact);

}  // namespace racebed::experiments
