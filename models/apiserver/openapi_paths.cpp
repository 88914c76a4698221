#include "models/apiserver/openapi_paths.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <span>

#include "models/apiserver/openapi.hpp"

namespace racebed::models {
namespace {

struct Parameter {
  const char* name;
  const char* type;
  const char* description;
};

constexpr Parameter kOfWrites[] = {
    {"dryRun", "string", "All: everything but the change itself."},
    {"fieldManager", "string", "Who changes it."},
    {"fieldValidation", "string", "Ignore, Warn or Strict: what to do about unknown and duplicate fields."}};
constexpr Parameter kOfPatches[] = {
    kOfWrites[0], kOfWrites[1], kOfWrites[2], {"force", "boolean", "Take over what others manage."}};
constexpr Parameter kOfDeletes[] = {
    kOfWrites[0],
    {"gracePeriodSeconds", "integer", "How long deletion may take."},
    {"propagationPolicy", "string", "Orphan, Background or Foreground: what becomes of dependents."}};
constexpr Parameter kOfLists[] = {
    {"allowWatchBookmarks", "boolean", "Tell of progress, too."},
    {"continue", "string", "Where the page before this one ended."},
    {"fieldSelector", "string", "Only objects whose fields match."},
    {"labelSelector", "string", "Only objects whose labels match."},
    {"limit", "integer", "At most so many objects."},
    {"resourceVersion", "string", "How old the answer may be; of a watch: where it begins."},
    {"resourceVersionMatch", "string", "NotOlderThan or Exact."},
    {"timeoutSeconds", "integer", "How long it may take."},
    {"watch", "boolean", "The changes as they happen, instead of a list."}};

struct Operation {
  const char* method;
  const char* action;  // in Kubernetes' words
  std::span<const Parameter> parameters;
};

constexpr Operation kOfCollections[] = {
    {"get", "list", kOfLists}, {"post", "post", kOfWrites}, {"delete", "deletecollection", kOfDeletes}};
constexpr Operation kOfItems[] = {{"get", "get", {}},
                                  {"put", "put", kOfWrites},
                                  {"patch", "patch", kOfPatches},
                                  {"delete", "delete", kOfDeletes}};
constexpr std::span kOfSubresources(kOfItems, 3);

Json described(const Parameter& parameter, OpenApiVersion version) {
  Json made{{"name", parameter.name}, {"in", "query"}, {"description", parameter.description}};
  Json form{{"type", parameter.type}, {"uniqueItems", true}};
  if (version == OpenApiVersion::v3) {
    made["schema"] = std::move(form);
  } else {
    made.update(form);
  }
  return made;
}

/// A part of the path.
Json placeholder(const char* name, OpenApiVersion version) {
  Json made = described({name, "string", "Of the object."}, version);
  made["in"] = "path";
  made["required"] = true;
  return made;
}

Json described(const Operation& operation, const ResourceType& type, const std::string& part,
               OpenApiVersion version) {
  const bool v3 = version == OpenApiVersion::v3;
  const Json schema{{"$ref", (v3 ? "#/components/schemas/" : "#/definitions/") + definition_name(type)}};
  Json content{{"schema", schema}};
  if (v3) content = {{"content", {{"application/json", {{"schema", schema}}}}}};
  Json done = content;
  done["description"] = "OK";
  Json made{
      {"operationId", fmt::format("{}{}{}{}{}", operation.action, type.group, type.version, type.kind, part)},
      {"x-kubernetes-action", operation.action},
      {"x-kubernetes-group-version-kind", openapi_kind(type)},
      {"parameters", Json::array()},
      {"responses", {{"200", std::move(done)}}}};
  for (const Parameter& parameter : operation.parameters)
    made["parameters"].push_back(described(parameter, version));
  const std::string_view method = operation.method;
  if (method != "post" && method != "put" && method != "patch") return made;
  if (v3) {
    content["required"] = true;
    made["requestBody"] = std::move(content);
  } else {
    made["parameters"].push_back({{"name", "body"}, {"in", "body"}, {"required", true}, {"schema", schema}});
  }
  return made;
}

Json path_item(std::span<const Operation> operations, const ResourceType& type, const std::string& part,
               OpenApiVersion version) {
  Json item = Json::object();
  for (const Operation& operation : operations)
    item[operation.method] = described(operation, type, part, version);
  item["parameters"] = Json::array();
  if (type.namespaced) item["parameters"].push_back(placeholder("namespace", version));
  return item;
}

}  // namespace

std::string openapi_folder(const ResourceType& type) {
  return type.group.empty() ? "api/" + type.version : "apis/" + type.group + "/" + type.version;
}

Json openapi_kind(const ResourceType& type) {
  return {{"group", type.group}, {"kind", type.kind}, {"version", type.version}};
}

Json openapi_paths(const ResourceType& type, OpenApiVersion version) {
  const std::string collection = fmt::format("/{}{}/{}", openapi_folder(type),
                                             type.namespaced ? "/namespaces/{namespace}" : "", type.plural);
  Json paths{{collection, path_item(kOfCollections, type, "Collection", version)},
             {collection + "/{name}", path_item(kOfItems, type, "", version)}};
  if (type.has_status)
    paths[collection + "/{name}/status"] = path_item(kOfSubresources, type, "Status", version);
  for (auto& [path, item] : paths.items()) {
    if (path != collection) item["parameters"].push_back(placeholder("name", version));
  }
  return paths;
}

}  // namespace racebed::models
