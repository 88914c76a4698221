#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "models/apiserver/crd.hpp"
#include "models/apiserver/schema.hpp"
#include "runtime/assert.hpp"

namespace racebed::models {
namespace {

std::string base64_of(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < size; i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = (group << 8U) | (i + k < size ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k > size ? '=' : kDigits[(group >> (18U - 6U * static_cast<unsigned>(k))) & 0x3FU];
  }
  return text;
}

/// As kube-apiserver makes it (discovery.StorageVersionHash), so that clients see the same one.
std::string storage_version_hash(const ResourceType& type) {
  constexpr std::size_t kBytes = 8;
  const std::string text = fmt::format("{}/{}/{}", type.group, type.version, type.kind);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return base64_of(digest.data(), kBytes);
}

void add_columns(const Json& version, ResourceType& type) {
  for (const Json& column : version.value("additionalPrinterColumns", Json::array())) {
    type.columns.push_back({.name = column.value("name", ""),
                            .type = column.value("type", ""),
                            .format = column.value("format", ""),
                            .description = column.value("description", ""),
                            .json_path = column.value("jsonPath", ""),
                            .priority = column.value("priority", 0)});
  }
}

void add_subresources(const Json& version, ResourceType& type) {
  const auto subresources = version.find("subresources");
  if (subresources == version.end() || !subresources->is_object()) return;
  type.has_status = subresources->contains("status");
  if (const auto scale = subresources->find("scale"); scale != subresources->end()) {
    type.scale = ScalePaths{.spec_replicas = scale->value("specReplicasPath", ""),
                            .status_replicas = scale->value("statusReplicasPath", ""),
                            .label_selector = scale->value("labelSelectorPath", "")};
  }
}

void add_schema(const Json& version, ResourceType& type) {
  const Json& text = version.at("schema").at("openAPIV3Schema");
  type.openapi = std::make_shared<const Json>(text);
  const auto schema = std::make_shared<const Schema>(text, true);
  type.default_and_prune = [schema](Json& object) {
    schema->prune(object);
    schema->apply_defaults(object);
  };
  type.validate = [schema](const Json& object, const Json* old) { return schema->violations(object, old); };
  type.unknown_fields = [schema](const Json& object, std::vector<std::string>& paths) {
    schema->unknown_fields(object, "", paths);
  };
}

ResourceType type_of(const Json& spec, const Json& version) {
  const Json& names = spec.at("names");
  ResourceType type;
  type.group = spec.at("group").get<std::string>();
  type.version = version.at("name").get<std::string>();
  type.plural = names.at("plural").get<std::string>();
  type.singular = names.value("singular", "");
  type.kind = names.at("kind").get<std::string>();
  type.list_kind_name = names.value("listKind", "");
  type.short_names = names.value("shortNames", std::vector<std::string>());
  type.categories = names.value("categories", std::vector<std::string>());
  type.namespaced = spec.at("scope") == "Namespaced";
  type.served = version.value("served", false);
  type.custom = true;
  type.has_generation = true;
  for (const Json& field : version.value("selectableFields", Json::array()))
    type.selectable_fields.push_back(field.value("jsonPath", ""));
  add_columns(version, type);
  add_subresources(version, type);
  add_schema(version, type);
  return type;
}

}  // namespace

std::vector<ResourceType> types_of_definition(const Json& definition) {
  const Json& spec = definition.at("spec");
  std::vector<ResourceType> types;
  for (const Json& version : spec.at("versions")) {
    const bool kept = version.value("storage", false);
    types.insert(kept ? types.begin() : types.end(), type_of(spec, version));
  }
  RACEBED_ASSERT(!types.empty(), "a definition has a version");
  const std::string hash = storage_version_hash(types.front());
  const std::string kept = types.front().api_version();
  types.front().storage_version_hash = hash;
  for (std::size_t i = 1; i < types.size(); ++i) {
    ResourceType& type = types[i];
    type.storage_version_hash = hash;
    // Conversion None: the name of the version changes, and what this version's schema says of the rest.
    type.from_storage = [api_version = type.api_version(), shape = type.default_and_prune](Json& object) {
      object["apiVersion"] = api_version;
      shape(object);
    };
    type.to_storage = [kept](Json& object) { object["apiVersion"] = kept; };
  }
  return types;
}

}  // namespace racebed::models
