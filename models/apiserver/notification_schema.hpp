// The NotificationRequest resource (notification.md part B.1 with the additions of A1): defaults, and the
// rule that a spec does not change.
#pragma once

#include "models/apiserver/resource.hpp"

namespace racebed::models {

struct NotificationTypeOptions {
  /// The CEL rule `self == oldSelf` on spec. Off only where a server without CEL is the measure.
  bool spec_immutable = true;
  /// A1's phase Retrying and attempt status pending.
  bool additions = true;
};
ResourceType notification_request_type(const NotificationTypeOptions& options = {});

}  // namespace racebed::models
