// When a fault acts: at a moment that the ledger shows. A trigger counts the facts it waits for and fires
// once, at the n-th, inside the telling of that fact: nothing happens in between.
#pragma once

#include <cstdint>
#include <functional>

#include "models/ledger/ledger.hpp"

namespace racebed::faults {

/// Whether a fact is one of those that a trigger counts.
using Moment = std::function<bool(const models::Fact&)>;

/// A channel accepted a message of a notification: for Slack the POST has been accepted and its answer not
/// yet sent.
Moment message_accepted(std::string channel);
/// The store committed a status of a notification.
Moment status_committed();

/// Calls `fire` at the `occurrence`-th such moment (from 1), once. For the life of the ledger.
void at_occurrence(models::Ledger& ledger, Moment moment, std::uint64_t occurrence,
                   std::function<void(const models::Fact&)> fire);

}  // namespace racebed::faults
