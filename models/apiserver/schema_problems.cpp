#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "models/apiserver/cel_tree.hpp"
#include "models/apiserver/crd.hpp"
#include "models/apiserver/schema.hpp"
#include "models/apiserver/schema_node.hpp"

namespace racebed::models {
namespace {

/// What each keyword's value must be.
enum class Is { text, flag, number, size, texts, list, schema, schemas, schema_map, schema_or_flag, any };

struct Keyword {
  std::string_view name;
  Is is;
};

constexpr std::array kKeywords = {Keyword{"type", Is::text},
                                  Keyword{"title", Is::text},
                                  Keyword{"description", Is::text},
                                  Keyword{"format", Is::text},
                                  Keyword{"pattern", Is::text},
                                  Keyword{"nullable", Is::flag},
                                  Keyword{"exclusiveMinimum", Is::flag},
                                  Keyword{"exclusiveMaximum", Is::flag},
                                  Keyword{"uniqueItems", Is::flag},
                                  Keyword{"minimum", Is::number},
                                  Keyword{"maximum", Is::number},
                                  Keyword{"multipleOf", Is::number},
                                  Keyword{"minLength", Is::size},
                                  Keyword{"maxLength", Is::size},
                                  Keyword{"minItems", Is::size},
                                  Keyword{"maxItems", Is::size},
                                  Keyword{"minProperties", Is::size},
                                  Keyword{"maxProperties", Is::size},
                                  Keyword{"required", Is::texts},
                                  Keyword{"enum", Is::list},
                                  Keyword{"items", Is::schema},
                                  Keyword{"not", Is::schema},
                                  Keyword{"allOf", Is::schemas},
                                  Keyword{"anyOf", Is::schemas},
                                  Keyword{"oneOf", Is::schemas},
                                  Keyword{"properties", Is::schema_map},
                                  Keyword{"additionalProperties", Is::schema_or_flag},
                                  Keyword{"default", Is::any},
                                  Keyword{"example", Is::any},
                                  Keyword{"externalDocs", Is::any},
                                  Keyword{"x-kubernetes-preserve-unknown-fields", Is::flag},
                                  Keyword{"x-kubernetes-embedded-resource", Is::flag},
                                  Keyword{"x-kubernetes-int-or-string", Is::flag},
                                  Keyword{"x-kubernetes-list-type", Is::text},
                                  Keyword{"x-kubernetes-list-map-keys", Is::texts},
                                  Keyword{"x-kubernetes-map-type", Is::text},
                                  Keyword{"x-kubernetes-validations", Is::list}};

/// Deep enough for any document that people write, shallow enough for what walks it.
constexpr int kDepthMax = 64;
/// Patterns and rules of one schema: each costs memory for as long as the kind is served.
constexpr int kCompiledMax = 2000;

bool is_text_list(const Json& value) {
  return value.is_array() && std::ranges::all_of(value, [](const Json& item) { return item.is_string(); });
}

bool fits(const Json& value, Is is) {
  switch (is) {
    case Is::text:
      return value.is_string();
    case Is::flag:
      return value.is_boolean();
    case Is::number:
      return value.is_number();
    case Is::size:
      return value.is_number_integer() && value >= 0;
    case Is::texts:
      return is_text_list(value);
    case Is::list:
    case Is::schemas:
      return value.is_array();
    case Is::schema:
    case Is::schema_map:
      return value.is_object();
    case Is::schema_or_flag:
      return value.is_object() || value.is_boolean();
    case Is::any:
      return true;
  }
  return false;
}

/// What a schema may say depends on where it stands.
enum class Place { root, property, item, branch };

class Problems {
 public:
  explicit Problems(std::vector<Cause>& causes) : causes_(causes) {}

  void look(const Json& schema, const std::string& path, Place place, int depth) {
    if (depth > kDepthMax) return add("FieldValueInvalid", path, "Invalid value: \"\": nested too deeply");
    if (!schema.is_object()) return add("FieldValueInvalid", path, "Invalid value: \"\": must be a schema");
    const std::size_t before = causes_.size();
    look_at_words(schema, path);
    if (causes_.size() > before) return;
    if (place == Place::branch) {
      look_at_branch(schema, path);
    } else {
      look_at_type(schema, path, place);
      look_at_extensions(schema, path);
    }
    look_at_pattern(schema, path);
    look_below(schema, path, place == Place::branch, depth);
    if (causes_.size() > before) return;
    look_at_rules(schema, path);
    look_at_default(schema, path, place);
  }

 private:
  void add(const char* reason, std::string path, std::string message) {
    causes_.push_back({reason, std::move(path), std::move(message)});
  }
  void forbid(const std::string& path, const std::string& why) {
    add("FieldValueForbidden", path, "Forbidden: " + why);
  }

  void look_at_words(const Json& schema, const std::string& path) {
    for (const auto& [word, value] : schema.items()) {
      const auto known = std::ranges::find(kKeywords, word, &Keyword::name);
      if (known == kKeywords.end()) {
        forbid(path + "." + word, word == "$ref" ? "$ref is not supported" : word + " is not supported");
      } else if (!fits(value, known->is)) {
        add("FieldValueTypeInvalid", path + "." + word,
            fmt::format("Invalid value: {}: is of the wrong type", shown_value(value)));
      }
    }
  }

