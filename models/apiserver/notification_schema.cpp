#include "models/apiserver/notification_schema.hpp"

#include <memory>

#include "models/apiserver/schema.hpp"
#include "models/apiserver/status.hpp"

namespace racebed::models {
namespace {

constexpr const char* kSpec = R"json({
  "type": "object", "description": "What to say, to whom, and how hard to try. Does not change.",
  "required": ["type", "priority", "recipients", "subject", "body", "channels"],
  "properties": {
    "type": {
      "type": "string", "enum": ["escalation", "simple", "status-update"],
      "description": "What kind of notification it is."},
    "priority": {
      "type": "string", "enum": ["critical", "high", "medium", "low"], "default": "medium",
      "description": "How urgent it is."},
    "recipients": {
      "type": "array", "minItems": 1,
      "description": "Who gets it; each channel takes the address that it knows.",
      "items": {
        "type": "object",
        "properties": {
          "email": {"type": "string"}, "slack": {"type": "string"}, "teams": {"type": "string"},
          "phone": {"type": "string"}, "webhookURL": {"type": "string"}}}},
    "subject": {"type": "string", "minLength": 1, "maxLength": 500, "description": "One line."},
    "body": {"type": "string", "minLength": 1, "description": "The text."},
    "channels": {
      "type": "array", "minItems": 1, "description": "Where it is delivered.",
      "items": {"type": "string", "enum": ["email", "slack", "teams", "sms", "webhook", "console", "file", "log"]}},
    "metadata": {
      "type": "object", "description": "Context, as keys and values.",
      "additionalProperties": {"type": "string"}},
    "actionLinks": {
      "type": "array", "description": "Where to go from there.",
      "items": {
        "type": "object", "required": ["service", "url", "label"],
        "properties": {"service": {"type": "string"}, "url": {"type": "string"}, "label": {"type": "string"}}}},
    "retryPolicy": {
      "type": "object", "description": "How often, and how long apart, delivery is tried.",
      "properties": {
        "maxAttempts": {"type": "integer", "default": 5, "minimum": 1, "maximum": 10, "description": "For each channel."},
        "initialBackoffSeconds": {
          "type": "integer", "default": 30, "minimum": 1, "maximum": 300,
          "description": "Between the first attempt and the second."},
        "backoffMultiplier": {
          "type": "integer", "default": 2, "minimum": 1, "maximum": 10,
          "description": "How much longer each wait is than the one before."},
        "maxBackoffSeconds": {
          "type": "integer", "default": 480, "minimum": 60, "maximum": 3600,
          "description": "No wait is longer."}}},
    "retentionDays": {
      "type": "integer", "default": 7, "minimum": 1, "maximum": 90,
      "description": "How long it is kept when it has ended."}}})json";

constexpr const char* kStatus = R"json({
  "type": "object", "description": "What has become of it.",
  "properties": {
    "phase": {
      "type": "string", "enum": ["Pending", "Sending", "Sent", "PartiallySent", "Failed"],
      "description": "Where delivery stands, over all channels."},
    "reason": {"type": "string", "description": "Why it is in this phase, in one word."},
    "message": {"type": "string", "description": "The same for a person."},
    "observedGeneration": {"type": "integer", "description": "The generation that this status speaks of."},
    "totalAttempts": {"type": "integer", "description": "Attempts so far, over all channels."},
    "successfulDeliveries": {"type": "integer", "description": "Channels that have taken it."},
    "failedDeliveries": {"type": "integer", "description": "Channels that have given up on it."},
    "queuedAt": {"type": "string", "format": "date-time", "description": "When the controller saw it first."},
    "completionTime": {"type": "string", "format": "date-time", "description": "When it ended."},
    "processingStartedAt": {"type": "string", "format": "date-time", "description": "When its first attempt began."},
    "conditions": {
      "type": "array", "description": "What is true of it, by type.",
      "items": {
        "type": "object", "required": ["type", "status", "lastTransitionTime", "reason", "message"],
        "properties": {
          "type": {"type": "string"}, "status": {"type": "string"},
          "lastTransitionTime": {"type": "string"}, "reason": {"type": "string"},
          "message": {"type": "string"}}}},
    "deliveryAttempts": {
      "type": "array", "description": "Each attempt, in order.",
      "items": {
        "type": "object", "required": ["channel", "attempt", "timestamp", "status"],
        "properties": {
          "channel": {"type": "string"}, "attempt": {"type": "integer"},
          "timestamp": {"type": "string", "format": "date-time"},
          "status": {"type": "string", "enum": ["success", "failed", "timeout", "invalid"]},
          "error": {"type": "string"}, "durationSeconds": {"type": "number"}}}},
    "channels": {
      "type": "array", "description": "Where delivery stands in each channel.",
      "items": {
        "type": "object", "required": ["channel"],
        "properties": {
          "channel": {"type": "string"}, "state": {"type": "string"}, "attempts": {"type": "integer"},
          "nextAttemptTime": {"type": "string", "format": "date-time"}, "lastError": {"type": "string"},
          "breaker": {"type": "string"}}}}}})json";

