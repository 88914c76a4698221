#include "models/apiserver/target.hpp"

#include <vector>

namespace racebed::models {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) parts.push_back(decode(path.substr(0, slash), false));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return parts;
}

void parse_query(std::string_view text, Target& target) {
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = pair.find('=');
    target.query[decode(pair.substr(0, equals), true)] =
        equals == std::string_view::npos ? std::string() : decode(pair.substr(equals + 1), true);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string_view Target::parameter(std::string_view key) const {
  const auto found = query.find(key);
  return found == query.end() ? std::string_view() : found->second;
}

bool Target::flag(std::string_view key) const {
  const std::string_view value = parameter(key);
  return value == "1" || value == "true";
}

std::optional<Target> parse_target(std::string_view text, const Registry& registry) {
  const std::size_t question = text.find('?');
  Target target;
  if (question != std::string_view::npos) parse_query(text.substr(question + 1), target);
  const auto parts = segments(text.substr(0, question));
  std::size_t at = 0;
  std::string group;
  if (parts.size() >= 3 && parts[0] == "api") {
    at = 1;
  } else if (parts.size() >= 4 && parts[0] == "apis") {
    group = parts[1];
    at = 2;
  } else {
    return std::nullopt;
  }
  const std::string& version = parts[at++];
  // "/namespaces/{ns}/{plural}" unless the namespaces are themselves what is asked for.
  if (parts.size() >= at + 3 && parts[at] == "namespaces" &&
      registry.find(group, version, parts[at + 2]) != nullptr) {
    target.ns = parts[at + 1];
    at += 2;
  }
  target.type = registry.find(group, version, parts[at]);
  if (target.type == nullptr || (!target.ns.empty() && !target.type->namespaced)) return std::nullopt;
  if (parts.size() > at + 1) target.name = parts[at + 1];
  if (parts.size() > at + 2) target.subresource = parts[at + 2];
  if (parts.size() > at + 3) return std::nullopt;
  if (!target.name.empty() && target.type->namespaced && target.ns.empty()) return std::nullopt;
  return target;
}

}  // namespace racebed::models
