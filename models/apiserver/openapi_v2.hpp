// The OpenAPI v2 document of what is served, as JSON and in the protobuf form that kubectl asks for
// (gnostic's openapi_v2.Document).
#pragma once

#include <string_view>

#include "models/apiserver/http.hpp"
#include "models/apiserver/resource.hpp"

namespace racebed::models {

/// GET /openapi/v2; `accept` says which form.
ApiHttpResponse openapi_v2(const Registry& registry, std::string_view accept);

}  // namespace racebed::models
