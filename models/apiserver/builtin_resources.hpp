// The kinds that the server has from the start, with the rules of each (kubernetes.md §1.9, §1.11, §1.16).
#pragma once

#include "models/apiserver/resource.hpp"

namespace racebed::models {

ResourceType namespace_type();
ResourceType config_map_type();
ResourceType secret_type();
/// v1.
ResourceType event_type();
ResourceType lease_type();

}  // namespace racebed::models
