// What clients ask before they know what there is: health, versions, groups and their resources
// (kubernetes.md §1.17; recorded cases of the group "discovery").
#pragma once

#include <optional>

#include "models/apiserver/http.hpp"
#include "models/apiserver/resource.hpp"

namespace racebed::models {

/// Nothing if `path` is none of these.
std::optional<ApiHttpResponse> discover(std::string_view path, const Registry& registry);

/// What the server says of a path that it knows nothing of.
ApiHttpResponse page_not_found();

}  // namespace racebed::models
