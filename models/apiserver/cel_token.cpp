#include "models/apiserver/cel_token.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace racebed::models::cel {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

/// The code point as UTF-8.
void append_code_point(std::string& out, unsigned code) {
  const auto put = [&](unsigned byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : rest_(text) {}

  Result<std::vector<Token>, std::string> run() {
    for (;;) {
      while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\n' || rest_[0] == '\r'))
        rest_.remove_prefix(1);
      if (rest_.empty()) break;
      if (rest_.starts_with("//")) {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      } else if (!one()) {
        return fmt::format("Syntax error: token recognition error at: '{}'", rest_.substr(0, 8));
      }
    }
    tokens_.push_back({});
    return std::move(tokens_);
  }

 private:
  bool one() {
    const char c = rest_[0];
    if (c == '"' || c == '\'') return string(false);
    if (rest_.size() > 1 && (c == 'r' || c == 'R') && (rest_[1] == '"' || rest_[1] == '\'')) {
      rest_.remove_prefix(1);
      return string(true);
    }
    if (is_digit(c) || (c == '.' && rest_.size() > 1 && is_digit(rest_[1]))) return number();
    if (is_name(c)) return name();
    constexpr std::array<std::string_view, 22> kSymbols = {"&&", "||", "==", "!=", "<=", ">=", "<", ">",
                                                           "!",  "?",  ":",  "(",  ")",  "[",  "]", ".",
                                                           ",",  "+",  "-",  "*",  "/",  "%"};
    for (const std::string_view symbol : kSymbols) {
      if (!rest_.starts_with(symbol)) continue;
      tokens_.push_back({.kind = Token::Kind::symbol, .text = std::string(symbol)});
      rest_.remove_prefix(symbol.size());
      return true;
    }
    return false;
  }

  void literal(std::size_t length, Json value) {
    tokens_.push_back({.kind = Token::Kind::literal,
                       .text = std::string(rest_.substr(0, length)),
                       .value = std::move(value)});
    rest_.remove_prefix(length);
  }

  bool name() {
    std::size_t length = 0;
    while (length < rest_.size() && is_name(rest_[length])) ++length;
    const std::string_view word = rest_.substr(0, length);
    if (word == "true" || word == "false") {
      literal(length, word == "true");
    } else if (word == "null") {
      literal(length, nullptr);
    } else {
      tokens_.push_back({.kind = Token::Kind::name, .text = std::string(word)});
      rest_.remove_prefix(length);
    }
    return true;
  }

  bool number() {
    const char* const begin = rest_.data();
    const char* const end = begin + rest_.size();
    std::int64_t whole = 0;
    const bool hex = rest_.starts_with("0x");
    const auto integer = std::from_chars(hex ? begin + 2 : begin, end, whole, hex ? 16 : 10);
    const bool fraction =
        !hex && integer.ptr != end && (*integer.ptr == '.' || *integer.ptr == 'e' || *integer.ptr == 'E');
    if (!fraction && integer.ec == std::errc()) {
      literal(static_cast<std::size_t>(integer.ptr - begin), whole);
      return rest_.empty() || !is_name(rest_[0]);  // "1u" is not ours
    }
    double real = 0;
    const auto floating = std::from_chars(begin, end, real);
    if (floating.ec != std::errc()) return false;
    literal(static_cast<std::size_t>(floating.ptr - begin), real);
    return rest_.empty() || !is_name(rest_[0]);
  }

  bool string(bool raw) {
    const char quote = rest_[0];
    std::string value;
    std::size_t at = 1;
    for (; at < rest_.size() && rest_[at] != quote; ++at) {
      if (rest_[at] == '\n') return false;
      if (rest_[at] != '\\' || raw) {
        value += rest_[at];
      } else if (!escape(++at, value)) {
        return false;
      }
    }
    if (at >= rest_.size()) return false;
    // Invalid UTF-8 would make a Json that cannot be printed.
    literal(at + 1, std::move(value));
    return true;
  }

  /// Of the escape whose letter is at `at`, which moves to its last character.
  bool escape(std::size_t& at, std::string& value) const {
    constexpr std::string_view kLetters = "abfnrtv\\'\"`?";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"`?";
    if (at >= rest_.size()) return false;
    if (const std::size_t simple = kLetters.find(rest_[at]); simple != std::string_view::npos) {
      value += kMeanings[simple];
      return true;
    }
    const std::size_t digits = rest_[at] == 'x' ? 2 : rest_[at] == 'u' ? 4 : 0;
    if (digits == 0 || at + digits >= rest_.size()) return false;
    unsigned code = 0;
    const char* const first = rest_.data() + at + 1;
    const auto [end, error] = std::from_chars(first, first + digits, code, 16);
    if (error != std::errc() || end != first + digits || (code >= 0xD800 && code < 0xE000)) return false;
    append_code_point(value, code);
    at += digits;
    return true;
  }

  std::string_view rest_;
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>, std::string> tokens_of(std::string_view text) {
  return Tokenizer(text).run();
}

std::string unescaped(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kEscapes = {
      {{"__underscores__", "__"}, {"__dot__", "."}, {"__dash__", "-"}, {"__slash__", "/"}}};
  // A word of the language is written between underscores: "__in__".
  constexpr std::array<std::string_view, 23> kWords = {
      "true", "false", "null",  "in",     "as",      "break",     "const",  "continue",
      "else", "for",   "if",    "let",    "loop",    "namespace", "return", "function",
      "var",  "void",  "while", "import", "package", "int",       "string"};
  for (const std::string_view word : kWords) {
    if (name.size() == word.size() + 4 && name.starts_with("__") && name.ends_with("__") &&
        name.substr(2, word.size()) == word) {
      return std::string(word);
    }
  }
  std::string out;
  while (!name.empty()) {
    bool escaped = false;
    for (const auto& [written, meant] : kEscapes) {
      if (!name.starts_with(written)) continue;
      out += meant;
      name.remove_prefix(written.size());
      escaped = true;
      break;
    }
    if (escaped) continue;
    out += name.front();
    name.remove_prefix(1);
  }
  return out;
}

}  // namespace racebed::models::cel
