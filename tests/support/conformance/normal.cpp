#include "tests/support/conformance/normal.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/time.hpp"

namespace racebed::tests {
namespace {

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// 8-4-4-4-12 hexadecimal digits at `at`.
bool uid_at(const std::string& text, std::size_t at) {
  static constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (at + kShape.size() > text.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '-' ? text[at + i] != '-' : !is_hex(text[at + i])) return false;
  }
  return true;
}
constexpr std::size_t kUidSize = 36;

}  // namespace

std::string Normal::name(Names& table, const char* prefix, const std::string& value) {
  return table.try_emplace(value, fmt::format("<{}-{}>", prefix, table.size() + 1)).first->second;
}

std::string Normal::text(std::string value) {
  for (std::size_t at = 0; (at = value.find(ns_, at)) != std::string::npos; at += 4) {
    value.replace(at, ns_.size(), "<ns>");
  }
  std::string out;
  for (std::size_t at = 0; at < value.size();) {
    const bool uid = uid_at(value, at);
    const std::string found = value.substr(at, uid ? kUidSize : 1);
    out += uid && !found.starts_with("11111111-") ? name(uids_, "uid", found) : found;
    at += found.size();
  }
  return out;
}

Json Normal::walk(const Json& value, const std::string& key, const Json* parent) {
  if (value.is_object()) return walk_object(value);
  if (value.is_string()) return walk_string(value.get<std::string>(), key, parent);
  if (!value.is_array()) return value;
  Json items = Json::array();
  for (const Json& item : value) items.push_back(walk(item, key, &value));
  if (key == "causes") {
    std::sort(items.begin(), items.end(), [](const Json& a, const Json& b) { return a.dump() < b.dump(); });
  }
  return items;
}

Json Normal::walk_object(const Json& value) {
  const std::string kind =
      value.contains("kind") && value["kind"].is_string() ? value["kind"].get<std::string>() : "";
  Json out = Json::object();
  for (const auto& [key, member] : value.items()) {
    if (key == "managedFields" || key == "selfLink") continue;
    if (key == "metadata" && kind == "Status" && member.empty()) continue;
    if (key == "resourceVersion" && member.is_string()) {
      out[key] = name(revisions_, "rv", member);
      continue;
    }
    out[key] = walk(member, key, &value);
  }
  return out;
}

Json Normal::walk_string(const std::string& value, const std::string& key, const Json* parent) {
  if (key == "serverAddress") return "<address>";
  if (key == "continue" && !value.empty()) return "<continue>";
  if (key == "name" && parent != nullptr && parent->is_object() && parent->contains("generateName")) {
    const std::string prefix = (*parent)["generateName"];
    return fmt::format("{}<suffix-{}>", prefix, value.size() - prefix.size());
  }
  if ((key == "creationTimestamp" || key == "deletionTimestamp") && parse_rfc3339(value)) return "<time>";
  return text(value);
}

Json relaxed(const Json& value) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& item : value) out.push_back(relaxed(item));
    return out;
  }
  if (!value.is_object()) return value;
  bool soft = (value.contains("kind") && value["kind"] == "Status") || value.contains("causes");
  bool only_cause = true;
  for (const auto& [key, member] : value.items()) {
    only_cause = only_cause && (key == "reason" || key == "message" || key == "field");
  }
  soft = soft || only_cause;
  Json out = Json::object();
  for (const auto& [key, member] : value.items()) {
    if (!(soft && key == "message")) out[key] = relaxed(member);
  }
  return out;
}

std::string differences(const Json& want, const Json& got) {
  std::string out;
  int shown = 0;
  for (const Json& change : Json::diff(want, got)) {
    if (++shown > 6) break;
    const std::string path = change["path"];
    const Json::json_pointer at(path);
    const bool in_want = change["op"] != "add" && want.contains(at);
    out += fmt::format("    {} {}: want {}, got {}\n", change["op"].get<std::string>(), path,
                       in_want ? want[at].dump().substr(0, 160) : "nothing",
                       change.contains("value") ? change["value"].dump().substr(0, 160) : "nothing");
  }
  return out;
}

}  // namespace racebed::tests
