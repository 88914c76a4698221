#include "models/apiserver/selector.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

namespace racebed::models {
namespace {

const std::string* label_of(const Json& object, const std::string& key) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end()) return nullptr;
  const auto labels = metadata->find("labels");
  if (labels == metadata->end() || !labels->is_object()) return nullptr;
  const auto label = labels->find(key);
  return label == labels->end() ? nullptr : label->get_ptr<const std::string*>();
}

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool holds(const Requirement& requirement, const std::string* label) {
  using Op = Requirement::Operator;
  switch (requirement.op) {
    case Op::exists:
      return label != nullptr;
    case Op::absent:
      return label == nullptr;
    case Op::equals:
    case Op::in:
      return label != nullptr && requirement.values.contains(*label);
    case Op::not_equals:
    case Op::not_in:
      return label == nullptr || !requirement.values.contains(*label);
    case Op::greater:
    case Op::less: {
      const auto value = label != nullptr ? integer(*label) : std::nullopt;
      if (!value) return false;
      return requirement.op == Op::greater ? *value > requirement.bound : *value < requirement.bound;
    }
  }
  return false;
}

/// The text at a dotted path; "" when absent.
std::string field_of(const Json& object, std::string_view path) {
  const Json* at = &object;
  for (;;) {
    const std::size_t dot = path.find('.');
    const auto it = at->find(std::string(path.substr(0, dot)));
    if (it == at->end() || it->is_null()) return {};
    at = &*it;
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  if (at->is_string()) return at->get<std::string>();
  return at->dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Splits at commas that no `\` precedes.
std::vector<std::string_view> terms_of(std::string_view text) {
  std::vector<std::string_view> terms;
  std::size_t begin = 0;
  bool escaped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (escaped) {
      escaped = false;
    } else if (text[i] == '\\') {
      escaped = true;
    } else if (text[i] == ',') {
      terms.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  terms.push_back(text.substr(begin));
  return terms;
}

Result<std::string, std::string> unescaped(std::string_view text) {
  using Outcome = Result<std::string, std::string>;
  const auto wrong = [](std::string message) { return Outcome(boost::system::in_place_error, message); };
  std::string value;
  bool escaped = false;
  for (const char c : text) {
    if (escaped) {
      if (c != '\\' && c != ',' && c != '=')
        return wrong(fmt::format("invalid field selector: invalid escape sequence: \\{}", c));
      value += c;
      escaped = false;
    } else if (c == '\\') {
      escaped = true;
    } else if (c == ',' || c == '=') {
      return wrong(fmt::format("invalid field selector: unescaped character in value: {}", int{c}));
    } else {
      value += c;
    }
  }
  if (escaped) return wrong("invalid field selector: invalid escape sequence: \\");
  return Outcome(boost::system::in_place_value, std::move(value));
}

}  // namespace

Result<std::vector<FieldRequirement>, std::string> Selector::parse_fields(std::string_view text) {
  std::vector<FieldRequirement> requirements;
  for (std::string_view term : terms_of(text)) {
    if (term.empty()) continue;
    // The first sign decides, the longer one where two begin alike.
    const std::size_t at = std::min(term.find("!="), term.find('='));
    if (at == std::string_view::npos)
      return fmt::format("invalid selector: '{}'; can't understand '{}'", text, term);
    const bool differs = term[at] == '!';
    const std::size_t width = differs || term.substr(at).starts_with("==") ? 2 : 1;
    auto value = unescaped(term.substr(at + width));
    if (!value) return value.error();
    requirements.push_back({std::string(term.substr(0, at)), !differs, std::move(*value)});
  }
  return requirements;
}

bool Selector::matches(const Json& object) const {
  for (const Requirement& requirement : labels_) {
    if (!holds(requirement, label_of(object, requirement.key))) return false;
  }
  for (const FieldRequirement& field : fields_) {
    std::string text = field_of(object, field.path);
    if (text.empty() && !field.instead.empty()) text = field_of(object, field.instead);
    if ((text == field.value) != field.equal) return false;
  }
  return true;
}

}  // namespace racebed::models
