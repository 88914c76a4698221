// What can be asked of each kind, in OpenAPI's words: clients look here for what a server understands,
// `dryRun` and `fieldValidation` above all (kubernetes.md §1.17).
#pragma once

#include "models/apiserver/resource.hpp"

namespace racebed::models {

enum class OpenApiVersion { v2, v3 };

/// "api/v1", "apis/GROUP/VERSION".
std::string openapi_folder(const ResourceType& type);
/// {"group", "version", "kind"}, as x-kubernetes-group-version-kind has it.
Json openapi_kind(const ResourceType& type);
/// The paths of a kind and of its subresources, each with its operations.
Json openapi_paths(const ResourceType& type, OpenApiVersion version);

}  // namespace racebed::models
