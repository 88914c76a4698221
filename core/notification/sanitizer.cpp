#include "core/notification/sanitizer.hpp"

#include <array>
#include <cstddef>

namespace racebed::notification {
namespace {

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_upper_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}
bool is_word(char c) {
  return is_alnum(c) || c == '_' || c == '-';
}
bool is_token_char(char c) {
  return is_word(c) || c == '.' || c == '/' || c == '+' || c == '=' || c == '~';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_no_case(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (lower(text[i]) != prefix[i]) return false;
  }
  return true;
}

template <class Predicate>
std::size_t run_length(std::string_view text, Predicate accepts) {
  std::size_t n = 0;
  while (n < text.size() && accepts(text[n])) ++n;
  return n;
}

/// Keys whose value is a secret, whole words; '_' and '-' in a text are skipped when comparing.
constexpr std::array<std::string_view, 17> kSecretKeys = {"password",
                                                          "passwd",
                                                          "pwd",
                                                          "passphrase",
                                                          "apikey",
                                                          "accesstoken",
                                                          "refreshtoken",
                                                          "authtoken",
                                                          "token",
                                                          "secret",
                                                          "clientsecret",
                                                          "secretkey",
                                                          "awsaccesskeyid",
                                                          "awssecretaccesskey",
                                                          "accesskey",
                                                          "privatekey",
                                                          "authorization"};
constexpr std::size_t kKeyMax = 32;

bool is_secret_key(std::string_view key) {
  if (key.empty() || key.size() > kKeyMax) return false;
  std::array<char, kKeyMax> plain{};
  std::size_t size = 0;
  for (const char c : key) {
    if (c != '_' && c != '-') plain[size++] = lower(c);
  }
  const std::string_view word(plain.data(), size);
  for (const std::string_view secret : kSecretKeys) {
    // "db_password" and "SLACK_TOKEN" are secrets too; "tokens" and "tokenizer" are not.
    if (word.ends_with(secret)) return true;
  }
  return false;
}

/// Copies `text` to `out`, redacting as it goes. Every rule looks forward from `at_`, and what it takes is
/// never looked at again; a rule that looks far (PEM, URL) is tried only at its own rare opening.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) { out_.reserve(text.size()); }

