// What metadata may hold (kubernetes.md §1.11; apimachinery, ValidateObjectMeta).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/apiserver/status.hpp"

namespace racebed::models {

/// RFC 1123: a subdomain of at most 253 characters; a label of at most 63.
bool is_dns_subdomain(std::string_view name);
bool is_dns_label(std::string_view name);

/// What is wrong with the name (a prefix for generateName) of a new object.
std::vector<Cause> check_name(const ResourceType& type, const Json& metadata);
/// Labels, annotations, finalizers and owner references: of a new object, or of one that changes.
std::vector<Cause> check_metadata(const ResourceType& type, const Json& metadata);
/// What an update may not change; `old` is the stored object's metadata.
std::vector<Cause> check_metadata_update(const Json& metadata, const Json& old);

/// The first member of metadata that has not the type it must have: "json: cannot unmarshal ..."; nothing if
/// all is well. Null stands for a member that is not there.
std::optional<std::string> mistyped_metadata(const Json& metadata);

}  // namespace racebed::models
