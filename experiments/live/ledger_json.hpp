// A fact of the ledger as JSON, for programs that look on from outside.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "models/ledger/fact.hpp"

namespace racebed::experiments {

/// {"number": 7, "time": "2025-11-29T00:00:00.000000Z", "by": "slack", "kind": "delivered", ...}; objects are
/// named, not copied.
models::Json to_json(const models::Fact& fact);

}  // namespace racebed::experiments
