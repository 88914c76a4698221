#include "faults/leader.hpp"

#include <nlohmann/json.hpp>

namespace racebed::faults {

const std::string* lease_holder_of(const models::Fact& fact) {
  static const std::string kNobody;
  const auto* commit = std::get_if<models::Committed>(&fact.what);
  if (commit == nullptr || commit->object.resource != "leases") return nullptr;
  if (commit->after == nullptr) return &kNobody;
  const auto spec = commit->after->find("spec");
  if (spec == commit->after->end()) return &kNobody;
  const auto holder = spec->find("holderIdentity");
  return holder == spec->end() || !holder->is_string() ? &kNobody : holder->get_ptr<const std::string*>();
}

LeaseHolder::LeaseHolder(models::Ledger& ledger) {
  ledger.subscribe([this](const models::Fact& fact) {
    if (const std::string* holder = lease_holder_of(fact)) identity_ = *holder;
  });
}

}  // namespace racebed::faults
