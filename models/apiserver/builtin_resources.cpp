#include "models/apiserver/builtin_resources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/apiserver/base64.hpp"
#include "models/apiserver/builtin_schemas.hpp"
#include "models/apiserver/json_body.hpp"
#include "models/apiserver/schema.hpp"
#include "models/apiserver/status.hpp"
#include "models/apiserver/store.hpp"

namespace racebed::models {
namespace {

constexpr std::size_t kDataBytesMax = 1024 * 1024;  // of a ConfigMap or a Secret

Cause invalid_value(std::string field, const Json& value, std::string_view why) {
  return {"FieldValueInvalid", std::move(field), fmt::format("Invalid value: {}: {}", value.dump(), why)};
}

const Json& object_member(const Json& object, const char* member) {
  static const Json kNone = Json::object();
  const auto found = object.find(member);
  return found != object.end() && found->is_object() ? *found : kNone;
}

/// Keys and total size of data and binaryData; `bytes` are those of a value, decoded.
std::vector<Cause> validate_data(const Json& object) {
  std::vector<Cause> causes;
  std::size_t total = 0;
  const Json& data = object_member(object, "data");
  for (const char* member : {"data", "binaryData"}) {
    for (const auto& [key, value] : object_member(object, member).items()) {
      const bool good = !key.empty() && key.size() <= 253 && key != "." && key != ".." &&
                        std::ranges::all_of(key, [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                 c == '-' || c == '_' || c == '.';
                        });
      if (!good)
        causes.push_back(
            invalid_value(fmt::format("{}[{}]", member, key), key,
                          "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
                          "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
                          "'[-._a-zA-Z0-9]+')"));
      if (std::string_view(member) == "binaryData" && data.contains(key))
        causes.push_back(
            invalid_value(fmt::format("binaryData[{}]", key), key, "duplicate of key present in data"));
      total += value.is_string() ? value.get_ref<const std::string&>().size() : 0;
    }
  }
  if (total > kDataBytesMax * 4 / 3)
    causes.push_back(
        {"FieldValueTooLong", "data", fmt::format("Too long: must have at most {} bytes", kDataBytesMax)});
  return causes;
}

void check_immutable(const Json& object, const Json& old, std::vector<Cause>& causes) {
  const auto flag = old.find("immutable");
  if (flag == old.end() || *flag != true) return;
  constexpr const char* kWhy = "Forbidden: field is immutable when `immutable` is set";
  if (object.value("immutable", Json()) != true) causes.push_back({"FieldValueForbidden", "immutable", kWhy});
  for (const char* member : {"data", "binaryData"}) {
    if (object.value(member, Json::object()) != old.value(member, Json::object()))
      causes.push_back({"FieldValueForbidden", member, kWhy});
  }
}

std::vector<Cause> validate_config_map(const Json& object, const Json* old) {
  std::vector<Cause> causes = validate_data(object);
  if (old != nullptr) check_immutable(object, *old, causes);
  return causes;
}

/// stringData is for writing only: it goes into data.
void complete_secret(Json& secret) {
  if (const auto texts = secret.find("stringData"); texts != secret.end()) {
    if (texts->is_object()) {
      for (const auto& [key, value] : texts->items()) {
        if (value.is_string()) secret["data"][key] = to_base64(value.get<std::string>());
      }
    }
    secret.erase("stringData");
  }
  if (text_member(secret, "type").empty()) secret["type"] = "Opaque";
}

std::vector<Cause> validate_secret(const Json& object, const Json* old) {
  std::vector<Cause> causes = validate_data(object);
  if (old == nullptr) return causes;
  if (text_member(object, "type") != text_member(*old, "type"))
    causes.push_back(invalid_value("type", text_member(object, "type"), "field is immutable"));
  check_immutable(object, *old, causes);
  return causes;
}

/// What no schema says: base64 that is none cannot be decoded at all.
std::string bad_base64(const Json& object) {
  for (const char* member : {"data", "binaryData"}) {
    for (const auto& [key, value] : object_member(object, member).items()) {
      if (value.is_string() && !from_base64(value.get<std::string>()))
        return "illegal base64 data at input byte 0";
    }
  }
  return {};
}

/// coordination.k8s.io/v1: durations are positive, transitions not negative (kubernetes.md §1.16).
std::vector<Cause> validate_lease(const Json& lease, const Json*) {
  std::vector<Cause> causes;
  const Json& spec = object_member(lease, "spec");
  if (const auto it = spec.find("leaseDurationSeconds"); it != spec.end() && it->is_number() && *it <= 0)
    causes.push_back(invalid_value("spec.leaseDurationSeconds", *it, "must be greater than 0"));
  if (const auto it = spec.find("leaseTransitions"); it != spec.end() && it->is_number() && *it < 0)
    causes.push_back(invalid_value("spec.leaseTransitions", *it, "must be greater than or equal to 0"));
  return causes;
}

void complete_namespace(Json& object) {
  object["spec"] = {{"finalizers", Json::array({"kubernetes"})}};
  object["status"] = {{"phase", "Active"}};
}

/// Members that a typed server always writes.
void complete_event(Json& event) {
  if (!event.contains("eventTime")) event["eventTime"] = nullptr;
  for (const char* member : {"reportingComponent", "reportingInstance"}) {
    if (!event.contains(member)) event[member] = "";
  }
}

std::vector<Cause> validate_event(const Json& event, const Json*) {
  const std::string involved = text_member(object_member(event, "involvedObject"), "namespace");
  const std::string& ns = metadata_text(event, "namespace");
  // What concerns no namespace is kept in the default one.
  if (involved == ns || (involved.empty() && ns == "default")) return {};
  return {invalid_value("involvedObject.namespace", involved, "does not match event.namespace")};
}

}  // namespace

void use_schema(ResourceType& type) {
  const auto schema = std::make_shared<const Schema>(*type.openapi, true);
  type.default_and_prune = [schema](Json& object) { schema->prune(object); };
  type.unknown_fields = [schema](const Json& object, std::vector<std::string>& paths) {
    schema->unknown_fields(object, "", paths);
  };
  type.mistyped = [schema](const Json& object) {
    const std::vector<Cause> causes = schema->violations(object, nullptr);
    return causes.empty() ? std::string() : causes.front().field + ": " + causes.front().message;
  };
}

ResourceType namespace_type() {
  ResourceType type{
      .version = "v1",
      .plural = "namespaces",
      .singular = "namespace",
      .kind = "Namespace",
      .short_names = {"ns"},
      .namespaced = false,
      .has_status = true,
      .unconditional_update = true,
      .complete = complete_namespace,
      .before_delete = [](Json& object, const std::string&) { object["status"]["phase"] = "Terminating"; }};
  type.openapi = builtin_schema(type.kind);
  use_schema(type);
  return type;
}

ResourceType config_map_type() {
  ResourceType type{.version = "v1",
                    .plural = "configmaps",
                    .singular = "configmap",
                    .kind = "ConfigMap",
                    .short_names = {"cm"},
                    .unconditional_update = true,
                    .validate = validate_config_map};
  type.openapi = builtin_schema(type.kind);
  use_schema(type);
  type.mistyped = [inner = type.mistyped](const Json& object) {
    const std::string wrong = inner(object);
    return wrong.empty() ? bad_base64(Json{{"binaryData", object_member(object, "binaryData")}}) : wrong;
  };
  return type;
}

ResourceType secret_type() {
  ResourceType type{.version = "v1",
                    .plural = "secrets",
                    .singular = "secret",
                    .kind = "Secret",
                    .unconditional_update = true,
                    .complete = complete_secret,
                    .complete_update = complete_secret,
                    .validate = validate_secret};
  type.openapi = builtin_schema(type.kind);
  use_schema(type);
  type.mistyped = [inner = type.mistyped](const Json& object) {
    const std::string wrong = inner(object);
    return wrong.empty() ? bad_base64(object) : wrong;
  };
  return type;
}

ResourceType event_type() {
  ResourceType type{.version = "v1",
                    .plural = "events",
                    .singular = "event",
                    .kind = "Event",
                    .short_names = {"ev"},
                    .unconditional_update = true,
                    .create_on_update = true,
                    .complete = complete_event,
                    .validate = validate_event};
  type.openapi = builtin_schema(type.kind);
  use_schema(type);
  return type;
}

ResourceType lease_type() {
  ResourceType type{.group = "coordination.k8s.io",
                    .version = "v1",
                    .plural = "leases",
                    .singular = "lease",
                    .kind = "Lease",
                    .create_on_update = true,
                    .validate = validate_lease};
  type.openapi = builtin_schema(type.kind);
  use_schema(type);
  return type;
}

}  // namespace racebed::models
