// What clients ask before they know what there is: health, versions, groups and their resources, schemas
// (kubernetes.md §1.17; recorded cases of the group "discovery").
#pragma once

#include <optional>

#include "models/apiserver/http.hpp"
#include "models/apiserver/resource.hpp"

namespace racebed::models {

/// Nothing if the request's path is none of these.
std::optional<ApiHttpResponse> discover(const ApiHttpRequest& request, const Registry& registry);

/// What the server says of a path that it knows nothing of: below /api and /apis plain text, elsewhere the
/// paths there are.
ApiHttpResponse unknown_path(std::string_view target);

}  // namespace racebed::models
