// Who holds the lease, as the store knows it: not what any process believes.
#pragma once

#include <string>

#include "models/ledger/ledger.hpp"

namespace racebed::faults {

class LeaseHolder {
 public:
  /// Listens to `ledger` for its life.
  explicit LeaseHolder(models::Ledger& ledger);
  /// spec.holderIdentity of the last Lease committed; empty while nobody holds one.
  const std::string& identity() const { return identity_; }

 private:
  std::string identity_;
};

/// The holder that a committed Lease names; nothing if the fact is no such commit.
const std::string* lease_holder_of(const models::Fact& fact);

}  // namespace racebed::faults
