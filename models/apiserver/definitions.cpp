#include "models/apiserver/definitions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "models/apiserver/crd.hpp"
#include "models/apiserver/crd_conditions.hpp"
#include "models/apiserver/write_rules.hpp"

namespace racebed::models {
namespace {

constexpr const char* kGroup = "apiextensions.k8s.io";
const Actor kServer{"apiserver", 0};

/// Which state of which definition a kind is served after.
std::string mark_of(const Json& definition) {
  return fmt::format("{}/{}", metadata_text(definition, "uid"),
                     definition.at("metadata").value("generation", std::int64_t{0}));
}

bool is_defined(const ResourceType& type) {
  return !type.definition.empty();
}

std::set<std::string> names_of(const Json& names) {
  std::set<std::string> all;
  for (const char* member : {"plural", "singular"}) {
    if (names.contains(member)) all.insert(names[member].get<std::string>());
  }
  for (const Json& name : names.value("shortNames", Json::array())) all.insert(name.get<std::string>());
  return all;
}

}  // namespace

const ResourceType& Definitions::kind() const {
  return *registry_.find(kGroup, "v1", "customresourcedefinitions");
}

std::string Definitions::now_text() const {
  return to_rfc3339(runtime_.clock.now());
}

JsonPtr Definitions::put(Json definition) {
  const std::string key = Store::key("", metadata_text(definition, "name"));
  return store_.put(kind(), key, std::move(definition), kServer, Committed::Operation::status);
}

void Definitions::settle(const ResourceType& written) {
  const bool last_one_perhaps = is_defined(written) && !written.create_not_allowed.empty();
  const bool definition = !written.custom && written.plural == "customresourcedefinitions";
  if (definition || last_one_perhaps) settle_all();
}

/// Until nothing is left to do: the names of a definition that goes may be what another waits for.
void Definitions::settle_all() {
  if (registry_.find(kGroup, "v1", "customresourcedefinitions") == nullptr) return;
  std::uint64_t before = 0;
  while (before != store_.revision()) {
    before = store_.revision();
    std::vector<std::string> names;
    for (const auto& [key, definition] : store_.objects(kind()))
      names.push_back(metadata_text(*definition, "name"));
    for (const std::string& name : names) follow(name);
    withdraw_orphans();
  }
}

void Definitions::follow(const std::string& name) {
  JsonPtr definition = store_.find(kind(), Store::key("", name));
  if (definition == nullptr) return;
  if (is_terminating(*definition)) return clean_up(definition);
  definition = accept_names(definition);
  if (!true_reason(*definition, "Established").empty()) serve(*definition);
}

/// Why its names are not to be had; "" if they are.
std::string Definitions::names_conflict(const Json& definition) const {
  const Json& spec = definition.at("spec");
  const std::set<std::string> wanted = names_of(spec.at("names"));
  for (const auto& [key, other] : store_.objects(kind())) {
    const Json& theirs = other->at("spec");
    if (theirs.at("group") != spec.at("group") ||
        metadata_text(*other, "name") == metadata_text(definition, "name") ||
        true_reason(*other, "NamesAccepted").empty()) {
      continue;
    }
    const Json& names = theirs.at("names");
    for (const std::string& taken : names_of(names)) {
      if (wanted.contains(taken)) return taken;
    }
    for (const char* member : {"kind", "listKind"}) {
      if (names.at(member) == spec.at("names").at(member)) return names.at(member).get<std::string>();
    }
  }
  return {};
}

JsonPtr Definitions::accept_names(const JsonPtr& definition) {
  Json next = *definition;
  if (!next["status"].is_object()) next["status"] = Json::object();
  const std::string taken = names_conflict(next);
  if (taken.empty()) {
    next["status"]["acceptedNames"] = next["spec"]["names"];
    set_condition(next, {"NamesAccepted", true, "NoConflicts", "no conflicts found"}, now_text());
  } else {
    set_condition(next,
                  {"NamesAccepted", false, "NamesConflict", fmt::format("\"{}\" is already in use", taken)},
                  now_text());
  }
  const bool established = !true_reason(next, "Established").empty();
  if (!established) {
    set_condition(
        next,
        taken.empty()
            ? DefinitionCondition{"Established", false, "Installing", "the initial names have been accepted"}
            : DefinitionCondition{"Established", false, "NotAccepted", "not all names are accepted"},
        now_text());
  }
  JsonPtr accepted = next == *definition ? definition : put(std::move(next));
  if (established || !taken.empty()) return accepted;
  Json installed = *accepted;
  set_condition(installed,
                {"Established", true, "InitialNamesAccepted", "the initial names have been accepted"},
                now_text());
  return put(std::move(installed));
}

void Definitions::serve(const Json& definition) {
  const Json& spec = definition.at("spec");
  const std::string group = spec.at("group").get<std::string>();
  const std::string plural = spec.at("names").at("plural").get<std::string>();
  const std::string mark = mark_of(definition);
  const ResourceType* before = registry_.stored(group, plural);
  if (before != nullptr && before->definition == mark) return;
  std::vector<ResourceType> types = types_of_definition(definition);
  for (ResourceType& type : types) type.definition = mark;
  registry_.serve(std::move(types));
  const ResourceType& type = *registry_.stored(group, plural);
  store_.reshape(type, [&type](Json& object) {
    object["apiVersion"] = type.api_version();
    type.default_and_prune(object);
  });
}

void Definitions::remove_objects(const ResourceType& type) {
  const Store::Objects all = store_.objects(type);
  for (const auto& [key, object] : all) {
    const Json finalizers = object->at("metadata").value("finalizers", Json::array());
    if (finalizers.empty()) {
      store_.remove(type, key, kServer);
    } else if (!is_terminating(*object)) {
      Json marked = *object;
      Json& metadata = marked["metadata"];
      metadata["deletionTimestamp"] = now_text();
      metadata["deletionGracePeriodSeconds"] = 0;
      metadata["generation"] = metadata.value("generation", std::int64_t{0}) + 1;
      store_.put(type, key, std::move(marked), kServer, Committed::Operation::mark_deleted);
    }
  }
}

/// 1. Creates are refused. 2. Every object is deleted; those with finalizers stay until these are gone, and
/// their last write brings us back here. 3. The finalizer goes, and with it the definition and its kind.
void Definitions::clean_up(const JsonPtr& definition) {
  const Json finalizers = definition->at("metadata").value("finalizers", Json::array());
  if (std::ranges::find(finalizers, Json(kCleanupFinalizer)) == finalizers.end()) return;
  JsonPtr latest = definition;
  if (true_reason(*latest, "Terminating") != "InstanceDeletionInProgress") {
    Json next = *latest;
    set_condition(
        next, {"Terminating", true, "InstanceDeletionInProgress", "CustomResource deletion is in progress"},
        now_text());
    latest = put(std::move(next));
  }
  const Json& spec = latest->at("spec");
  const ResourceType* type =
      registry_.stored(spec.at("group").get<std::string>(), spec.at("names").at("plural").get<std::string>());
  if (type != nullptr && is_defined(*type)) {
    if (type->create_not_allowed.empty()) {
      std::vector<ResourceType> types = types_of_definition(*latest);
      for (ResourceType& version : types) {
        version.definition = mark_of(*latest);
        version.create_not_allowed = "create not allowed while custom resource definition is terminating";
      }
      registry_.serve(std::move(types));
    }
    remove_objects(*type);
    if (!store_.objects(*type).empty()) return;
  }
  Json next = *latest;
  set_condition(next, {"Terminating", false, "InstanceDeletionCompleted", "removed all instances"},
                now_text());
  Json& left = next["metadata"]["finalizers"];
  left.erase(std::remove(left.begin(), left.end(), Json(kCleanupFinalizer)), left.end());
  const bool last = left.empty();
  put(std::move(next));
  if (last) store_.remove(kind(), Store::key("", metadata_text(*latest, "name")), kServer);
  withdraw_orphans();
}

/// Kinds whose definition is gone, or whose definition has been cleaned up.
void Definitions::withdraw_orphans() {
  std::vector<const ResourceType*> orphans;
  for (const auto& type : registry_.types()) {
    if (is_defined(*type) && store_.find(kind(), Store::key("", type->qualified())) == nullptr)
      orphans.push_back(&type->stored());
  }
  for (const ResourceType* type : orphans) {
    if (registry_.stored(type->group, type->plural) == nullptr) continue;  // another version of one that went
    const Store::Objects all = store_.objects(*type);
    for (const auto& [key, object] : all) store_.remove(*type, key, kServer);
    registry_.withdraw(type->group, type->plural);
    store_.retire(*type);
  }
}

}  // namespace racebed::models
