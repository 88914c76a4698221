#include "models/apiserver/notification_schema.hpp"

#include <nlohmann/json.hpp>

#include "models/apiserver/crd.hpp"

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

// All but the schemas.
constexpr const char* kDefinition = R"json({
  "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
  "metadata": {"name": "notificationrequests.notification.kubernaut.ai"},
  "spec": {
    "group": "notification.kubernaut.ai", "scope": "Namespaced",
    "names": {
      "kind": "NotificationRequest", "listKind": "NotificationRequestList", "plural": "notificationrequests",
      "singular": "notificationrequest", "shortNames": ["notif", "notifs"]},
    "versions": [{
      "name": "v1alpha1", "served": true, "storage": true, "subresources": {"status": {}},
      "additionalPrinterColumns": [
        {"name": "Type", "type": "string", "jsonPath": ".spec.type"},
        {"name": "Priority", "type": "string", "jsonPath": ".spec.priority"},
        {"name": "Phase", "type": "string", "jsonPath": ".status.phase"},
        {"name": "Attempts", "type": "integer", "jsonPath": ".status.totalAttempts"},
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}]}]}})json";

/// A1's additions, which the recorded CustomResourceDefinition lacks.
void add_to_status(Json& status) {
  status["phase"]["enum"].push_back("Retrying");
  status["deliveryAttempts"]["items"]["properties"]["status"]["enum"].push_back("pending");
}

Json schema_of(const NotificationTypeOptions& options) {
  Json spec = Json::parse(kSpec);
  Json status = Json::parse(kStatus);
  if (options.additions) {
    add_to_status(status["properties"]);
  } else {
    status["properties"].erase("channels");
  }
  if (options.spec_immutable) {
    spec["x-kubernetes-validations"] = Json::array(
        {{{"rule", "self == oldSelf"}, {"message", "spec is immutable after creation (DD-NOT-005)"}}});
  }
  return {{"type", "object"},
          {"description", "A message, and whether it has arrived."},
          {"properties",
           {{"apiVersion", {{"type", "string"}}},
            {"kind", {{"type", "string"}}},
            {"metadata", {{"type", "object"}}},
            {"spec", std::move(spec)},
            {"status", std::move(status)}}}};
}

}  // namespace

Json notification_definition(const NotificationTypeOptions& options) {
  Json definition = Json::parse(kDefinition);
  complete_definition(definition);
  definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = schema_of(options);
  return definition;
}

ResourceType notification_request_type(const NotificationTypeOptions& options) {
  return std::move(types_of_definition(notification_definition(options)).front());
}

}  // namespace racebed::models
