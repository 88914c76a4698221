#include "models/apiserver/continue_token.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

namespace racebed::models {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr const char* kVersion = "meta.k8s.io/v1";

std::string encode(std::string_view bytes) {
  std::string text;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = (held << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) text += kAlphabet[(held >> (bits - 6)) & 63];
  }
  if (bits > 0) text += kAlphabet[(held << (6 - bits)) & 63];
  return text;
}

std::optional<std::string> decode(std::string_view text) {
  std::string bytes;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    held = (held << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((held >> bits) & 255);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  return bytes;
}

/// No way out of the collection: every part of a key is a name.
bool is_clean(std::string_view key) {
  for (;;) {
    const std::size_t slash = key.find('/');
    const std::string_view part = key.substr(0, slash);
    if (part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

}  // namespace

std::string to_text(const ContinueToken& token) {
  Json json{{"v", kVersion}, {"rv", token.revision}, {"start", token.last + std::string(1, '\0')}};
  if (token.left >= 0) json["left"] = token.left;
  return encode(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Result<ContinueToken, std::string> parse_continue_token(std::string_view text) {
  const auto bytes = decode(text);
  if (!bytes) return "continue key is not valid: illegal base64 data";
  const Json json = Json::parse(*bytes, nullptr, false);
  if (!json.is_object()) return "continue key is not valid: invalid JSON";
  const auto version = json.find("v");
  if (version == json.end() || *version != kVersion)
    return fmt::format(
        "continue key is not valid: server does not recognize this encoded version {}",
        version == json.end() ? "\"\"" : version->dump(-1, ' ', false, Json::error_handler_t::replace));
  ContinueToken token;
  const auto revision = json.find("rv");
  if (revision != json.end() && revision->is_number_integer()) token.revision = revision->get<std::int64_t>();
  if (token.revision == 0)
    return fmt::format("continue key is not valid: incorrect encoded start resourceVersion (version {})",
                       kVersion);
  const auto start = json.find("start");
  if (start != json.end() && start->is_string()) token.last = start->get<std::string>();
  if (token.last.empty())
    return fmt::format("continue key is not valid: encoded start key empty (version {})", kVersion);
  if (token.last.back() == '\0') token.last.pop_back();
  if (!is_clean(token.last)) return fmt::format("continue key is not valid: {}", token.last);
  if (const auto left = json.find("left"); left != json.end() && left->is_number_integer())
    token.left = left->get<std::int64_t>();
  return token;
}

}  // namespace racebed::models
