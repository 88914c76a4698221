#include "models/apiserver/notification_schema.hpp"

#include "models/apiserver/status.hpp"

namespace racebed::models {
namespace {

void set_default(Json& object, const char* key, Json value) {
  if (!object.contains(key) || object[key].is_null()) object[key] = std::move(value);
}

void default_and_prune(Json& object) {
  auto spec = object.find("spec");
  if (spec == object.end() || !spec->is_object()) return;
  set_default(*spec, "priority", "medium");
  if (auto policy = spec->find("retryPolicy"); policy != spec->end() && policy->is_object()) {
    set_default(*policy, "maxAttempts", 5);
    set_default(*policy, "initialBackoffSeconds", 30);
    set_default(*policy, "backoffMultiplier", 2);
    set_default(*policy, "maxBackoffSeconds", 480);
  }
  set_default(*spec, "retentionDays", 7);
}

std::vector<Cause> validate(const Json& object, const Json* old) {
  std::vector<Cause> causes;
  static const char* const kRequired[] = {"type", "priority", "recipients", "subject", "body", "channels"};
  const auto spec = object.find("spec");
  if (spec != object.end() && spec->is_object()) {
    for (const char* field : kRequired) {
      if (!spec->contains(field)) {
        causes.push_back({"FieldValueRequired", std::string("spec.") + field, "Required value"});
      }
    }
  }
  if (old != nullptr && old->contains("spec") && spec != object.end() && (*old)["spec"] != *spec) {
    causes.push_back({"FieldValueInvalid", "spec",
                      "Invalid value: \"object\": spec is immutable after creation (DD-NOT-005)"});
  }
  return causes;
}

}  // namespace

ResourceType notification_request_type() {
  return {.group = "notification.kubernaut.ai",
          .version = "v1alpha1",
          .plural = "notificationrequests",
          .singular = "notificationrequest",
          .kind = "NotificationRequest",
          .custom = true,
          .has_status = true,
          .has_generation = true,
          .default_and_prune = default_and_prune,
          .validate = validate};
}

}  // namespace racebed::models
