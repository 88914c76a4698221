#include "models/apiserver/schema.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace racebed::models {
namespace {

template <class T>
void take(const Json& text, const char* keyword, std::optional<T>& into) {
  if (const auto it = text.find(keyword); it != text.end()) into = it->get<T>();
}

std::uint64_t characters(const std::string& utf8) {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void add(std::vector<Cause>& causes, const char* reason, const std::string& path, std::string message) {
  causes.push_back({reason, path, std::move(message)});
}

/// What kube-apiserver calls the type of a value of the wrong one.
std::string type_name(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_number_integer()) return "integer";
  return value.is_number() ? "number" : value.type_name();
}

std::string child(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

}  // namespace

Schema::Schema(const Json& text) : type_(text.value("type", "")) {
  const Json properties = text.value("properties", Json::object());
  for (const auto& [name, property] : properties.items()) {
    properties_.emplace(name, Schema(property));
  }
  required_ = text.value("required", std::vector<std::string>());
  enum_ = text.value("enum", std::vector<std::string>());
  if (text.contains("items")) items_ = std::make_shared<const Schema>(text["items"]);
  if (const auto it = text.find("additionalProperties"); it != text.end() && it->is_object()) {
    additional_ = std::make_shared<const Schema>(*it);
  }
  default_ = text.value("default", Json());
  take(text, "minimum", minimum_);
  take(text, "maximum", maximum_);
  take(text, "minLength", min_length_);
  take(text, "maxLength", max_length_);
  take(text, "minItems", min_items_);
  take(text, "maxItems", max_items_);
  nullable_ = text.value("nullable", false);
  preserves_unknown_ = text.value("x-kubernetes-preserve-unknown-fields", false);
}

void Schema::apply_defaults(Json& value) const {
  if (value.is_object()) {
    for (const auto& [name, property] : properties_) {
      auto it = value.find(name);
      const bool missing = it == value.end() || (it->is_null() && !property.nullable_);
      if (missing && !property.default_.is_null()) {
        value[name] = property.default_;
      } else if (it != value.end()) {
        property.apply_defaults(*it);
      }
    }
    if (additional_) {
      for (Json& member : value) additional_->apply_defaults(member);
    }
  } else if (value.is_array() && items_) {
    for (Json& item : value) items_->apply_defaults(item);
  }
}

void Schema::prune(Json& value) const {
  if (value.is_array() && items_) {
    for (Json& item : value) items_->prune(item);
  }
  if (!value.is_object()) return;
  for (auto it = value.begin(); it != value.end();) {
    const auto property = properties_.find(it.key());
    if (property != properties_.end()) {
      property->second.prune(*it++);
    } else if (additional_) {
      additional_->prune(*it++);
    } else if (preserves_unknown_) {
      ++it;
    } else {
      it = value.erase(it);
    }
  }
}

bool Schema::type_matches(const Json& value) const {
  if (type_.empty()) return true;
  if (type_ == "object") return value.is_object();
  if (type_ == "array") return value.is_array();
  if (type_ == "string") return value.is_string();
  if (type_ == "boolean") return value.is_boolean();
  if (type_ == "integer") return value.is_number_integer();
  return value.is_number();
}

void Schema::check(const Json& value, const std::string& path, std::vector<Cause>& causes) const {
  if (value.is_null() && nullable_) return;
  if (!type_matches(value)) {
    add(causes, "FieldValueInvalid", path,
        fmt::format("Invalid value: \"{0}\": {1} in body must be of type {2}: \"{0}\"", type_name(value),
                    path, type_));
    return;
  }
  if (value.is_string()) check_string(value, path, causes);
  if (value.is_number()) check_number(value, path, causes);
  if (value.is_array()) check_array(value, path, causes);
  if (value.is_object()) check_object(value, path, causes);
}

void Schema::check_string(const Json& value, const std::string& path, std::vector<Cause>& causes) const {
  const auto& text = value.get_ref<const std::string&>();
  if (min_length_ && characters(text) < *min_length_) {
    add(causes, "FieldValueInvalid", path,
        fmt::format("Invalid value: \"{}\": {} in body should be at least {} chars long", text, path,
                    *min_length_));
    // kube-apiserver 1.20 takes an empty required string for an absent one, and says so (create-min-length).
    if (text.empty()) {
      add(causes, "FieldValueInvalid", path,
          fmt::format("Invalid value: \"null\": {} in body must be of type string: \"null\"", path));
    }
  }
  if (max_length_ && characters(text) > *max_length_) {
    add(causes, "FieldValueInvalid", path,
        fmt::format("Invalid value: \"{}\": {} in body should be at most {} chars long", text, path,
                    *max_length_));
  }
  if (!enum_.empty() && std::ranges::find(enum_, text) == enum_.end()) {
    std::string supported;
    for (const std::string& option : enum_) {
      supported += fmt::format("{}\"{}\"", supported.empty() ? "" : ", ", option);
    }
    add(causes, "FieldValueNotSupported", path,
        fmt::format("Unsupported value: \"{}\": supported values: {}", text, supported));
  }
}

void Schema::check_number(const Json& value, const std::string& path, std::vector<Cause>& causes) const {
  if (!value.is_number_integer()) return;
  const auto number = value.get<std::int64_t>();
  const auto refuse = [&](const char* how, std::int64_t bound) {
    add(causes, "FieldValueInvalid", path,
        fmt::format("Invalid value: {}: {} in body should be {} than or equal to {}", number, path, how,
                    bound));
  };
  if (minimum_ && number < *minimum_) refuse("greater", *minimum_);
  if (maximum_ && number > *maximum_) refuse("less", *maximum_);
}

void Schema::check_array(const Json& value, const std::string& path, std::vector<Cause>& causes) const {
  const auto refuse = [&](const char* how, std::uint64_t bound) {
    add(causes, "FieldValueInvalid", path,
        fmt::format("Invalid value: {}: {} in body should have at {} {} items", value.size(), path, how,
                    bound));
  };
  if (min_items_ && value.size() < *min_items_) refuse("least", *min_items_);
  if (max_items_ && value.size() > *max_items_) refuse("most", *max_items_);
  if (!items_) return;
  for (std::size_t i = 0; i < value.size(); ++i)
    items_->check(value[i], fmt::format("{}[{}]", path, i), causes);
}

void Schema::check_object(const Json& value, const std::string& path, std::vector<Cause>& causes) const {
  for (const std::string& name : required_) {
    if (!value.contains(name)) add(causes, "FieldValueRequired", child(path, name), "Required value");
  }
  for (const auto& [key, member] : value.items()) {
    const auto property = properties_.find(key);
    if (property != properties_.end()) {
      property->second.check(member, child(path, key), causes);
    } else if (additional_) {
      additional_->check(member, child(path, key), causes);
    }
  }
}

}  // namespace racebed::models
