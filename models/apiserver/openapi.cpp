#include "models/apiserver/openapi.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/apiserver/openapi_paths.hpp"

namespace racebed::models {
namespace {

constexpr const char* kObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
constexpr const char* kOwnerReference = "io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference";
constexpr const char* kTime = "io.k8s.apimachinery.pkg.apis.meta.v1.Time";

ApiHttpResponse json(Json body) {
  return {.body = std::make_shared<const Json>(std::move(body))};
}

Json text(const char* description) {
  return {{"type", "string"}, {"description", description}};
}

Json map_of_text(const char* description) {
  return {{"type", "object"}, {"description", description}, {"additionalProperties", {{"type", "string"}}}};
}

Json object_meta(const std::string& prefix) {
  const Json time{{"$ref", prefix + kTime}};
  Json properties{
      {"name", text("Unique within its namespace; does not change.")},
      {"generateName", text("A prefix from which the server makes a name when there is none.")},
      {"namespace", text("The space within which the name is unique.")},
      {"uid", text("Tells this incarnation of the name from every other; made by the server.")},
      {"resourceVersion", text("The object's version; opaque. In an update: the version that is replaced.")},
      {"generation",
       {{"type", "integer"}, {"format", "int64"}, {"description", "Counts changes of the desired state."}}},
      {"creationTimestamp", time},
      {"deletionTimestamp", time},
      {"deletionGracePeriodSeconds",
       {{"type", "integer"}, {"format", "int64"}, {"description", "How long deletion may take."}}},
      {"labels", map_of_text("Keys and values to select by.")},
      {"annotations", map_of_text("Keys and values of tools; nothing is selected by them.")},
      {"selfLink", text("No longer set.")},
      {"finalizers",
       {{"type", "array"},
        {"items", {{"type", "string"}}},
        {"description", "Who must agree before the object goes."},
        {"x-kubernetes-patch-strategy", "merge"}}},
      {"ownerReferences",
       {{"type", "array"},
        {"items", {{"$ref", prefix + kOwnerReference}}},
        {"description", "When all of these are gone, so is the object."},
        {"x-kubernetes-patch-merge-key", "uid"},
        {"x-kubernetes-patch-strategy", "merge"}}},
      {"managedFields",
       {{"type", "array"}, {"items", {{"type", "object"}}}, {"description", "Who set which field."}}}};
  return {{"type", "object"},
          {"description", "Metadata that every object has."},
          {"properties", std::move(properties)}};
}

Json owner_reference() {
  return {{"type", "object"},
          {"description", "An owner of an object, in the same namespace or of the whole cluster."},
          {"required", {"apiVersion", "kind", "name", "uid"}},
          {"properties",
           {{"apiVersion", text("Of the owner.")},
            {"kind", text("Of the owner.")},
            {"name", text("Of the owner.")},
            {"uid", text("Of the owner.")},
            {"controller", {{"type", "boolean"}, {"description", "The owner manages the object."}}},
            {"blockOwnerDeletion",
             {{"type", "boolean"},
              {"description", "The owner stays, when deleted in the foreground, until this is gone."}}}}}};
}

}  // namespace

std::string definition_name(const ResourceType& type) {
  if (type.group.empty()) return "io.k8s.api.core." + type.version + "." + type.kind;
  if (type.group == "apiextensions.k8s.io")
    return "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions." + type.version + "." + type.kind;
  if (!type.custom && type.group.ends_with(".k8s.io"))
    return fmt::format("io.k8s.api.{}.{}.{}", type.group.substr(0, type.group.find('.')), type.version,
                       type.kind);
  std::string reversed;
  for (std::string_view rest = type.group; !rest.empty();) {
    const std::size_t dot = rest.rfind('.');
    reversed += std::string(dot == std::string_view::npos ? rest : rest.substr(dot + 1)) + ".";
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(0, dot);
  }
  return reversed + type.version + "." + type.kind;
}

Json definition_of(const ResourceType& type, const std::string& prefix) {
  Json schema = type.openapi && type.openapi->is_object()
                    ? *type.openapi
                    : Json{{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
  Json& properties = schema["properties"];
  if (!properties.is_object()) properties = Json::object();
  properties["apiVersion"] = text("The version of the schema that this is an object of.");
  properties["kind"] = text("The kind of object this is.");
  Json metadata{{"$ref", prefix + kObjectMeta}};
  // In OpenAPI 3.0 nothing may stand beside a reference.
  if (!prefix.starts_with("#/definitions/")) metadata = {{"allOf", Json::array({std::move(metadata)})}};
  metadata["description"] = "Standard object's metadata.";
  properties["metadata"] = std::move(metadata);
  schema["x-kubernetes-group-version-kind"] = Json::array({openapi_kind(type)});
  return schema;
}

Json shared_definitions(const std::string& prefix) {
  return {{kObjectMeta, object_meta(prefix)},
          {kOwnerReference, owner_reference()},
          {kTime, {{"type", "string"}, {"format", "date-time"}, {"description", "RFC 3339, in UTC."}}}};
}

namespace {

/// Null when nothing is served there.
Json document(const Registry& registry, std::string_view which) {
  const std::string prefix = "#/components/schemas/";
  Json schemas = Json::object();
  Json paths = Json::object();
  for (const auto& type : registry.types()) {
    if (openapi_folder(*type) != which) continue;
    schemas[definition_name(*type)] = definition_of(*type, prefix);
    paths.update(openapi_paths(*type, OpenApiVersion::v3));
  }
  if (schemas.empty()) return nullptr;
  schemas.update(shared_definitions(prefix));
  return {{"openapi", "3.0.0"},
          {"info", {{"title", "Kubernetes"}, {"version", "racebed"}}},
          {"paths", std::move(paths)},
          {"components", {{"schemas", std::move(schemas)}}}};
}

/// Differs when the document does, so that clients know what they have.
std::string hash_of(const Json& document) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (const char c : document.dump(-1, ' ', false, Json::error_handler_t::replace))
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return fmt::format("{:016X}", hash);
}

}  // namespace

ApiHttpResponse openapi_v3_index(const Registry& registry) {
  Json paths = Json::object();
  for (const auto& type : registry.types()) {
    const std::string folder = openapi_folder(*type);
    if (paths.contains(folder)) continue;
    const std::string hash = hash_of(document(registry, folder));
    paths[folder] = {{"serverRelativeURL", fmt::format("/openapi/v3/{}?hash={}", folder, hash)}};
  }
  return json({{"paths", std::move(paths)}});
}

ApiHttpResponse openapi_v3(const Registry& registry, std::string_view which) {
  Json found = document(registry, which);
  if (found.is_null()) return {.status = 404, .text = "404 page not found\n"};
  return json(std::move(found));
}

}  // namespace racebed::models