// A1's additions, which the recorded CustomResourceDefinition lacks.
constexpr const char* kAddedPhase = "Retrying";
constexpr const char* kAddedAttemptStatus = "pending";

struct Schemas {
  Schema spec;
  Schema status;
  std::shared_ptr<const Json> whole;  // for people
};

Schemas schemas(const NotificationTypeOptions& options) {
  Json status = Json::parse(kStatus);
  if (options.additions) {
    status["properties"]["phase"]["enum"].push_back(kAddedPhase);
    status["properties"]["deliveryAttempts"]["items"]["properties"]["status"]["enum"].push_back(
        kAddedAttemptStatus);
  }
  const Json spec = Json::parse(kSpec);
  Json whole{{"type", "object"},
             {"description", "A message, and whether it has arrived."},
             {"properties", {{"spec", spec}, {"status", status}}}};
  return {Schema(spec), Schema(status), std::make_shared<const Json>(std::move(whole))};
}

void default_and_prune(const Schemas& schemas, Json& object) {
  for (auto it = object.begin(); it != object.end();) {
    const std::string& key = it.key();
    const bool known =
        key == "apiVersion" || key == "kind" || key == "metadata" || key == "spec" || key == "status";
    it = known ? std::next(it) : object.erase(it);
  }
  if (auto spec = object.find("spec"); spec != object.end()) {
    schemas.spec.prune(*spec);
    schemas.spec.apply_defaults(*spec);
  }
  if (auto status = object.find("status"); status != object.end()) schemas.status.prune(*status);
}

std::vector<Cause> validate(const Schemas& schemas, bool spec_immutable, const Json& object,
                            const Json* old) {
  std::vector<Cause> causes;
  const auto spec = object.find("spec");
  const auto old_spec = old == nullptr ? spec : old->find("spec");
  const bool spec_changed = old == nullptr || (spec == object.end()) != (old_spec == old->end()) ||
                            (spec != object.end() && *spec != *old_spec);
  if (spec_changed && spec != object.end()) schemas.spec.check(*spec, "spec", causes);
  if (const auto status = object.find("status"); status != object.end()) {
    schemas.status.check(*status, "status", causes);
  }
  if (spec_immutable && old != nullptr && spec_changed && spec != object.end() && old_spec != old->end()) {
    causes.push_back({"FieldValueInvalid", "spec",
                      "Invalid value: \"object\": spec is immutable after creation (DD-NOT-005)"});
  }
  return causes;
}

}  // namespace

ResourceType notification_request_type(const NotificationTypeOptions& options) {
  const auto compiled = std::make_shared<const Schemas>(schemas(options));
  return {.group = "notification.kubernaut.ai",
          .version = "v1alpha1",
          .plural = "notificationrequests",
          .singular = "notificationrequest",
          .kind = "NotificationRequest",
          .short_names = {"notif", "notifs"},
          .columns = {{.name = "Type", .type = "string", .json_path = ".spec.type"},
                      {.name = "Priority", .type = "string", .json_path = ".spec.priority"},
                      {.name = "Phase", .type = "string", .json_path = ".status.phase"},
                      {.name = "Attempts", .type = "integer", .json_path = ".status.totalAttempts"},
                      {.name = "Age", .type = "date", .json_path = ".metadata.creationTimestamp"}},
          .openapi = compiled->whole,
          .storage_version_hash = "rpwc5qqTU2Q=",
          .custom = true,
          .has_status = true,
          .has_generation = true,
          .default_and_prune = [compiled](Json& object) { default_and_prune(*compiled, object); },
          .validate = [compiled, immutable = options.spec_immutable](
                          const Json& object,
                          const Json* old) { return validate(*compiled, immutable, object, old); }};
}

}  // namespace racebed::models
