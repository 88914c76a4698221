// Which requests to an API server a fault concerns.
#pragma once

#include <string_view>

#include "faults/plan.hpp"
#include "models/apiserver/http.hpp"

namespace racebed::faults {

bool concerns(const RequestFilter& filter, const models::ApiHttpRequest& request);

/// Whether the path names this resource ("leases") or subresource ("notificationrequests/status").
bool names_resource(std::string_view target, std::string_view resource);

}  // namespace racebed::faults
