#include "models/apiserver/schema.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/apiserver/cel_tree.hpp"
#include "models/apiserver/schema_node.hpp"

namespace racebed::models {
namespace {

using Node = Schema::Node;

template <class T>
void take(const Json& text, const char* keyword, std::optional<T>& into) {
  if (const auto it = text.find(keyword); it != text.end() && it->is_number()) into = it->get<T>();
}

void take_nodes(const Json& text, const char* keyword, std::vector<Node>& into);
Node compiled(const Json& text);

std::unique_ptr<Node> child(const Json& text, const char* keyword) {
  const auto it = text.find(keyword);
  if (it == text.end() || !it->is_object()) return nullptr;
  return std::make_unique<Node>(compiled(*it));
}

void take_nodes(const Json& text, const char* keyword, std::vector<Node>& into) {
  const auto it = text.find(keyword);
  if (it == text.end()) return;
  for (const Json& branch : *it) into.push_back(compiled(branch));
}

void take_bounds(const Json& text, Node& node) {
  take(text, "minimum", node.minimum);
  take(text, "maximum", node.maximum);
  take(text, "multipleOf", node.multiple_of);
  take(text, "minLength", node.min_length);
  take(text, "maxLength", node.max_length);
  take(text, "minItems", node.min_items);
  take(text, "maxItems", node.max_items);
  take(text, "minProperties", node.min_properties);
  take(text, "maxProperties", node.max_properties);
  node.exclusive_minimum = text.value("exclusiveMinimum", false);
  node.exclusive_maximum = text.value("exclusiveMaximum", false);
  node.unique_items = text.value("uniqueItems", false);
  node.format = text.value("format", "");
  node.pattern_text = text.value("pattern", "");
  if (!node.pattern_text.empty()) node.pattern = cel::compile_pattern(node.pattern_text);
}

void take_rules(const Json& text, Node& node) {
  const auto rules = text.find("x-kubernetes-validations");
  if (rules == text.end()) return;
  for (const Json& rule : *rules) {
    auto program = cel::compile(rule.value("rule", ""));
    if (!program) continue;
    SchemaRule compiled{.program = std::move(*program),
                        .rule = rule.value("rule", ""),
                        .message = rule.value("message", ""),
                        .reason = rule.value("reason", "FieldValueInvalid"),
                        .field_path = rule.value("fieldPath", "")};
    auto message = cel::compile(rule.value("messageExpression", ""));
    if (message) compiled.message_expression = std::move(*message);
    node.tells_all = node.tells_all || !compiled.program.uses_old_self();
    node.rules.push_back(std::move(compiled));
  }
}

void take_children(const Json& text, Node& node) {
  if (const auto properties = text.find("properties"); properties != text.end()) {
    for (const auto& [name, property] : properties->items())
      node.properties.emplace(name, compiled(property));
  }
  node.items = child(text, "items");
  node.additional = child(text, "additionalProperties");
  if (const auto it = text.find("additionalProperties"); it != text.end())
    node.additional_allowed = it->is_object() || (it->is_boolean() && it->get<bool>());
  node.none_of = child(text, "not");
  take_nodes(text, "allOf", node.all_of);
  take_nodes(text, "anyOf", node.any_of);
  take_nodes(text, "oneOf", node.one_of);
}

void take_summary(Node& node) {
  node.needs_rules = !node.rules.empty() || node.embedded || node.list != Node::List::atomic;
  const auto add = [&](const Node& part) {
    node.needs_rules = node.needs_rules || part.needs_rules;
    node.tells_all = node.tells_all || part.tells_all;
  };
  for (const auto& [name, property] : node.properties) add(property);
  if (node.items) add(*node.items);
  if (node.additional) add(*node.additional);
}

Node compiled(const Json& text) {
  Node node;
  node.type = text.value("type", "");
  node.int_or_string = text.value("x-kubernetes-int-or-string", false);
  node.nullable = text.value("nullable", false);
  node.preserves_unknown = text.value("x-kubernetes-preserve-unknown-fields", false);
  node.embedded = text.value("x-kubernetes-embedded-resource", false);
  const std::string list = text.value("x-kubernetes-list-type", "atomic");
  node.list = list == "set" ? Node::List::set : list == "map" ? Node::List::map : Node::List::atomic;
  node.list_keys = text.value("x-kubernetes-list-map-keys", std::vector<std::string>());
  node.required = text.value("required", std::vector<std::string>());
  node.options = text.value("enum", std::vector<Json>());
  if (const auto it = text.find("default"); it != text.end()) node.fallback = *it;
  take_bounds(text, node);
  take_children(text, node);
  take_rules(text, node);
  take_summary(node);
  return node;
}

bool is_refused_null(const Json& value, const Node* node) {
  return value.is_null() && node != nullptr && !node->nullable;
}

void fill_in(const Node& node, Json& value) {
  if (value.is_object()) {
    for (const auto& [name, property] : node.properties) {
      if (!property.fallback) continue;
      const auto it = value.find(name);
      if (it == value.end() || is_refused_null(*it, &property)) value[name] = *property.fallback;
    }
    for (auto it = value.begin(); it != value.end(); ++it) {
      const Node* member = node.of(it.key());
      if (member == nullptr || node.keeps(it.key())) continue;
      if (is_refused_null(*it, member) && member->fallback) *it = *member->fallback;
      fill_in(*member, *it);
    }
  } else if (value.is_array() && node.items) {
    for (Json& item : value) {
      if (is_refused_null(item, node.items.get()) && node.items->fallback) item = *node.items->fallback;
      fill_in(*node.items, item);
    }
  }
}

void drop_nulls(const Node& node, Json& value) {
  if (value.is_array() && node.items) {
    for (Json& item : value) drop_nulls(*node.items, item);
  }
  if (!value.is_object()) return;
  for (auto it = value.begin(); it != value.end();) {
    const Node* member = node.of(it.key());
    if (is_refused_null(*it, member)) {
      it = value.erase(it);
      continue;
    }
    if (member != nullptr && !node.keeps(it.key())) drop_nulls(*member, *it);
    ++it;
  }
}

void prune_in(const Node& node, Json& value) {
  if (value.is_array() && node.items) {
    for (Json& item : value) prune_in(*node.items, item);
  }
  if (!value.is_object()) return;
  for (auto it = value.begin(); it != value.end();) {
    const Node* member = node.of(it.key());
    const bool stays = member != nullptr || node.additional_allowed || node.preserves_unknown;
    if (node.keeps(it.key())) {
      ++it;
    } else if (!stays) {
      it = value.erase(it);
    } else {
      if (member != nullptr) prune_in(*member, *it);
      ++it;
    }
  }
}

void list_unknown(const Node& node, const Json& value, const std::string& path,
                  std::vector<std::string>& paths) {
  if (value.is_array() && node.items) {
    for (std::size_t i = 0; i < value.size(); ++i)
      list_unknown(*node.items, value[i], fmt::format("{}[{}]", path, i), paths);
  }
  if (!value.is_object()) return;
  for (const auto& [name, part] : value.items()) {
    if (node.keeps(name)) continue;
    const Node* member = node.of(name);
    const std::string at = path.empty() ? name : path + "." + name;
    if (member != nullptr) {
      if (part.is_structured()) list_unknown(*member, part, at, paths);
    } else if (!node.additional_allowed && !node.preserves_unknown) {
      paths.push_back(at);
    }
  }
}

/// Rules are not evaluated on what lacks a member, has one of another type, or may be too large.
bool blocks_rules(const Cause& cause) {
  return cause.reason == "FieldValueRequired" ||
         cause.message.find("in body must be of type") != std::string::npos ||
         cause.message.find("at most") != std::string::npos;
}

}  // namespace

const Schema::Node* Schema::Node::of(std::string_view member) const {
  const auto found = properties.find(member);
  return found != properties.end() ? &found->second : additional.get();
}

Schema::Schema(const Json& text, bool whole_object) {
  auto root = std::make_shared<Node>(compiled(text));
  root->whole_object = whole_object;
  root_ = std::move(root);
}

void Schema::apply_defaults(Json& value) const {
  fill_in(*root_, value);
  drop_nulls(*root_, value);
}

void Schema::prune(Json& value) const {
  prune_in(*root_, value);
}

void Schema::unknown_fields(const Json& value, const std::string& path,
                            std::vector<std::string>& paths) const {
  list_unknown(*root_, value, path, paths);
}

std::vector<Cause> Schema::violations(const Json& value, const Json* old) const {
  std::vector<Cause> causes;
  const SchemaPath root;
  check_schema(*root_, value, old, root, causes);
  if (!root_->needs_rules) return causes;
  if (!std::ranges::any_of(causes, blocks_rules)) {
    check_rules(*root_, value, old, root, causes);
  } else if (root_->tells_all) {
    causes.push_back({"FieldValueInvalid", "<nil>",
                      "Invalid value: null: some validation rules were not checked because the object was "
                      "invalid; correct the existing errors to complete validation"});
  }
  return causes;
}

}  // namespace racebed::models
