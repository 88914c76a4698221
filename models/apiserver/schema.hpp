// Structural schemas (apiextensions v1): defaults, pruning and violations, compiled once from their JSON
// form, as a CustomResourceDefinition carries it. Violations read as kube-apiserver's (1.20, recorded cases
// create-*).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/apiserver/status.hpp"

namespace racebed::models {

class Schema {
 public:
  /// Requires: `text` is an openAPIV3Schema whose keywords are all among those below.
  explicit Schema(const Json& text);

  /// Fills in defaults where a member is absent, or null without `nullable`.
  void apply_defaults(Json& value) const;
  /// Removes members that the schema does not know.
  void prune(Json& value) const;
  /// Appends what is wrong with `value`, found at `path`.
  void check(const Json& value, const std::string& path, std::vector<Cause>& causes) const;

 private:
  void check_string(const Json& value, const std::string& path, std::vector<Cause>& causes) const;
  void check_number(const Json& value, const std::string& path, std::vector<Cause>& causes) const;
  void check_array(const Json& value, const std::string& path, std::vector<Cause>& causes) const;
  void check_object(const Json& value, const std::string& path, std::vector<Cause>& causes) const;
  bool type_matches(const Json& value) const;

  std::string type_;
  std::map<std::string, Schema, std::less<>> properties_;
  std::vector<std::string> required_;
  std::vector<std::string> enum_;
  std::shared_ptr<const Schema> items_;
  std::shared_ptr<const Schema> additional_;
  Json default_;  // null: none
  std::optional<std::int64_t> minimum_;
  std::optional<std::int64_t> maximum_;
  std::optional<std::uint64_t> min_length_;
  std::optional<std::uint64_t> max_length_;
  std::optional<std::uint64_t> min_items_;
  std::optional<std::uint64_t> max_items_;
  bool nullable_ = false;
  bool preserves_unknown_ = false;
};

}  // namespace racebed::models
