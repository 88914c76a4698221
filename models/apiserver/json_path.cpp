#include "models/apiserver/json_path.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace racebed::models {
namespace {

bool is_quoted(std::string_view text) {
  return text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// "a.b\.c" as {"a", "b.c"}.
std::vector<std::string> dotted(std::string_view text) {
  std::vector<std::string> names(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      names.back() += text[++i];
    } else if (text[i] == '.') {
      names.emplace_back();
    } else {
      names.back() += text[i];
    }
  }
  return names;
}

const Json* member(const Json& value, const std::string& name) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(name);
  return found == value.end() ? nullptr : &*found;
}

bool passes(const Json& item, const std::vector<std::string>& path, const std::string& wanted) {
  const Json* at = &item;
  for (const std::string& name : path) {
    at = member(*at, name);
    if (at == nullptr) return false;
  }
  return at->is_string() ? at->get_ref<const std::string&>() == wanted
                         : (at->is_primitive() && at->dump() == wanted);
}

}  // namespace

std::optional<JsonPath::Step> JsonPath::parse_bracket(std::string_view inside) {
  if (inside == "*") return All{};
  if (is_quoted(inside)) return Member{std::string(inside.substr(1, inside.size() - 2))};
  std::size_t at = 0;
  const auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), at);
  if (!inside.empty() && error == std::errc() && end == inside.data() + inside.size()) return Index{at};
  if (!inside.starts_with("?(@.") || !inside.ends_with(")")) return std::nullopt;
  inside = inside.substr(4, inside.size() - 5);
  const std::size_t equals = inside.find("==");
  if (equals == std::string_view::npos) return std::nullopt;
  std::string_view value = trimmed(inside.substr(equals + 2));
  if (is_quoted(value)) value = value.substr(1, value.size() - 2);
  return Filter{dotted(trimmed(inside.substr(0, equals))), std::string(value)};
}

std::optional<JsonPath> JsonPath::parse(std::string_view text) {
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  JsonPath path;
  if (text.empty() || (text.front() != '.' && text.front() != '[')) return std::nullopt;
  while (!text.empty()) {
    if (text.front() == '[') {
      // The bracket that ends it is not one inside quotes.
      char quote = 0;
      std::size_t end = 1;
      for (; end < text.size() && (quote != 0 || text[end] != ']'); ++end) {
        if (quote == 0 && (text[end] == '\'' || text[end] == '"')) {
          quote = text[end];
        } else if (text[end] == quote) {
          quote = 0;
        }
      }
      if (end == text.size()) return std::nullopt;
      auto step = parse_bracket(text.substr(1, end - 1));
      if (!step) return std::nullopt;
      path.steps_.push_back(std::move(*step));
      text.remove_prefix(end + 1);
      continue;
    }
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
    std::string name;
    while (!text.empty() && text.front() != '.' && text.front() != '[') {
      if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
      name += text.front();
      text.remove_prefix(1);
    }
    if (name.empty() && !text.starts_with('[')) return std::nullopt;
    if (name == "*") {
      path.steps_.emplace_back(std::in_place_type<All>);
    } else if (!name.empty()) {
      path.steps_.push_back(Member{std::move(name)});
    }
  }
  return path;
}

std::vector<const Json*> JsonPath::find(const Json& object) const {
  std::vector<const Json*> found{&object};
  for (const Step& step : steps_) {
    std::vector<const Json*> next;
    for (const Json* value : found) {
      if (const auto* named = std::get_if<Member>(&step)) {
        if (const Json* inner = member(*value, named->name)) next.push_back(inner);
      } else if (const auto* index = std::get_if<Index>(&step)) {
        if (value->is_array() && index->at < value->size()) next.push_back(&(*value)[index->at]);
      } else if (std::holds_alternative<All>(step)) {
        if (value->is_structured()) {
          for (const Json& inner : *value) next.push_back(&inner);
        }
      } else if (const auto* filter = std::get_if<Filter>(&step); filter != nullptr && value->is_array()) {
        for (const Json& inner : *value) {
          if (passes(inner, filter->path, filter->value)) next.push_back(&inner);
        }
      }
    }
    found = std::move(next);
  }
  return found;
}

}  // namespace racebed::models
