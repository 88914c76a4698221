#include "experiments/subjects/notification_2026_08_sanitizer.hpp"

#include <array>
#include <string_view>

namespace racebed::experiments::august_2026 {
namespace {

constexpr std::string_view kRedacted = "[REDACTED]";
constexpr std::array<std::string_view, 13> kKeys = {
    "password",     "passwd",       "pwd",           "api_key",       "api-key",           "apikey",
    "access_token", "access-token", "access_key_id", "client_secret", "secret_access_key", "secret",
    "token"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' || c == '-';
}
bool ends_value(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '"' || c == '\'' || c == ',' || c == '}' || c == '&';
}

bool begins(std::string_view text, std::string_view with) {
  if (text.size() < with.size()) return false;
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (lower(text[i]) != with[i]) return false;
  }
  return true;
}

std::size_t run(std::string_view text, bool (*of)(char)) {
  std::size_t length = 0;
  while (length < text.size() && of(text[length])) ++length;
  return length;
}
std::size_t value_length(std::string_view text) {
  return run(text, [](char c) { return !ends_value(c); });
}

/// How much of `text` to keep, and how much after it to replace; {0, 0} where no rule applies.
struct Cut {
  std::size_t keep = 0;
  std::size_t replace = 0;
};

/// key, quotes and blanks, ':' or '=', quotes and blanks: the value is what comes next.
Cut value_after(std::string_view text, std::size_t key) {
  const auto filler = [](char c) { return c == ' ' || c == '"' || c == '\''; };
  std::size_t at = key + run(text.substr(key), filler);
  if (at >= text.size() || (text[at] != ':' && text[at] != '=')) return {};
  ++at;
  at += run(text.substr(at), filler);
  return {at, value_length(text.substr(at))};
}

Cut at_word(std::string_view text) {
  if (begins(text, "authorization")) {
    Cut cut = value_after(text, 13);  // with the scheme before the credentials
    const std::size_t scheme = cut.keep + cut.replace;
    if (cut.replace > 0 && scheme < text.size() && text[scheme] == ' ')
      cut.replace += 1 + value_length(text.substr(scheme + 1));
    return cut;
  }
  if (begins(text, "bearer ")) return {7, value_length(text.substr(7))};
  for (const std::string_view key : kKeys) {
    if (begins(text, key)) return value_after(text, key.size());
  }
  for (const std::string_view prefix : {"sk-", "ghp_", "akia"}) {
    if (begins(text, prefix) && run(text, is_word) >= 16) return {0, run(text, is_word)};
  }
  if (begins(text, "-----begin ")) {
    const auto end = text.find("-----END ");
    const auto close = end == std::string_view::npos ? end : text.find("-----", end + 9);
    return {0, close == std::string_view::npos ? text.size() : close + 5};
  }
  return {};
}

/// "10.0.0.7"
Cut address(std::string_view text) {
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t digits = run(text.substr(at), is_digit);
    if (digits == 0 || digits > 3) return {};
    at += digits;
    if (part == 3) return {0, at};
    if (at >= text.size() || text[at] != '.') return {};
    ++at;
  }
  return {};
}

/// "user:password@" of a URL whose "://" has just been passed, and e-mail addresses.
Cut before_at(std::string_view text, bool in_url) {
  const std::size_t length =
      run(text, [](char c) { return !ends_value(c) && c != '@' && c != '/' && c != '['; });
  if (length == 0 || length >= text.size() || text[length] != '@') return {};
  if (in_url) return {0, length};
  const std::size_t host = run(text.substr(length + 1), [](char c) { return is_word(c) || c == '.'; });
  return {0, host > 2 ? length + 1 + host : 0};
}

Cut find_cut(const std::string& text, std::size_t at) {
  const std::string_view rest = std::string_view(text).substr(at);
  const bool in_url = at >= 3 && text.compare(at - 3, 3, "://") == 0;
  const bool word_begins = at == 0 || !is_word(text[at - 1]);
  if (in_url) return before_at(rest, true);
  if (!word_begins) return {};
  if (is_digit(rest[0]) && (at == 0 || text[at - 1] != '.')) return address(rest);
  const bool is_ours = at > 0 && text[at - 1] == '[' && begins(rest, "token:");
  const Cut cut = is_ours ? Cut{} : at_word(rest);
  return cut.replace > 0 ? cut : before_at(rest, false);
}

}  // namespace

std::string sanitize(const std::string& text) {
  std::string clean;
  for (std::size_t at = 0; at < text.size();) {
    const Cut cut = find_cut(text, at);
    if (cut.replace == 0) {
      clean += text[at++];
      continue;
    }
    clean.append(text, at, cut.keep);
    clean += kRedacted;
    at += cut.keep + cut.replace;
  }
  return clean;
}

}  // namespace racebed::experiments::august_2026
