// The schemas of the built-in kinds: what their members are and mean, as much of them as the kinds' users
// need. Read by validation, by pruning and by `kubectl explain`.
#pragma once

#include <memory>
#include <string_view>

#include "models/ledger/fact.hpp"

namespace racebed::models {

/// "Namespace", "ConfigMap", "Secret", "Event", "Lease", "Job". Without metadata, which all kinds share.
std::shared_ptr<const Json> builtin_schema(std::string_view kind);

}  // namespace racebed::models
