#include "models/apiserver/selector.hpp"

#include <nlohmann/json.hpp>

namespace racebed::models {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Splits at commas outside parentheses.
std::vector<std::string_view> terms(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '(') ++depth;
    if (i < text.size() && text[i] == ')') --depth;
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      parts.push_back(trimmed(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  return parts;
}

bool is_key(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text) {
    const bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                    c == '_' || c == '.' || c == '/';
    if (!ok) return false;
  }
  return true;
}

bool is_value(std::string_view text) {
  return text.empty() || is_key(text);
}

std::optional<Requirement> set_based(std::string_view term, std::string_view word, Requirement::Operator op) {
  const std::size_t at = term.find(word);
  const std::string_view key = trimmed(term.substr(0, at));
  std::string_view list = trimmed(term.substr(at + word.size()));
  if (!is_key(key) || list.size() < 2 || list.front() != '(' || list.back() != ')') return std::nullopt;
  Requirement requirement{std::string(key), op, {}};
  for (std::string_view value : terms(list.substr(1, list.size() - 2))) {
    if (!is_value(value)) return std::nullopt;
    requirement.values.emplace(value);
  }
  return requirement;
}

std::optional<Requirement> parse_term(std::string_view term) {
  using Op = Requirement::Operator;
  if (term.find(" notin ") != std::string_view::npos || term.find(" notin(") != std::string_view::npos) {
    return set_based(term, " notin", Op::not_in);
  }
  if (term.find(" in ") != std::string_view::npos || term.find(" in(") != std::string_view::npos) {
    return set_based(term, " in", Op::in);
  }
  for (const auto& [sign, op] : {std::pair{std::string_view("!="), Op::not_equals},
                                 {std::string_view("=="), Op::equals},
                                 {std::string_view("="), Op::equals}}) {
    const std::size_t at = term.find(sign);
    if (at == std::string_view::npos) continue;
    const std::string_view key = trimmed(term.substr(0, at));
    const std::string_view value = trimmed(term.substr(at + sign.size()));
    if (!is_key(key) || !is_value(value)) return std::nullopt;
    return Requirement{std::string(key), op, {std::string(value)}};
  }
  const bool absent = term.starts_with('!');
  const std::string_view key = trimmed(absent ? term.substr(1) : term);
  if (!is_key(key)) return std::nullopt;
  return Requirement{std::string(key), absent ? Op::absent : Op::exists, {}};
}

const std::string* label_of(const Json& object, const std::string& key) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end()) return nullptr;
  const auto labels = metadata->find("labels");
  if (labels == metadata->end() || !labels->is_object()) return nullptr;
  const auto label = labels->find(key);
  return label == labels->end() ? nullptr : label->get_ptr<const std::string*>();
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
  }
  return false;
}

/// The text at a dotted path; "" when absent.
std::string field_of(const Json& object, std::string_view path) {
  const Json* at = &object;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const auto it = at->is_object() ? at->find(std::string(path.substr(0, dot))) : at->end();
    if (it == at->end()) return {};
    at = &*it;
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  return at->is_string() ? at->get<std::string>() : at->dump();
}

}  // namespace

std::optional<std::vector<Requirement>> Selector::parse_labels(std::string_view text) {
  std::vector<Requirement> requirements;
  if (trimmed(text).empty()) return requirements;
  for (std::string_view term : terms(text)) {
    auto requirement = parse_term(term);
    if (!requirement) return std::nullopt;
    requirements.push_back(std::move(*requirement));
  }
  return requirements;
}

std::optional<std::vector<Selector::FieldRequirement>> Selector::parse_fields(std::string_view text) {
  std::vector<FieldRequirement> requirements;
  if (trimmed(text).empty()) return requirements;
  for (std::string_view term : terms(text)) {
    const bool differs = term.find("!=") != std::string_view::npos;
    const std::string_view sign = differs ? "!=" : term.find("==") != std::string_view::npos ? "==" : "=";
    const std::size_t at = term.find(sign);
    if (at == std::string_view::npos) return std::nullopt;
    requirements.push_back({std::string(trimmed(term.substr(0, at))), !differs,
                            std::string(trimmed(term.substr(at + sign.size())))});
  }
  return requirements;
}

bool Selector::matches(const Json& object) const {
  for (const Requirement& requirement : labels_) {
    if (!holds(requirement, label_of(object, requirement.key))) return false;
  }
  for (const FieldRequirement& field : fields_) {
    if ((field_of(object, field.path) == field.value) != field.equal) return false;
  }
  return true;
}

}  // namespace racebed::models
