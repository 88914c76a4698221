// A schema, compiled. Private to models/apiserver/schema*.
#pragma once

#include <re2/re2.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/apiserver/cel.hpp"
#include "models/apiserver/schema.hpp"

namespace racebed::models {

/// One of x-kubernetes-validations.
struct SchemaRule {
  cel::Program program;
  std::string rule{};
  std::string message{};
  std::optional<cel::Program> message_expression{};
  std::string reason{};
  std::string field_path{};
};

struct Schema::Node {
  enum class List { atomic, set, map };

  std::string type{};
  bool int_or_string = false;
  bool nullable = false;
  bool preserves_unknown = false;
  bool additional_allowed = false;
  bool embedded = false;      // x-kubernetes-embedded-resource
  bool whole_object = false;  // the root of a kind: its metadata is the server's
  bool exclusive_minimum = false;
  bool exclusive_maximum = false;
  bool unique_items = false;
  bool needs_rules = false;  // something here or below is checked by check_rules()
  bool tells_all = false;    // a rule here or below applies without an old value
  List list = List::atomic;
  std::vector<std::string> list_keys{};
  std::map<std::string, Node, std::less<>> properties{};
  std::vector<std::string> required{};
  std::vector<Json> options{};  // enum
  std::unique_ptr<Node> items{};
  std::unique_ptr<Node> additional{};
  std::unique_ptr<Node> none_of{};  // not
  std::vector<Node> all_of{};
  std::vector<Node> any_of{};
  std::vector<Node> one_of{};
  std::optional<Json> fallback{};  // default
  std::optional<Json> minimum{};
  std::optional<Json> maximum{};
  std::optional<Json> multiple_of{};
  std::optional<std::uint64_t> min_length{};
  std::optional<std::uint64_t> max_length{};
  std::optional<std::uint64_t> min_items{};
  std::optional<std::uint64_t> max_items{};
  std::optional<std::uint64_t> min_properties{};
  std::optional<std::uint64_t> max_properties{};
  std::string format{};
  std::string pattern_text{};
  std::shared_ptr<const RE2> pattern{};
  std::vector<SchemaRule> rules{};

  bool keeps(std::string_view member) const {
    return (whole_object || embedded) && (member == "apiVersion" || member == "kind" || member == "metadata");
  }
  /// The schema of a member; null if there is none.
  const Node* of(std::string_view member) const;
};

/// Where in an object a value is. Made on the way down, spelled out only when something is wrong.
struct SchemaPath {
  enum class Step { root, member, item, key };

  const SchemaPath* parent = nullptr;
  Step step = Step::root;
  std::string_view name{};
  std::size_t index = 0;

  SchemaPath member(std::string_view n) const { return {this, Step::member, n, 0}; }
  SchemaPath item(std::size_t i) const { return {this, Step::item, {}, i}; }
  SchemaPath key(std::string_view n) const { return {this, Step::key, n, 0}; }

  /// "spec.ports.name": kube-apiserver 1.20 checks a list's items under the list's own path.
  std::string without_indices() const;
  /// "spec.ports[0].name", "spec.limits[cpu]"; "<nil>" for the root.
  std::string text() const;
};

/// What the OpenAPI keywords say. Blocking: rules would not be safe to evaluate.
void check_schema(const Schema::Node& node, const Json& value, const Json* old, const SchemaPath& path,
                  std::vector<Cause>& causes);
/// What list types, embedded resources and rules say.
void check_rules(const Schema::Node& node, const Json& value, const Json* old, const SchemaPath& path,
                 std::vector<Cause>& causes);

/// Whether `text` is of the format; what is not known to be a format holds for all.
bool has_format(std::string_view format, const std::string& text);

/// As a message shows a value that was refused.
std::string shown_value(const Json& value);
/// "integer", "number", "string", "boolean", "array", "object", "null".
std::string type_name(const Json& value);

}  // namespace racebed::models