  void look_at_type(const Json& schema, const std::string& path, Place place) {
    const std::string type = schema.value("type", "");
    const bool typeless = schema.value("x-kubernetes-int-or-string", false) ||
                          schema.value("x-kubernetes-preserve-unknown-fields", false);
    if (place == Place::root && type != "object") {
      if (type.empty())
        return add("FieldValueRequired", path + ".type", "Required value: must not be empty at the root");
      return add("FieldValueInvalid", path + ".type",
                 fmt::format("Invalid value: \"{}\": must be object at the root", type));
    }
    if (type.empty() && !typeless) {
      add("FieldValueRequired", path + ".type",
          fmt::format("Required value: must not be empty for specified {}",
                      place == Place::item ? "array items" : "object fields"));
    }
    constexpr std::array<std::string_view, 6> kTypes = {"array",  "boolean", "integer",
                                                        "number", "object",  "string"};
    if (!type.empty() && std::ranges::find(kTypes, type) == kTypes.end()) {
      add("FieldValueNotSupported", path + ".type",
          fmt::format("Unsupported value: \"{}\": supported values: \"array\", \"boolean\", \"integer\", "
                      "\"number\", \"object\", \"string\"",
                      type));
    }
    if (type == "array" && !schema.contains("items"))
      add("FieldValueRequired", path + ".items", "Required value: must be specified");
    if (schema.contains("properties") && schema.contains("additionalProperties"))
      forbid(path + ".additionalProperties", "additionalProperties and properties are mutual exclusive");
    if (const auto it = schema.find("additionalProperties"); it != schema.end() && *it == false)
      forbid(path + ".additionalProperties", "additionalProperties cannot be set to false");
    if (schema.value("uniqueItems", false))
      forbid(path + ".uniqueItems",
             "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
    if (!type.empty() && schema.value("x-kubernetes-int-or-string", false))
      forbid(path + ".type", "must be empty if x-kubernetes-int-or-string is true");
  }

  /// Branches of allOf, anyOf, oneOf and not say something of values, never what there is.
  void look_at_branch(const Json& schema, const std::string& path) {
    for (const auto& [word, value] : schema.items()) {
      const bool structural = word == "type" || word == "default" || word == "additionalProperties" ||
                              word == "nullable" || word == "description" || word == "title" ||
                              word.starts_with("x-kubernetes-");
      if (structural && !(word == "type" && inside_int_or_string_))
        forbid(path + "." + word, "must be empty to be structural");
    }
  }

  void look_at_extensions(const Json& schema, const std::string& path) {
    const std::string list = schema.value("x-kubernetes-list-type", "");
    const std::string at = path + ".x-kubernetes-list-type";
    if (!list.empty() && list != "atomic" && list != "set" && list != "map") {
      add("FieldValueNotSupported", at,
          fmt::format("Unsupported value: \"{}\": supported values: \"atomic\", \"map\", \"set\"", list));
    }
    if (!list.empty() && schema.value("type", "") != "array")
      add("FieldValueInvalid", at, fmt::format("Invalid value: \"{}\": must be used with arrays only", list));
    const Json keys = schema.value("x-kubernetes-list-map-keys", Json::array());
    const std::string keys_at = path + ".x-kubernetes-list-map-keys";
    if (list == "map" && keys.empty())
      add("FieldValueRequired", keys_at,
          "Required value: must not be empty if x-kubernetes-list-type is map");
    if (list != "map" && !keys.empty()) forbid(keys_at, "must be empty if x-kubernetes-list-type is not map");
    const Json items = schema.value("items", Json::object());
    const Json properties = items.value("properties", Json::object());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!properties.contains(keys[i].get<std::string>()))
        add("FieldValueInvalid", fmt::format("{}[{}]", keys_at, i),
            fmt::format("Invalid value: {}: must be a property of the items", keys[i].dump()));
    }
    const bool embedded = schema.value("x-kubernetes-embedded-resource", false);
    if (embedded && schema.value("type", "") != "object")
      add("FieldValueInvalid", path + ".type",
          "Invalid value: must be object if x-kubernetes-embedded-resource is true");
    if (embedded && !schema.value("x-kubernetes-preserve-unknown-fields", false) &&
        !schema.contains("properties"))
      add("FieldValueRequired", path + ".properties",
          "Required value: must not be empty if x-kubernetes-embedded-resource is true without "
          "x-kubernetes-preserve-unknown-fields");
  }

  void look_at_pattern(const Json& schema, const std::string& path) {
    const auto pattern = schema.find("pattern");
    if (pattern == schema.end() || too_many(path)) return;
    if (cel::compile_pattern(pattern->get<std::string>())) return;
    add("FieldValueInvalid", path + ".pattern",
        fmt::format("Invalid value: {}: must be a valid regular expression", shown_value(*pattern)));
  }

  bool too_many(const std::string& path) {
    if (++compiled_ == kCompiledMax + 1)
      add("FieldValueTooMany", path,
          fmt::format("Too many: must have at most {} patterns and rules", kCompiledMax));
    return compiled_ > kCompiledMax;
  }

