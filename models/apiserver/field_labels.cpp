#include "models/apiserver/field_labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace racebed::models {
namespace {

struct Label {
  std::string_view label;
  std::string_view path;
  std::string_view instead = {};
};

constexpr std::array kCoreEvent = {Label{"involvedObject.kind", "involvedObject.kind"},
                                   Label{"involvedObject.namespace", "involvedObject.namespace"},
                                   Label{"involvedObject.name", "involvedObject.name"},
                                   Label{"involvedObject.uid", "involvedObject.uid"},
                                   Label{"involvedObject.apiVersion", "involvedObject.apiVersion"},
                                   Label{"involvedObject.resourceVersion", "involvedObject.resourceVersion"},
                                   Label{"involvedObject.fieldPath", "involvedObject.fieldPath"},
                                   Label{"reason", "reason"},
                                   Label{"reportingComponent", "reportingComponent"},
                                   Label{"source", "source.component", "reportingComponent"},
                                   Label{"type", "type"}};

// Selectors look at events as they are kept.
constexpr std::array kEvent = {Label{"regarding.kind", "involvedObject.kind"},
                               Label{"regarding.namespace", "involvedObject.namespace"},
                               Label{"regarding.name", "involvedObject.name"},
                               Label{"regarding.uid", "involvedObject.uid"},
                               Label{"regarding.apiVersion", "involvedObject.apiVersion"},
                               Label{"regarding.resourceVersion", "involvedObject.resourceVersion"},
                               Label{"regarding.fieldPath", "involvedObject.fieldPath"},
                               Label{"reason", "reason"},
                               Label{"reportingController", "reportingComponent"},
                               Label{"type", "type"}};

constexpr std::array kNamespace = {Label{"status.phase", "status.phase"}};
constexpr std::array kSecret = {Label{"type", "type"}};

template <std::size_t N>
bool resolve(const std::array<Label, N>& labels, FieldRequirement& field) {
  const auto found = std::ranges::find(labels, std::string_view(field.path), &Label::label);
  if (found == labels.end()) return false;
  field.path = found->path;
  field.instead = found->instead;
  return true;
}

/// Kinds with field labels of their own say less of the labels that they do not know.
bool has_own_labels(const ResourceType& type) {
  return type.custom || type.plural == "events" ||
         (type.group.empty() && (type.plural == "namespaces" || type.plural == "secrets"));
}

}  // namespace

bool resolve_field_label(const ResourceType& type, FieldRequirement& field) {
  if (field.path == "metadata.name" || field.path == "metadata.namespace") return true;
  if (type.custom) {
    return std::ranges::find(type.selectable_fields, "." + field.path) != type.selectable_fields.end();
  }
  if (type.plural == "events")
    return type.group.empty() ? resolve(kCoreEvent, field) : resolve(kEvent, field);
  if (!type.group.empty()) return false;
  if (type.plural == "namespaces") return resolve(kNamespace, field);
  if (type.plural == "secrets") return resolve(kSecret, field);
  return false;
}

std::string unknown_field_label(const ResourceType& type, std::string_view label) {
  if (has_own_labels(type)) return fmt::format("field label not supported: {}", label);
  return fmt::format("\"{}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
                     label);
}

}  // namespace racebed::models
