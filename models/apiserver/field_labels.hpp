// Which fields of a kind a field selector may name, and where their values are (the field label conversions
// of kube-apiserver's core/v1, events/v1 and of custom resources; kubernetes.md §1.12, §1.16).
#pragma once

#include <string>
#include <string_view>

#include "models/apiserver/resource.hpp"
#include "models/apiserver/selector.hpp"

namespace racebed::models {

/// Turns the label in `field.path` into the path of the value. False: the kind has no such label.
bool resolve_field_label(const ResourceType& type, FieldRequirement& field);

/// What the server says then.
std::string unknown_field_label(const ResourceType& type, std::string_view label);

}  // namespace racebed::models
