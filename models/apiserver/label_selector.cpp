// The grammar of label selectors, as apimachinery's labels.Parse has it: a lexer, a parser that looks one
// token ahead, and the same words for what is wrong.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "models/apiserver/selector.hpp"

namespace racebed::models {
namespace {

using Op = Requirement::Operator;

enum class Token {
  end,
  identifier,
  in,
  not_in,
  comma,
  open,
  close,
  equals,
  double_equals,
  not_equals,
  not_,
  greater,
  less
};

struct Lexeme {
  Token token = Token::end;
  std::string text{};
};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_special(char c) {
  return std::string_view("=!(),><").find(c) != std::string_view::npos;
}

Token special(char c) {
  switch (c) {
    case '=':
      return Token::equals;
    case '!':
      return Token::not_;
    case '(':
      return Token::open;
    case ')':
      return Token::close;
    case ',':
      return Token::comma;
    case '>':
      return Token::greater;
    default:
      return Token::less;
  }
}

std::vector<Lexeme> lexemes_of(std::string_view text) {
  std::vector<Lexeme> lexemes;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = i;
    if (is_space(text[i])) {
      ++i;
    } else if (text.substr(i, 2) == "==" || text.substr(i, 2) == "!=") {
      lexemes.push_back(
          {text[i] == '!' ? Token::not_equals : Token::double_equals, std::string(text.substr(i, 2))});
      i += 2;
    } else if (is_special(text[i])) {
      lexemes.push_back({special(text[i]), std::string(1, text[i])});
      ++i;
    } else {
      while (i < text.size() && !is_space(text[i]) && !is_special(text[i])) ++i;
      const std::string_view word = text.substr(begin, i - begin);
      const Token token = word == "in" ? Token::in : word == "notin" ? Token::not_in : Token::identifier;
      lexemes.push_back({token, std::string(word)});
    }
  }
  lexemes.emplace_back();
  return lexemes;
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`, at most 63 characters.
bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 63) return false;
  if (!is_alphanumeric(text.front()) || !is_alphanumeric(text.back())) return false;
  return std::ranges::all_of(text,
                             [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_lower_label(std::string_view text) {
  return is_name(text) && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool is_key(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_name(text);
  std::string_view prefix = text.substr(0, slash);
  if (prefix.size() > 253 || !is_name(text.substr(slash + 1))) return false;
  for (;;) {
    const std::size_t dot = prefix.find('.');
    if (!is_lower_label(prefix.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    prefix.remove_prefix(dot + 1);
  }
}

class Parser {
 public:
  using Outcome = Result<std::vector<Requirement>, std::string>;
  explicit Parser(std::string_view text) : lexemes_(lexemes_of(text)) {}

  Outcome parse() {
    std::vector<Requirement> requirements;
    for (;;) {
      const Lexeme& first = look();
      if (first.token == Token::end) return requirements;
      if (first.token != Token::not_ && !is_word(first))
        return fmt::format("found '{}', expected: !, identifier, or 'end of string'", first.text);
      if (!requirement(requirements)) return "unable to parse requirement: " + wrong_;
      const Lexeme& after = take();
      if (after.token == Token::end) return requirements;
      if (after.token != Token::comma)
        return fmt::format("found '{}', expected: ',' or 'end of string'", after.text);
      if (look().token != Token::not_ && !is_word(look()))
        return fmt::format("found '{}', expected: identifier after ','", look().text);
    }
  }

 private:
  /// Keywords are words where an operator cannot stand.
  static bool is_word(const Lexeme& lexeme) {
    return lexeme.token == Token::identifier || lexeme.token == Token::in || lexeme.token == Token::not_in;
  }
  const Lexeme& look() const { return lexemes_[at_]; }
  const Lexeme& take() { return lexemes_[at_ + 1 < lexemes_.size() ? at_++ : at_]; }
  bool fail(std::string why) {
    wrong_ = std::move(why);
    return false;
  }

  bool requirement(std::vector<Requirement>& requirements) {
    Requirement result;
    const bool negated = look().token == Token::not_;
    if (negated) take();
    const Lexeme& key = take();
    if (!is_word(key)) return fail(fmt::format("found '{}', expected: identifier", key.text));
    if (!is_key(key.text))
      return fail(
          fmt::format("key: Invalid value: \"{}\": name part must consist of alphanumeric characters, "
                      "'-', '_' or '.', and must start and end with an alphanumeric character",
                      key.text));
    result.key = key.text;
    result.op = negated ? Op::absent : Op::exists;
    const bool alone = look().token == Token::end || look().token == Token::comma;
    if (!negated && !alone && !operation(result)) return false;
    requirements.push_back(std::move(result));
    return true;
  }

  bool operation(Requirement& result) {
    const Lexeme& sign = take();
    switch (sign.token) {
      case Token::in:
      case Token::not_in:
        result.op = sign.token == Token::in ? Op::in : Op::not_in;
        return list(result) && check_values(result);
      case Token::equals:
      case Token::double_equals:
        result.op = Op::equals;
        break;
      case Token::not_equals:
        result.op = Op::not_equals;
        break;
      case Token::greater:
        result.op = Op::greater;
        break;
      case Token::less:
        result.op = Op::less;
        break;
      default:
        return fail(fmt::format("found '{}', expected: in, notin, =, ==, !=, gt, lt", sign.text));
    }
    return value(result) && check_values(result);
  }

  bool value(Requirement& result) {
    if (look().token == Token::end || look().token == Token::comma) {
      result.values.emplace();
    } else {
      const Lexeme& word = take();
      if (!is_word(word)) return fail(fmt::format("found '{}', expected: identifier", word.text));
      result.values.insert(word.text);
    }
    if (result.op != Op::greater && result.op != Op::less) return true;
    const std::string& text = *result.values.begin();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result.bound);
    if (error == std::errc() && end == text.data() + text.size()) return true;
    return fail(
        fmt::format("values[0]: Invalid value: \"{}\": for 'Gt', 'Lt' operators, the value must be an "
                    "integer",
                    text));
  }

  /// `(a, b)`; an empty place is the empty value.
  bool list(Requirement& result) {
    if (const Lexeme& open = take(); open.token != Token::open)
      return fail(fmt::format("found '{}' expected: '('", open.text));
    if (look().token != Token::close && look().token != Token::comma && !is_word(look()))
      return fail(fmt::format("found '{}', expected: ',', ')' or identifier", look().text));
    bool place_filled = false;
    for (;;) {
      const Lexeme& next = take();
      if (is_word(next)) {
        if (place_filled) return fail(fmt::format("found '{}', expected: ',' or ')'", next.text));
        result.values.insert(next.text);
        place_filled = true;
      } else if (next.token == Token::comma || next.token == Token::close) {
        if (!place_filled) result.values.emplace();
        place_filled = false;
        if (next.token == Token::close) return true;
      } else {
        return fail(fmt::format("found '{}', expected: ',', or identifier", next.text));
      }
    }
  }

  bool check_values(const Requirement& result) {
    std::size_t i = 0;
    for (const std::string& text : result.values) {
      if (!text.empty() && !is_name(text))
        return fail(
            fmt::format("values[{}][{}]: Invalid value: \"{}\": a valid label must be an empty string or "
                        "consist of alphanumeric characters, '-', '_' or '.', and must start and end "
                        "with an alphanumeric character",
                        i, result.key, text));
      ++i;
    }
    return true;
  }

  std::vector<Lexeme> lexemes_;
  std::size_t at_ = 0;
  std::string wrong_;
};

}  // namespace

Result<std::vector<Requirement>, std::string> Selector::parse_labels(std::string_view text) {
  return Parser(text).parse();
}

std::string Selector::to_text(const std::vector<Requirement>& requirements) {
  std::vector<std::string> terms;
  for (const Requirement& r : requirements) {
    const std::string first = r.values.empty() ? std::string() : *r.values.begin();
    switch (r.op) {
      case Op::exists:
        terms.push_back(r.key);
        break;
      case Op::absent:
        terms.push_back("!" + r.key);
        break;
      case Op::equals:
        terms.push_back(r.key + "=" + first);
        break;
      case Op::not_equals:
        terms.push_back(r.key + "!=" + first);
        break;
      case Op::greater:
        terms.push_back(r.key + ">" + first);
        break;
      case Op::less:
        terms.push_back(r.key + "<" + first);
        break;
      case Op::in:
      case Op::not_in:
        terms.push_back(
            fmt::format("{} {} ({})", r.key, r.op == Op::in ? "in" : "notin", fmt::join(r.values, ",")));
        break;
    }
  }
  return fmt::format("{}", fmt::join(terms, ","));
}

}  // namespace racebed::models