  std::string scan() {
    while (at_ < text_.size()) {
      const bool word_begins = at_ == 0 || !is_word(text_[at_ - 1]);
      if (pem()) continue;
      if (word_begins && (prefixed_token() || bearer() || aws_key_id() || key_and_value())) continue;
      if (url_credentials()) continue;
      if (word_begins && is_word(text_[at_])) {
        copy(word_length());
        continue;
      }
      copy(1);
    }
    return std::move(out_);
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  void copy(std::size_t n) {
    out_ += text_.substr(at_, n);
    at_ += n;
  }
  void redact(std::size_t n) {
    out_ += kRedacted;
    at_ += n;
  }
  /// The word at `at_`, remembered, so that a long one is measured once.
  std::size_t word_length() {
    if (word_end_ <= at_) word_end_ = at_ + run_length(rest(), is_word);
    return word_end_ - at_;
  }

  /// -----BEGIN ANYTHING----- to its END line, or to the end of the text.
  bool pem() {
    constexpr std::string_view kBegin = "-----BEGIN ";
    constexpr std::string_view kEnd = "-----END ";
    if (text_[at_] != '-' || !rest().starts_with(kBegin)) return false;
    const auto end = text_.find(kEnd, at_ + kBegin.size());
    if (end == std::string_view::npos) {
      redact(text_.size() - at_);
      return true;
    }
    const auto close = text_.find("-----", end + kEnd.size());
    redact((close == std::string_view::npos ? text_.size() : close + 5) - at_);
    return true;
  }

  /// Tokens that are known by how they begin.
  bool prefixed_token() {
    struct Prefix {
      std::string_view text;
      std::size_t length_min;
    };
    static constexpr std::array<Prefix, 10> kPrefixes = {{{"sk-", 20},
                                                          {"ghp_", 20},
                                                          {"gho_", 20},
                                                          {"ghs_", 20},
                                                          {"github_pat_", 20},
                                                          {"xoxb-", 10},
                                                          {"xoxp-", 10},
                                                          {"xoxa-", 10},
                                                          {"xapp-", 10},
                                                          {"glpat-", 20}}};
    for (const Prefix& prefix : kPrefixes) {
      if (!rest().starts_with(prefix.text)) continue;
      if (word_length() < prefix.length_min) return false;
      redact(word_length());
      return true;
    }
    return false;
  }

  /// `Bearer TOKEN`, `Basic TOKEN`.
  bool bearer() {
    for (const std::string_view scheme : {std::string_view("bearer"), std::string_view("basic")}) {
      if (!starts_with_no_case(rest(), scheme)) continue;
      const std::string_view after = rest().substr(scheme.size());
      const std::size_t spaces = run_length(after, is_space);
      const std::size_t token = run_length(after.substr(spaces), is_token_char);
      if (spaces == 0 || token < 8) return false;
      copy(scheme.size() + spaces);
      redact(token);
      return true;
    }
    return false;
  }

  bool aws_key_id() {
    constexpr std::size_t kLength = 20;
    if (!rest().starts_with("AKIA") && !rest().starts_with("ASIA")) return false;
    if (word_length() != kLength || run_length(rest(), is_upper_or_digit) != kLength) return false;
    redact(kLength);
    return true;
  }

  /// `password=x`, `"api_key": "x"`, `token: x`. A tag in brackets, [token:x], is a label and stays.
  bool key_and_value() {
    if (!is_word(text_[at_])) return false;
    const std::size_t key = word_length();
    if (!is_secret_key(rest().substr(0, key))) return false;
    if (at_ > 0 && text_[at_ - 1] == '[') return false;
    std::size_t n = at_ + key;
    if (n < text_.size() && (text_[n] == '"' || text_[n] == '\'')) ++n;
    n += run_length(text_.substr(n), [](char c) { return c == ' ' || c == '\t'; });
    if (n >= text_.size() || (text_[n] != '=' && text_[n] != ':')) return false;
    ++n;
    n += run_length(text_.substr(n), [](char c) { return c == ' ' || c == '\t'; });
    if (n >= text_.size()) return false;
    const char quote = text_[n] == '"' || text_[n] == '\'' ? text_[n] : '\0';
    if (quote != '\0') ++n;
    const std::string_view from = text_.substr(n);
    std::size_t value = quote != '\0' ? run_length(from, [quote](char c) { return c != quote && c != '\n'; })
                                      : run_length(from, [](char c) {
                                          return !is_space(c) && c != ',' && c != ';' && c != '&' && c != '"';
                                        });
    // "Authorization: Bearer x": the scheme's own rule takes the rest.
    if (starts_with_no_case(from, "bearer ") || starts_with_no_case(from, "basic ")) value = 0;
    copy(n - at_);
    if (value > 0) redact(value);
    return true;
  }

  /// scheme://user:secret@host: the secret.
  bool url_credentials() {
    if (!rest().starts_with("://")) return false;
    copy(3);
    const std::size_t authority = run_length(
        rest(), [](char c) { return !is_space(c) && c != '/' && c != '?' && c != '#' && c != '"'; });
    const std::string_view part = rest().substr(0, authority);
    const auto at_sign = part.rfind('@');
    if (at_sign == std::string_view::npos) return true;
    const auto colon = part.find(':');
    if (colon == std::string_view::npos || colon > at_sign) return true;
    copy(colon + 1);
    redact(at_sign - colon - 1);
    return true;
  }

  std::string_view text_;
  std::string out_;
  std::size_t at_ = 0;
  std::size_t word_end_ = 0;
};

}  // namespace

std::string sanitize(std::string_view text) {
  return Scanner(text).scan();
}

std::string sanitize_value(std::string_view key, std::string_view value) {
  return is_secret_key(key) ? std::string(kRedacted) : sanitize(value);
}

}  // namespace racebed::notification
