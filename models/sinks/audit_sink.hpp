// The audit service of the fake world: it takes records in batches, each batch whole or not at all, and
// records what it took in the ledger as the controller's claim.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/ledger/ledger.hpp"
#include "runtime/result.hpp"

namespace racebed::models {

enum class AuditVerdict {
  take,
  unavailable,  // nobody answers: nothing is taken
  answer_lost   // everything is taken, and who sent it does not learn it
};

class AuditPolicy {
 public:
  virtual ~AuditPolicy() = default;
  virtual AuditVerdict audit(const std::string& /*process*/) { return AuditVerdict::take; }
  /// Whether the schema has no place for such a record. `event`: "message.sent" ...
  virtual bool refuses_record(const std::string& /*process*/, std::string_view /*event*/) { return false; }
};

class AuditSink {
 public:
  /// `writer`: whose records these are; evaluated at each call, for its incarnation. All outlive it.
  AuditSink(Ledger& ledger, AuditPolicy& policy, std::function<Actor()> writer)
      : ledger_(ledger), policy_(policy), writer_(std::move(writer)) {}

  /// An error: whether they were taken is not known.
  ErrorCode take(const std::vector<Json>& records);
  /// Whether such a record can be made at all: what a client that checks records against the schema says
  /// before it sends them. take() asks it, too.
  ErrorCode check(const Json& record);

 private:
  Ledger& ledger_;
  AuditPolicy& policy_;
  std::function<Actor()> writer_;
};

}  // namespace racebed::models
