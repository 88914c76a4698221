// A watch of a kind in another version than the one that is kept.
#pragma once

#include <memory>

#include "models/apiserver/http.hpp"
#include "models/apiserver/resource.hpp"

namespace racebed::models {

/// Hands on the events of `watch`, their objects shown in the version of `type`, as it is by now.
std::unique_ptr<ApiWatch> watch_in_version(std::unique_ptr<ApiWatch> watch, const ResourceType& type);

}  // namespace racebed::models
