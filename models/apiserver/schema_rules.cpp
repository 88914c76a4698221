#include <fmt/format.h>

#include <set>

#include "models/apiserver/schema_node.hpp"

namespace racebed::models {
namespace {

using Node = Schema::Node;

/// By which a list of type map tells its items apart.
Json key_of(const Node& node, const Json& item) {
  Json key = Json::object();
  if (!item.is_object()) return key;
  for (const std::string& name : node.list_keys) {
    if (const auto it = item.find(name); it != item.end()) key[name] = *it;
  }
  return key;
}

void check_list(const Node& node, const Json& value, const SchemaPath& path, std::vector<Cause>& causes) {
  std::set<Json> seen;
  std::set<Json> told;
  for (std::size_t i = 0; i < value.size(); ++i) {
    Json key = node.list == Node::List::map ? key_of(node, value[i]) : value[i];
    if (seen.insert(key).second || !told.insert(key).second) continue;
    causes.push_back({"FieldValueDuplicate", path.item(i).text(), "Duplicate value: " + shown_value(key)});
  }
}

void check_embedded(const Json& value, const SchemaPath& path, std::vector<Cause>& causes) {
  for (const char* name : {"apiVersion", "kind"}) {
    const auto it = value.find(name);
    if (it == value.end() || !it->is_string() || it->get_ref<const std::string&>().empty()) {
      causes.push_back({"FieldValueRequired", path.member(name).text(), "Required value: must not be empty"});
    }
  }
  const auto metadata = value.find("metadata");
  if (metadata != value.end() && !metadata->is_object()) {
    causes.push_back({"FieldValueInvalid", path.member("metadata").text(),
                      "Invalid value: " + shown_value(*metadata) + ": must be an object"});
  }
}

std::string message_of(const SchemaRule& rule, const Json& value, const Json* old) {
  if (rule.message_expression) {
    const auto said = rule.message_expression->text(value, old);
    const bool usable =
        said && !said->empty() && said->find('\n') == std::string::npos && said->size() <= 5 * 1024;
    if (usable) return *said;
  }
  return rule.message.empty() ? "failed rule: " + rule.rule : rule.message;
}

Cause violated(const SchemaRule& rule, const std::string& at, const Json& value, std::string message) {
  const std::string type = type_name(value);
  if (rule.reason == "FieldValueForbidden") return {rule.reason, at, "Forbidden: " + message};
  if (rule.reason == "FieldValueRequired") return {rule.reason, at, "Required value: " + message};
  const char* what = rule.reason == "FieldValueDuplicate" ? "Duplicate value" : "Invalid value";
  return {rule.reason, at, fmt::format("{}: \"{}\": {}", what, type, message)};
}

void check_own_rules(const Node& node, const Json& value, const Json* old, const SchemaPath& path,
                     std::vector<Cause>& causes) {
  for (const SchemaRule& rule : node.rules) {
    if (rule.program.uses_old_self() && old == nullptr) continue;
    const auto holds = rule.program.holds(value, old);
    if (holds && *holds) continue;
    std::string at = path.text();
    if (!rule.field_path.empty())
      at = path.parent == nullptr ? rule.field_path.substr(1) : at + rule.field_path;
    std::string message = message_of(rule, value, old);
    if (!holds) message = fmt::format("{} evaluating rule: {}", holds.error().message, message);
    causes.push_back(violated(rule, at, value, std::move(message)));
  }
}

/// The old value of an item: known by key in a list of type map, not at all in others.
const Json* old_item(const Node& node, const Json& item, const Json* old) {
  if (node.list != Node::List::map || old == nullptr || !old->is_array()) return nullptr;
  const Json key = key_of(node, item);
  for (const Json& candidate : *old) {
    if (key_of(node, candidate) == key) return &candidate;
  }
  return nullptr;
}

}  // namespace

void check_rules(const Schema::Node& node, const Json& value, const Json* old, const SchemaPath& path,
                 std::vector<Cause>& causes) {
  if (!node.needs_rules || (old != nullptr && value == *old)) return;
  if (value.is_null()) return;
  if (value.is_array()) {
    if (node.list != Node::List::atomic) check_list(node, value, path, causes);
    check_own_rules(node, value, old, path, causes);
    if (!node.items || !node.items->needs_rules) return;
    for (std::size_t i = 0; i < value.size(); ++i)
      check_rules(*node.items, value[i], old_item(node, value[i], old), path.item(i), causes);
    return;
  }
  if (node.embedded && value.is_object()) check_embedded(value, path, causes);
  check_own_rules(node, value, old, path, causes);
  if (!value.is_object()) return;
  for (auto it = value.begin(); it != value.end(); ++it) {
    const Schema::Node* member = node.of(it.key());
    if (member == nullptr || !member->needs_rules) continue;
    const Json* before = nullptr;
    if (old != nullptr && old->is_object()) {
      if (const auto was = old->find(it.key()); was != old->end()) before = &*was;
    }
    const bool named = node.properties.contains(it.key());
    check_rules(*member, *it, before, named ? path.member(it.key()) : path.key(it.key()), causes);
  }
}

std::string SchemaPath::without_indices() const {
  if (parent == nullptr) return {};
  const std::string above = parent->without_indices();
  if (step == Step::item) return above;
  return above.empty() ? std::string(name) : above + "." + std::string(name);
}

std::string SchemaPath::text() const {
  if (parent == nullptr) return "<nil>";
  const std::string above = parent->parent == nullptr ? std::string() : parent->text();
  if (step == Step::item) return fmt::format("{}[{}]", above, index);
  if (step == Step::key) return fmt::format("{}[{}]", above, name);
  return above.empty() ? std::string(name) : above + "." + std::string(name);
}

std::string shown_value(const Json& value) {
  // Whatever a client sends is shown; text is UTF-8 by now, but a message is no place to fail.
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string type_name(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_number_integer()) return "integer";
  return value.is_number() ? "number" : value.type_name();
}

}  // namespace racebed::models
