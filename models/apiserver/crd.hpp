// CustomResourceDefinitions (apiextensions.k8s.io/v1): what a document must look like, and the kinds that it
// defines. Sources: kubernetes.md §1.12; apiextensions-apiserver, validation.go and schema/validation.go.
#pragma once

#include <string_view>
#include <vector>

#include "models/apiserver/resource.hpp"
#include "models/apiserver/status.hpp"

namespace racebed::models {

/// The kind CustomResourceDefinition itself, but for what it does with its objects (see Definitions).
ResourceType definition_type();

/// Fills in what a document may leave out: names.singular, names.listKind, conversion, and the printer column
/// Age of a version that names none is left to the table.
void complete_definition(Json& definition);

/// What is wrong with a completed document; `old` is null on create.
std::vector<Cause> definition_problems(const Json& definition, const Json* old);

/// What is wrong with an openAPIV3Schema, found at `path`: it must be structural, and in the part of the
/// language that Schema knows.
std::vector<Cause> schema_problems(const Json& schema, const std::string& path);

/// The versions of the kind that the document defines, the one that is kept first. Requires:
/// definition_problems() finds nothing.
std::vector<ResourceType> types_of_definition(const Json& definition);

}  // namespace racebed::models
