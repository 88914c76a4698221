#include "experiments/invariants/secrets.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace racebed::experiments {
namespace {

constexpr std::size_t kShortest = 6;
constexpr std::array<std::string_view, 8> kKeys = {"password", "passwd", "api_key",      "apikey",
                                                   "api-key",  "token",  "access_token", "client_secret"};
constexpr std::array<std::string_view, 4> kPrefixes = {"Bearer ", "sk-", "ghp_", "xoxb-"};

bool ends_value(char c) {
  return std::string_view(" \t\r\n\"',;&}<>`|").find(c) != std::string_view::npos;
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_word(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' || c == '-';
}
std::string value_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && !ends_value(text[end])) ++end;
  return std::string(text.substr(at, end - at));
}

/// `key=value`, `key: value`, `"key":"value"`, with the key as a whole word.
void find_pairs(std::string_view text, std::string_view lowered, std::string_view key,
                std::vector<std::string>& found) {
  for (std::size_t at = lowered.find(key); at != std::string_view::npos; at = lowered.find(key, at + 1)) {
    // "[token:...]" is the testbed's own mark.
    if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '[')) continue;
    std::size_t n = at + key.size();
    if (n < text.size() && (text[n] == '"' || text[n] == '\'')) ++n;
    while (n < text.size() && text[n] == ' ') ++n;
    if (n >= text.size() || (text[n] != '=' && text[n] != ':')) continue;
    ++n;
    while (n < text.size() && text[n] == ' ') ++n;
    if (n < text.size() && (text[n] == '"' || text[n] == '\'')) ++n;
    found.push_back(value_at(text, n));
  }
}

/// scheme://user:secret@host
void find_credentials(std::string_view text, std::vector<std::string>& found) {
  for (std::size_t at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
    const std::string authority = value_at(text, at + 3);
    const std::size_t host = authority.substr(0, authority.find('/')).rfind('@');
    const std::size_t colon = authority.find(':');
    if (host != std::string::npos && colon < host)
      found.push_back(authority.substr(colon + 1, host - colon - 1));
  }
}

/// The first line of a PEM block's content.
void find_pem(std::string_view text, std::vector<std::string>& found) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at + 1)) {
    const std::size_t label_end = text.find("-----", at + kBegin.size());
    if (label_end == std::string_view::npos) return;
    const std::size_t content = text.find_first_not_of("\r\n", label_end + 5);
    if (content != std::string_view::npos) found.push_back(value_at(text, content));
  }
}

}  // namespace

std::vector<std::string> secrets_in(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
  std::vector<std::string> found;
  for (const std::string_view key : kKeys) find_pairs(text, lowered, key, found);
  for (const std::string_view prefix : kPrefixes) {
    for (std::size_t at = text.find(prefix); at != std::string_view::npos; at = text.find(prefix, at + 1)) {
      if (at == 0 || !is_word(text[at - 1])) found.push_back(value_at(text, at + prefix.size()));
    }
  }
  find_credentials(text, found);
  find_pem(text, found);
  std::erase_if(found, [](const std::string& value) { return value.size() < kShortest; });
  return found;
}

std::vector<std::string> secrets_in(const models::Json& json) {
  if (json.is_string()) return secrets_in(std::string_view(json.get_ref<const std::string&>()));
  std::vector<std::string> found;
  if (!json.is_structured()) return found;
  for (const auto& [key, value] : json.items()) {
    std::vector<std::string> more = secrets_in(value);
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

}  // namespace racebed::experiments
