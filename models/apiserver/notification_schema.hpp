// The NotificationRequest resource (notification.md part B.1 with the additions of A1), as the
// CustomResourceDefinition that defines it.
#pragma once

#include "models/apiserver/resource.hpp"

namespace racebed::models {

struct NotificationTypeOptions {
  /// The CEL rule `self == oldSelf` on spec. Off only where a server without CEL is the measure.
  bool spec_immutable = true;
  /// A1's phase Retrying and attempt status pending.
  bool additions = true;
};
/// The document, as a client would create it, valid and complete.
Json notification_definition(const NotificationTypeOptions& options = {});
/// What the document defines, for a world that serves it from the first moment on.
ResourceType notification_request_type(const NotificationTypeOptions& options = {});

}  // namespace racebed::models
