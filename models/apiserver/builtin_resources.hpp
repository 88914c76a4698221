// The kinds that the server has from the start, with the rules of each (kubernetes.md §1.9, §1.11, §1.16).
#pragma once

#include "models/apiserver/resource.hpp"

namespace racebed::models {

ResourceType namespace_type();
ResourceType config_map_type();
ResourceType secret_type();
/// v1.
ResourceType event_type();
/// events.k8s.io/v1: the same events; they are kept as event_type() has them.
ResourceType event_view_type();
ResourceType lease_type();
/// Pruning, types and unknown fields as the kind's `openapi` says: a typed server drops what the kind does
/// not have and refuses what has another type. Requires: `openapi` is set.
void use_schema(ResourceType& type);

}  // namespace racebed::models
