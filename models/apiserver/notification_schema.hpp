// The NotificationRequest resource (notification.md part B.1 with the additions of A1): defaults, and the
// rule that a spec does not change.
#pragma once

#include "models/apiserver/resource.hpp"

namespace racebed::models {

ResourceType notification_request_type();

}  // namespace racebed::models
