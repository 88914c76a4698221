#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "models/apiserver/json_body.hpp"
#include "models/apiserver/patches.hpp"

namespace racebed::models {
namespace {

/// Copies within a document may add so many values in one patch: each could double it.
constexpr std::size_t kCopiedMax = 1'000'000;

using Path = std::vector<std::string>;

/// RFC 6901.
std::optional<Path> parse_pointer(const std::string& text) {
  Path path;
  if (text.empty()) return path;
  if (text.front() != '/') return std::nullopt;
  for (std::size_t at = 0; at != std::string::npos;) {
    const std::size_t next = text.find('/', at + 1);
    const std::string raw = text.substr(at + 1, next == std::string::npos ? next : next - at - 1);
    std::string token;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const bool escape = raw[i] == '~' && i + 1 < raw.size() && (raw[i + 1] == '0' || raw[i + 1] == '1');
      token += escape ? (raw[++i] == '0' ? '~' : '/') : raw[i];
    }
    path.push_back(std::move(token));
    at = next;
  }
  return path;
}

std::optional<std::size_t> parse_index(const std::string& token) {
  if (token.empty() || (token.size() > 1 && token.front() == '0')) return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return index;
}

/// The child of `parent` under `token`; null if there is none.
Json* child(Json& parent, const std::string& token) {
  if (parent.is_object()) {
    const auto found = parent.find(token);
    return found == parent.end() ? nullptr : &*found;
  }
  if (!parent.is_array()) return nullptr;
  const auto index = parse_index(token);
  return index && *index < parent.size() ? &parent[*index] : nullptr;
}

Json* find(Json& document, const Path& path) {
  Json* at = &document;
  for (const std::string& token : path) {
    at = child(*at, token);
    if (at == nullptr) return nullptr;
  }
  return at;
}

Json* parent_of(Json& document, const Path& path) {
  return path.empty() ? nullptr : find(document, Path(path.begin(), path.end() - 1));
}

bool add(Json& document, const Path& path, Json value) {
  if (path.empty()) {
    document = std::move(value);
    return true;
  }
  Json* parent = parent_of(document, path);
  if (parent == nullptr) return false;
  const std::string& last = path.back();
  if (parent->is_object()) {
    (*parent)[last] = std::move(value);
    return true;
  }
  if (!parent->is_array()) return false;
  const auto index = last == "-" ? parent->size() : parse_index(last);
  if (!index || *index > parent->size()) return false;
  parent->insert(parent->begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
  return true;
}

bool remove(Json& document, const Path& path) {
  Json* parent = parent_of(document, path);
  if (parent == nullptr || child(*parent, path.back()) == nullptr) return false;
  if (parent->is_object()) {
    parent->erase(path.back());
  } else {
    parent->erase(*parse_index(path.back()));
  }
  return true;
}

std::size_t count_values(const Json& value) {
  std::size_t count = 1;
  if (value.is_structured()) {
    for (const Json& inner : value) count += count_values(inner);
  }
  return count;
}

std::size_t depth_of(const Json& value) {
  std::size_t deepest = 0;
  if (value.is_structured()) {
    for (const Json& inner : value) deepest = std::max(deepest, depth_of(inner));
  }
  return deepest + 1;
}

/// One operation's members, as far as their types are right.
struct Operation {
  std::string op{};
  Path path{};
  Path from{};
  const Json* value = nullptr;
};

std::optional<Operation> parse_operation(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto path = json.find("path");
  if (path == json.end() || !path->is_string()) return std::nullopt;
  Operation operation{.op = text_member(json, "op")};
  auto parsed = parse_pointer(path->get<std::string>());
  auto from = parse_pointer(text_member(json, "from"));
  if (!parsed || !from) return std::nullopt;
  operation.path = std::move(*parsed);
  operation.from = std::move(*from);
  if (const auto value = json.find("value"); value != json.end()) operation.value = &*value;
  return operation;
}

bool apply(Json& document, const Operation& operation, std::size_t& copied) {
  const std::string& op = operation.op;
  if (op == "add") return operation.value != nullptr && add(document, operation.path, *operation.value);
  if (op == "remove") return remove(document, operation.path);
  if (op == "replace" || op == "test") {
    if (operation.value == nullptr && op == "replace") return false;
    Json* target = find(document, operation.path);
    if (op == "test") {
      // A missing member equals null (as evanphx/json-patch has it).
      const Json wanted = operation.value == nullptr ? Json() : *operation.value;
      return target == nullptr ? wanted.is_null() : *target == wanted;
    }
    if (target == nullptr) return false;
    *target = *operation.value;
    return true;
  }
  if (op != "move" && op != "copy") return false;
  Json* source = find(document, operation.from);
  if (source == nullptr) return false;
  if (op == "copy") copied += count_values(*source);
  if (copied > kCopiedMax) return false;
  Json value = *source;
  if (op == "move") {
    const bool into_itself = operation.path.size() > operation.from.size() &&
                             std::equal(operation.from.begin(), operation.from.end(), operation.path.begin());
    if (into_itself || !remove(document, operation.from)) return false;
  }
  return add(document, operation.path, std::move(value));
}

}  // namespace

std::optional<PatchProblem> apply_json_patch(Json& document, const Json& operations) {
  if (!operations.is_array()) return PatchProblem::malformed;
  std::size_t copied = 0;
  for (const Json& json : operations) {
    const auto operation = parse_operation(json);
    if (!operation || !apply(document, *operation, copied)) return PatchProblem::not_applicable;
  }
  // A patch may nest what no request could have sent.
  if (depth_of(document) > kJsonDepthMax) return PatchProblem::not_applicable;
  return std::nullopt;
}

void apply_merge_patch(Json& document, const Json& change) {
  document.merge_patch(change);
}

}  // namespace racebed::models
