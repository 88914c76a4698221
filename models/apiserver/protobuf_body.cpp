#include "models/apiserver/protobuf_body.hpp"

#include <nlohmann/json.hpp>
#include <span>

#include "models/apiserver/base64.hpp"
#include "models/apiserver/protobuf.hpp"
#include "runtime/time.hpp"

namespace racebed::models {
namespace {

enum class Is { text, integer, boolean, time, micro_time, message, texts_by_key, bytes_by_key };

struct Field {
  int number;
  const char* name;
  Is is = Is::text;
  std::span<const Field> inside{};  // of a message
  bool many = false;
  bool pointer = false;  // in Go: what is there counts even if it is empty
};

// Field numbers of Kubernetes' generated.proto files.
constexpr Field kOwnerReference[] = {{1, "kind"},
                                     {3, "name"},
                                     {4, "uid"},
                                     {5, "apiVersion"},
                                     {6, "controller", Is::boolean},
                                     {7, "blockOwnerDeletion", Is::boolean}};
constexpr Field kMetadata[] = {{1, "name"},
                               {2, "generateName"},
                               {3, "namespace"},
                               {5, "uid"},
                               {6, "resourceVersion"},
                               {7, "generation", Is::integer},
                               {8, "creationTimestamp", Is::time},
                               {9, "deletionTimestamp", Is::time},
                               {10, "deletionGracePeriodSeconds", Is::integer, {}, false, true},
                               {11, "labels", Is::texts_by_key},
                               {12, "annotations", Is::texts_by_key},
                               {13, "ownerReferences", Is::message, kOwnerReference, true},
                               {14, "finalizers", Is::text, {}, true}};
constexpr Field kNamespaceSpec[] = {{1, "finalizers", Is::text, {}, true}};
constexpr Field kNamespaceStatus[] = {{1, "phase"}};
constexpr Field kNamespace[] = {{1, "metadata", Is::message, kMetadata},
                                {2, "spec", Is::message, kNamespaceSpec},
                                {3, "status", Is::message, kNamespaceStatus}};
constexpr Field kConfigMap[] = {{1, "metadata", Is::message, kMetadata},
                                {2, "data", Is::texts_by_key},
                                {3, "binaryData", Is::bytes_by_key},
                                {4, "immutable", Is::boolean}};
constexpr Field kSecret[] = {{1, "metadata", Is::message, kMetadata},
                             {2, "data", Is::bytes_by_key},
                             {3, "type"},
                             {4, "stringData", Is::texts_by_key},
                             {5, "immutable", Is::boolean}};
constexpr Field kLeaseSpec[] = {{1, "holderIdentity", Is::text, {}, false, true},
                                {2, "leaseDurationSeconds", Is::integer, {}, false, true},
                                {3, "acquireTime", Is::micro_time},
                                {4, "renewTime", Is::micro_time},
                                {5, "leaseTransitions", Is::integer, {}, false, true},
                                {6, "strategy", Is::text, {}, false, true},
                                {7, "preferredHolder", Is::text, {}, false, true}};
constexpr Field kLease[] = {{1, "metadata", Is::message, kMetadata}, {2, "spec", Is::message, kLeaseSpec}};
constexpr Field kReference[] = {{1, "kind"},       {2, "namespace"},       {3, "name"},     {4, "uid"},
                                {5, "apiVersion"}, {6, "resourceVersion"}, {7, "fieldPath"}};
constexpr Field kSource[] = {{1, "component"}, {2, "host"}};
constexpr Field kSeries[] = {{1, "count", Is::integer}, {2, "lastObservedTime", Is::micro_time}};
constexpr Field kCoreEvent[] = {{1, "metadata", Is::message, kMetadata},
                                {2, "involvedObject", Is::message, kReference},
                                {3, "reason"},
                                {4, "message"},
                                {5, "source", Is::message, kSource},
                                {6, "firstTimestamp", Is::time},
                                {7, "lastTimestamp", Is::time},
                                {8, "count", Is::integer},
                                {9, "type"},
                                {10, "eventTime", Is::micro_time},
                                {11, "series", Is::message, kSeries},
                                {12, "action"},
                                {13, "related", Is::message, kReference},
                                {14, "reportingComponent"},
                                {15, "reportingInstance"}};
constexpr Field kEvent[] = {{1, "metadata", Is::message, kMetadata},
                            {2, "eventTime", Is::micro_time},
                            {3, "series", Is::message, kSeries},
                            {4, "reportingController"},
                            {5, "reportingInstance"},
                            {6, "action"},
                            {7, "reason"},
                            {8, "regarding", Is::message, kReference},
                            {9, "related", Is::message, kReference},
                            {10, "note"},
                            {11, "type"},
                            {12, "deprecatedSource", Is::message, kSource},
                            {13, "deprecatedFirstTimestamp", Is::time},
                            {14, "deprecatedLastTimestamp", Is::time},
                            {15, "deprecatedCount", Is::integer}};
constexpr Field kPreconditions[] = {{1, "uid"}, {2, "resourceVersion"}};
constexpr Field kDeleteOptions[] = {{1, "gracePeriodSeconds", Is::integer, {}, false, true},
                                    {2, "preconditions", Is::message, kPreconditions},
                                    {3, "orphanDependents", Is::boolean},
                                    {4, "propagationPolicy"},
                                    {5, "dryRun", Is::text, {}, true}};
constexpr Field kTime[] = {{1, "seconds", Is::integer}, {2, "nanos", Is::integer}};
constexpr Field kTypeMeta[] = {{1, "apiVersion"}, {2, "kind"}};

struct Kind {
  std::string_view api_version;  // empty: any
  std::string_view kind;
  std::span<const Field> fields;
};
constexpr Kind kKinds[] = {{"v1", "Namespace", kNamespace},
                           {"v1", "ConfigMap", kConfigMap},
                           {"v1", "Secret", kSecret},
                           {"v1", "Event", kCoreEvent},
                           {"events.k8s.io/v1", "Event", kEvent},
                           {"coordination.k8s.io/v1", "Lease", kLease},
                           {"", "DeleteOptions", kDeleteOptions}};

std::optional<Json> message(std::string_view bytes, std::span<const Field> fields);

std::optional<Json> time(std::string_view bytes, bool micro) {
  constexpr std::int64_t kSecondsMax = 9'000'000'000;  // as far as nanoseconds go in 64 bits
  const auto parts = message(bytes, kTime);
  if (!parts) return std::nullopt;
  const std::int64_t seconds = parts->value("seconds", std::int64_t{0});
  const std::int64_t nanos = parts->value("nanos", std::int64_t{0});
  if (seconds == 0 && nanos == 0) return Json();  // no time
  if (seconds < -kSecondsMax || seconds > kSecondsMax || nanos < 0 || nanos >= 1'000'000'000)
    return std::nullopt;
  const Time at{std::chrono::seconds{seconds} + std::chrono::nanoseconds{nanos}};
  return Json(micro ? to_rfc3339_micro(at) : to_rfc3339(at));
}

/// An entry of a map: a message with the key and the value.
bool add_entry(std::string_view bytes, bool encoded, Json& into) {
  std::string key, value;
  ProtobufReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number == 1) key = field->bytes;
    if (field->number == 2) value = encoded ? to_base64(field->bytes) : std::string(field->bytes);
  }
  if (!into.is_object()) into = Json::object();
  into[key] = std::move(value);
  return !reader.broken();
}

/// Null: as if it were not there. Nothing: broken.
std::optional<Json> value_of(const ProtobufField& found, const Field& field) {
  switch (field.is) {
    case Is::integer: {
      const auto value = static_cast<std::int64_t>(found.integer);
      return value == 0 && !field.pointer ? Json() : Json(value);
    }
    case Is::boolean:
      return Json(found.integer != 0);
    case Is::time:
    case Is::micro_time:
      return time(found.bytes, field.is == Is::micro_time);
    case Is::message:
      return message(found.bytes, field.inside);
    default:
      return found.bytes.empty() && !field.pointer && !field.many ? Json() : Json(std::string(found.bytes));
  }
}

std::optional<Json> message(std::string_view bytes, std::span<const Field> fields) {
  Json object = Json::object();
  ProtobufReader reader(bytes);
  while (const auto found = reader.next()) {
    for (const Field& field : fields) {
      if (field.number != found->number) continue;
      if (field.is == Is::texts_by_key || field.is == Is::bytes_by_key) {
        if (!add_entry(found->bytes, field.is == Is::bytes_by_key, object[field.name])) return std::nullopt;
        continue;
      }
      auto value = value_of(*found, field);
      if (!value) return std::nullopt;
      if (value->is_null()) continue;
      if (field.many) {
        object[field.name].push_back(std::move(*value));
      } else {
        object[field.name] = std::move(*value);
      }
    }
  }
  if (reader.broken()) return std::nullopt;
  return object;
}

}  // namespace

std::optional<Json> json_of_protobuf(std::string_view body) {
  constexpr std::string_view kMagic("k8s\0", 4);
  if (!body.starts_with(kMagic)) return std::nullopt;
  std::optional<std::string_view> raw;
  std::optional<Json> type = Json::object();
  ProtobufReader unknown(body.substr(kMagic.size()));
  while (const auto field = unknown.next()) {
    if (field->number == 1) type = message(field->bytes, kTypeMeta);
    if (field->number == 2) raw = field->bytes;
    if (!type) return std::nullopt;
  }
  if (unknown.broken() || !raw) return std::nullopt;
  const std::string api_version = type->value("apiVersion", ""), kind = type->value("kind", "");
  for (const Kind& known : kKinds) {
    if (known.kind != kind || (!known.api_version.empty() && known.api_version != api_version)) continue;
    auto object = message(*raw, known.fields);
    if (!object) return std::nullopt;
    object->update(*type);
    return Json::parse(object->dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  return std::nullopt;
}

}  // namespace racebed::models
