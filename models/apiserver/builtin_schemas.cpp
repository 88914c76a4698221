#include "models/apiserver/builtin_schemas.hpp"

#include <nlohmann/json.hpp>

#include "models/apiserver/job_schema.hpp"
#include "runtime/assert.hpp"

namespace racebed::models {
namespace {

constexpr const char* kNamespace = R"json({
"type": "object",
"description": "A space for names.",
"properties": {
  "spec": {"type": "object", "description": "What is wanted.", "properties": {
    "finalizers": {"type": "array", "items": {"type": "string"}, "description": "Who must agree before the namespace goes."}}},
  "status": {"type": "object", "description": "How it is.", "properties": {
    "phase": {"type": "string", "description": "Active or Terminating."},
    "conditions": {"type": "array", "description": "What keeps a deletion from being finished.", "items": {"type": "object", "properties": {
      "type": {"type": "string"}, "status": {"type": "string"}, "reason": {"type": "string"}, "message": {"type": "string"},
      "lastTransitionTime": {"type": "string", "nullable": true}}}}}}
}})json";

constexpr const char* kConfigMap = R"json({
"type": "object",
"description": "Configuration, as keys and values.",
"properties": {
  "data": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Texts by key."},
  "binaryData": {"type": "object", "additionalProperties": {"type": "string", "format": "byte"}, "description": "Bytes by key, in base64; no key of data."},
  "immutable": {"type": "boolean", "description": "Nothing of the data changes any more."}
}})json";

constexpr const char* kSecret = R"json({
"type": "object",
"description": "Secrets, as keys and bytes.",
"properties": {
  "data": {"type": "object", "additionalProperties": {"type": "string", "format": "byte"}, "description": "Bytes by key, in base64."},
  "stringData": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Texts by key, for writing only: they go into data."},
  "type": {"type": "string", "description": "What kind of secret; does not change."},
  "immutable": {"type": "boolean", "description": "Nothing of the data changes any more."}
}})json";

constexpr const char* kReference = R"json({"type": "object", "properties": {
  "kind": {"type": "string"}, "namespace": {"type": "string"}, "name": {"type": "string"}, "uid": {"type": "string"},
  "apiVersion": {"type": "string"}, "resourceVersion": {"type": "string"}, "fieldPath": {"type": "string"}}})json";

constexpr const char* kEvent = R"json({
"type": "object",
"description": "Something that happened to an object.",
"properties": {
  "involvedObject": {"type": "object", "description": "What it happened to."},
  "related": {"type": "object", "nullable": true, "description": "Another object that has to do with it."},
  "reason": {"type": "string", "description": "Why, in one word."},
  "message": {"type": "string", "description": "For a person."},
  "source": {"type": "object", "description": "Who says so.", "properties": {"component": {"type": "string"}, "host": {"type": "string"}}},
  "firstTimestamp": {"type": "string", "nullable": true, "description": "When it was seen first."},
  "lastTimestamp": {"type": "string", "nullable": true, "description": "When it was seen last."},
  "eventTime": {"type": "string", "nullable": true, "description": "When it was seen first, to the microsecond."},
  "count": {"type": "integer", "format": "int32", "description": "How often it was seen."},
  "series": {"type": "object", "nullable": true, "description": "How it went on.", "properties": {
    "count": {"type": "integer", "format": "int32"}, "lastObservedTime": {"type": "string", "nullable": true}}},
  "action": {"type": "string", "description": "What was done."},
  "type": {"type": "string", "description": "Normal or Warning."},
  "reportingComponent": {"type": "string", "description": "The controller that says so."},
  "reportingInstance": {"type": "string", "description": "Which of its processes."}
}})json";

constexpr const char* kLease = R"json({
"type": "object",
"description": "Who holds something, and until when.",
"properties": {
  "spec": {"type": "object", "description": "The holder's own claim.", "properties": {
    "holderIdentity": {"type": "string", "nullable": true, "description": "Who holds it; empty: nobody."},
    "leaseDurationSeconds": {"type": "integer", "format": "int32", "nullable": true, "description": "How long others wait after they saw it renewed."},
    "acquireTime": {"type": "string", "nullable": true, "description": "When the holder got it."},
    "renewTime": {"type": "string", "nullable": true, "description": "When the holder renewed it last."},
    "leaseTransitions": {"type": "integer", "format": "int32", "nullable": true, "description": "How often the holder changed."},
    "strategy": {"type": "string", "nullable": true, "description": "How the holder is chosen, in a coordinated election."},
    "preferredHolder": {"type": "string", "nullable": true, "description": "Who should get it next."}}}
}})json";

Json event_schema() {
  Json schema = Json::parse(kEvent);
  const Json reference = Json::parse(kReference);
  for (const char* member : {"involvedObject", "related"}) schema["properties"][member].update(reference);
  return schema;
}

}  // namespace

std::shared_ptr<const Json> builtin_schema(std::string_view kind) {
  if (kind == "Event") return std::make_shared<const Json>(event_schema());
  if (kind == "Job") return std::make_shared<const Json>(job_schema());
  const char* text = kind == "Namespace"   ? kNamespace
                     : kind == "ConfigMap" ? kConfigMap
                     : kind == "Secret"    ? kSecret
                     : kind == "Lease"     ? kLease
                                           : nullptr;
  RACEBED_ASSERT(text != nullptr, "the kind is built in");
  return std::make_shared<const Json>(Json::parse(text));
}

}  // namespace racebed::models