  void look_below(const Json& schema, const std::string& path, bool branch, int depth) {
    const auto child = [&](const Json& part, const std::string& at, Place place) {
      look(part, at, branch ? Place::branch : place, depth + 1);
    };
    if (const auto it = schema.find("properties"); it != schema.end()) {
      for (const auto& [name, property] : it->items())
        child(property, fmt::format("{}.properties[{}]", path, name), Place::property);
    }
    if (const auto it = schema.find("additionalProperties"); it != schema.end() && it->is_object())
      child(*it, path + ".additionalProperties", Place::property);
    if (const auto it = schema.find("items"); it != schema.end()) child(*it, path + ".items", Place::item);
    const bool before = inside_int_or_string_;
    inside_int_or_string_ = before || schema.value("x-kubernetes-int-or-string", false);
    if (const auto it = schema.find("not"); it != schema.end())
      look(*it, path + ".not", Place::branch, depth + 1);
    for (const char* word : {"allOf", "anyOf", "oneOf"}) {
      const auto it = schema.find(word);
      for (std::size_t i = 0; it != schema.end() && i < it->size(); ++i)
        look((*it)[i], fmt::format("{}.{}[{}]", path, word, i), Place::branch, depth + 1);
    }
    inside_int_or_string_ = before;
  }

  void look_at_rules(const Json& schema, const std::string& path) {
    const Json rules = schema.value("x-kubernetes-validations", Json::array());
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const std::string at = fmt::format("{}.x-kubernetes-validations[{}]", path, i);
      if (too_many(at)) return;
      look_at_rule(schema, rules[i], at);
    }
  }

  void look_at_rule(const Json& schema, const Json& rule, const std::string& at) {
    if (!rule.is_object()) return add("FieldValueTypeInvalid", at, "Invalid value: must be an object");
    constexpr std::array<std::string_view, 6> kWords = {"rule",   "message",   "messageExpression",
                                                        "reason", "fieldPath", "optionalOldSelf"};
    for (const auto& [word, value] : rule.items()) {
      if (std::ranges::find(kWords, word) == kWords.end()) forbid(at + "." + word, "is not supported");
      if (value.is_string() == (word == "optionalOldSelf"))
        return add("FieldValueTypeInvalid", at + "." + word, "Invalid value: is of the wrong type");
    }
    if (rule.value("optionalOldSelf", false)) forbid(at + ".optionalOldSelf", "is not supported");
    if (rule.value("rule", "").empty())
      return add("FieldValueRequired", at + ".rule", "Required value: rule is not specified");
    for (const char* word : {"rule", "messageExpression"}) {
      if (rule.contains(word)) look_at_expression(schema, rule[word], at + "." + word);
    }
    const std::string reason = rule.value("reason", "FieldValueInvalid");
    if (reason != "FieldValueInvalid" && reason != "FieldValueForbidden" && reason != "FieldValueRequired" &&
        reason != "FieldValueDuplicate") {
      add("FieldValueNotSupported", at + ".reason",
          fmt::format("Unsupported value: \"{}\": supported values: \"FieldValueDuplicate\", "
                      "\"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\"",
                      reason));
    }
    if (const std::string field = rule.value("fieldPath", "."); !field.starts_with('.'))
      add("FieldValueInvalid", at + ".fieldPath",
          fmt::format("Invalid value: \"{}\": must begin with a dot", field));
  }

  void look_at_expression(const Json& schema, const Json& text, const std::string& at) {
    const auto program = cel::compile(text.get<std::string>());
    std::string problem;
    if (!program) {
      problem = program.error().message;
    } else if (const auto name = program->undefined_field(schema)) {
      problem = fmt::format("undefined field '{}'", *name);
    }
    if (!problem.empty())
      add("FieldValueInvalid", at,
          fmt::format("Invalid value: {}: compilation failed: {}", shown_value(text), problem));
  }

  void look_at_default(const Json& schema, const std::string& path, Place place) {
    const auto fallback = schema.find("default");
    if (fallback == schema.end() || place == Place::branch) return;
    if (place == Place::root) return forbid(path + ".default", "must not be set at the root");
    const Schema compiled(schema);
    Json value = *fallback;
    compiled.prune(value);
    if (value != *fallback)
      return add("FieldValueInvalid", path + ".default",
                 fmt::format("Invalid value: {}: must not have unknown fields", shown_value(*fallback)));
    compiled.apply_defaults(value);
    for (const Cause& cause : compiled.violations(value, nullptr)) {
      const bool below = !cause.field.empty() && cause.field != "<nil>";
      add(cause.reason.c_str(), path + ".default" + (below ? "." + cause.field : ""), cause.message);
    }
  }

  std::vector<Cause>& causes_;
  int compiled_ = 0;
  bool inside_int_or_string_ = false;
};

}  // namespace

std::vector<Cause> schema_problems(const Json& schema, const std::string& path) {
  std::vector<Cause> causes;
  Problems(causes).look(schema, path, Place::root, 0);
  return causes;
}

}  // namespace racebed::models
