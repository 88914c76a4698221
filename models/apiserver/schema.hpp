// Structural schemas (apiextensions v1): defaults, pruning and violations, compiled once from their JSON
// form, as a CustomResourceDefinition carries it. Violations read as kube-apiserver's (1.20, recorded cases
// create-*), where it has the keyword.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/apiserver/status.hpp"

namespace racebed::models {

class Schema {
 public:
  /// Requires: schema_problems() finds nothing in `text`, an openAPIV3Schema. Of a `whole_object` the members
  /// apiVersion, kind and metadata belong to the server: they are kept whatever the schema says.
  explicit Schema(const Json& text, bool whole_object = false);

  /// Fills in defaults where a member is absent, or null without `nullable`; then takes away whatever is null
  /// without being nullable.
  void apply_defaults(Json& value) const;
  /// Removes members that the schema does not know.
  void prune(Json& value) const;
  /// Appends the paths of the members that prune() would remove: "spec.foo", "spec.ports[0].bar". `path` is
  /// the value's own.
  void unknown_fields(const Json& value, const std::string& path, std::vector<std::string>& paths) const;
  /// What is wrong with `value`. Parts that are as they are in `old` (null: there is none) are not looked at:
  /// what was let in once does not stop a later write (ratcheting, 1.30).
  std::vector<Cause> violations(const Json& value, const Json* old) const;

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
};

}  // namespace racebed::models
