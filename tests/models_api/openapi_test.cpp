// What kubectl reads before it validates, explains and tries without changing.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/apiserver/openapi.hpp"
#include "models/apiserver/openapi_v2.hpp"
#include "models/apiserver/protobuf.hpp"
#include "models/apiserver/resource.hpp"

using namespace racebed;
using namespace racebed::models;

namespace {

constexpr const char* kProtobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

std::vector<std::string_view> fields(std::string_view message, int number) {
  std::vector<std::string_view> found;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == number) found.push_back(field->bytes);
  }
  CHECK_FALSE(reader.broken());
  return found;
}

std::string_view down(std::string_view message, std::initializer_list<int> path) {
  for (const int number : path) {
    const auto inner = fields(message, number);
    message = inner.empty() ? std::string_view() : inner.front();
  }
  return message;
}

/// The kinds that a PATCH with `dryRun` is known for, as kubectl 1.20 looks for them.
std::set<std::string> kinds_with_dry_run(std::string_view document) {
  std::set<std::string> kinds;
  for (const std::string_view path : fields(down(document, {8}), 2)) {
    const std::string_view patch = down(path, {2, 8});
    bool dry_run = false;
    for (const std::string_view parameter : fields(patch, 8))
      dry_run = dry_run || down(parameter, {1, 2, 3, 4}) == "dryRun";
    if (!dry_run) continue;
    for (const std::string_view extension : fields(patch, 13)) {
      if (down(extension, {1}) == "x-kubernetes-group-version-kind")
        kinds.insert(Json::parse(down(extension, {2, 2}))["kind"]);
    }
  }
  return kinds;
}

void check_references(const Json& value, const Json& document) {
  if (value.is_object() && value.contains("$ref") && value["$ref"].is_string()) {
    const std::string reference = value["$ref"];
    INFO(reference);
    CHECK(document.contains(Json::json_pointer(reference.substr(1))));
  }
  for (const Json& member : value) {
    if (member.is_structured()) check_references(member, document);
  }
}

}  // namespace

TEST_CASE("every kind says in OpenAPI v2 that it can be tried without being changed") {
  const Registry registry = builtin_resources();
  const auto kinds = kinds_with_dry_run(openapi_v2(registry, kProtobuf).text);
  for (const auto& type : registry.types()) {
    INFO(type->kind);
    CHECK(kinds.contains(type->kind));
  }
}

TEST_CASE("the answer's media type is one that a client's parser takes") {
  for (const auto& [name, value] : openapi_v2(builtin_resources(), kProtobuf).headers) {
    if (name == "Content-Type") CHECK(value.find('@') == std::string::npos);
  }
}

TEST_CASE("a schema that nobody knows lets everything through, as kubectl 1.20 checks by it") {
  Registry registry;
  registry.add({.version = "v1", .plural = "things", .singular = "thing", .kind = "Thing"});
  const Json definition =
      openapi_v2(registry, "application/json").body->at("definitions").at("io.k8s.api.core.v1.Thing");
  CHECK(definition["x-kubernetes-preserve-unknown-fields"] == true);
  CHECK_FALSE(definition.contains("properties"));
}

TEST_CASE("each document of OpenAPI v3 is complete, and its address changes with it") {
  Registry registry = builtin_resources();
  const Json before = openapi_v3_index(registry).body->at("paths");
  for (const auto& [folder, entry] : before.items()) {
    INFO(folder);
    const std::string url = entry["serverRelativeURL"];
    CHECK(url.starts_with("/openapi/v3/" + folder + "?hash="));
    const Json document = *openapi_v3(registry, folder).body;
    check_references(document, document);
    bool validates = false;
    for (const Json& item : document["paths"]) {
      if (!item.contains("patch")) continue;
      CHECK(item["patch"]["x-kubernetes-group-version-kind"].is_object());
      for (const Json& parameter : item["patch"]["parameters"])
        validates = validates || parameter["name"] == "fieldValidation";
    }
    CHECK(validates);
  }
  const auto* known = registry.find("notification.kubernaut.ai", "v1alpha1", "notificationrequests");
  ResourceType changed = *known;
  changed.openapi = std::make_shared<const Json>(Json{{"type", "object"}, {"description", "changed"}});
  registry.add(std::move(changed));
  const Json after = openapi_v3_index(registry).body->at("paths");
  CHECK(after["api/v1"] == before["api/v1"]);
  CHECK(after["apis/notification.kubernaut.ai/v1alpha1"] !=
        before["apis/notification.kubernaut.ai/v1alpha1"]);
  CHECK(openapi_v3(registry, "apis/none.example/v1").status == 404);
}

TEST_CASE("OpenAPI v2 as JSON refers to nothing that it lacks") {
  const Json document = *openapi_v2(builtin_resources(), "application/json").body;
  check_references(document, document);
}

TEST_CASE("every member of a built-in kind can be explained") {
  const Registry registry = builtin_resources();
  for (const auto& type : registry.types()) {
    const Json schema = definition_of(*type, "#/components/schemas/");
    INFO(type->kind);
    CHECK_FALSE(schema.value("description", "").empty());
    for (const auto& [name, property] : schema["properties"].items()) {
      INFO(name);
      CHECK_FALSE(property.value("description", "").empty());
    }
  }
}
