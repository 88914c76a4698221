#include <fmt/format.h>

#include <algorithm>

#include "models/apiserver/crd.hpp"
#include "models/apiserver/crd_conditions.hpp"

namespace racebed::models {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// The versions in which objects may be kept: none of them can leave the document.
void note_stored_version(Json& definition) {
  Json& stored = definition["status"]["storedVersions"];
  if (!stored.is_array()) stored = Json::array();
  const auto spec = definition.find("spec");
  if (spec == definition.end() || !spec->is_object()) return;
  const auto versions = spec->find("versions");
  if (versions == spec->end() || !versions->is_array()) return;
  for (const Json& version : *versions) {
    if (!version.is_object() || version.value("storage", Json()) != true) continue;
    const Json name = version.value("name", Json());
    if (name.is_string() && std::ranges::find(stored, name) == stored.end()) stored.push_back(name);
  }
}

void complete_new(Json& definition) {
  complete_definition(definition);
  definition["status"] = {{"acceptedNames", {{"kind", ""}, {"plural", ""}}}, {"conditions", Json::array()}};
  note_stored_version(definition);
}

void complete_changed(Json& definition) {
  complete_definition(definition);
  if (definition.contains("status") && definition["status"].is_object()) note_stored_version(definition);
}

void drop_unknown(Json& definition) {
  for (auto it = definition.begin(); it != definition.end();) {
    const std::string& key = it.key();
    const bool known =
        key == "apiVersion" || key == "kind" || key == "metadata" || key == "spec" || key == "status";
    it = known ? std::next(it) : definition.erase(it);
  }
}

void mark_for_deletion(Json& definition, const std::string& now) {
  Json& finalizers = definition["metadata"]["finalizers"];
  if (!finalizers.is_array()) finalizers = Json::array();
  if (std::ranges::find(finalizers, Json(kCleanupFinalizer)) == finalizers.end())
    finalizers.push_back(kCleanupFinalizer);
  set_condition(
      definition,
      {.type = "Terminating",
       .status = true,
       .reason = "InstanceDeletionPending",
       .message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"},
      now);
}

}  // namespace

void complete_definition(Json& definition) {
  const auto spec = definition.find("spec");
  if (spec == definition.end() || !spec->is_object()) return;
  if (!spec->contains("conversion")) (*spec)["conversion"] = {{"strategy", "None"}};
  const auto names = spec->find("names");
  if (names == spec->end() || !names->is_object()) return;
  const auto kind = names->find("kind");
  if (kind == names->end() || !kind->is_string() || *kind == "") return;
  const auto missing = [&](const char* name) {
    const auto it = names->find(name);
    return it == names->end() || *it == "" || it->is_null();
  };
  if (missing("singular")) (*names)["singular"] = lower(kind->get<std::string>());
  if (missing("listKind")) (*names)["listKind"] = kind->get<std::string>() + "List";
}

ResourceType definition_type() {
  const auto part = [](const char* description) {
    return Json{
        {"type", "object"}, {"description", description}, {"x-kubernetes-preserve-unknown-fields", true}};
  };
  const Json whole{{"type", "object"},
                   {"description", "A kind of object that this server is to serve."},
                   {"required", {"spec"}},
                   {"properties",
                    {{"spec", part("Names, scope and versions of the kind, each with its schema.")},
                     {"status", part("Whether the kind is served, and under which names.")}}}};
  ResourceType type{.group = "apiextensions.k8s.io",
                    .version = "v1",
                    .plural = "customresourcedefinitions",
                    .singular = "customresourcedefinition",
                    .kind = "CustomResourceDefinition",
                    .short_names = {"crd", "crds"},
                    .categories = {"api-extensions"},
                    .openapi = std::make_shared<const Json>(whole)};
  type.namespaced = false;
  type.has_status = true;
  type.has_generation = true;
  type.complete = complete_new;
  type.complete_update = complete_changed;
  type.default_and_prune = drop_unknown;
  type.validate = definition_problems;
  type.before_delete = mark_for_deletion;
  return type;
}

}  // namespace racebed::models
