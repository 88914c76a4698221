#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "models/apiserver/cel.hpp"
#include "models/apiserver/cel_token.hpp"
#include "models/apiserver/cel_tree.hpp"

namespace racebed::models::cel {
namespace {

using Tree = std::unique_ptr<Node>;

constexpr std::array<std::string_view, 4> kTextMethods = {"startsWith", "endsWith", "contains", "matches"};
constexpr std::array<std::string_view, 6> kMacros = {"all",       "exists", "exists_one",
                                                     "existsOne", "filter", "map"};

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// What ends the parse: caught in compile(), which returns it as a value.
struct SyntaxError {
  std::string message;
};

[[noreturn]] void fail(std::string message) {
  throw SyntaxError{std::move(message)};
}

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Tree parse() {
    Tree tree = expression();
    if (peek().kind != Token::Kind::end) fail(fmt::format("Syntax error: unexpected '{}'", peek().text));
    return tree;
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  bool is(std::string_view symbol) const {
    return peek().kind == Token::Kind::symbol && peek().text == symbol;
  }
  bool accept(std::string_view symbol) {
    if (!is(symbol)) return false;
    ++at_;
    return true;
  }
  void expect(std::string_view symbol) {
    if (!accept(symbol)) fail(fmt::format("Syntax error: expected '{}' before '{}'", symbol, peek().text));
  }
  std::string identifier() {
    if (peek().kind != Token::Kind::name) fail(fmt::format("Syntax error: no name at '{}'", peek().text));
    return tokens_[at_++].text;
  }

  template <class... Args>
  static Tree make(Op op, std::string name, Args... args) {
    auto node = std::make_unique<Node>();
    node->op = op;
    node->name = std::move(name);
    (adopt(*node, std::move(args)), ...);
    return node;
  }
  static void adopt(Node& node, Tree arg) {
    node.depth = std::max(node.depth, arg->depth + 1);
    if (node.depth > kDepthMax) fail("expression is nested too deeply");
    node.args.push_back(std::move(arg));
  }

  Tree expression() {
    if (++open_ > kDepthMax) fail("expression is nested too deeply");
    Tree tree = disjunction();
    if (accept("?")) {
      Tree yes = disjunction();
      expect(":");
      Tree no = expression();
      tree = make(Op::choose, "", std::move(tree), std::move(yes), std::move(no));
    }
    --open_;
    return tree;
  }

  Tree disjunction() {
    Tree tree = conjunction();
    while (accept("||")) tree = make(Op::either, "||", std::move(tree), conjunction());
    return tree;
  }

  Tree conjunction() {
    Tree tree = relation();
    while (accept("&&")) tree = make(Op::both, "&&", std::move(tree), relation());
    return tree;
  }

  Tree relation() {
    Tree tree = sum();
    for (;;) {
      const std::string symbol = peek().text;
      if (peek().kind == Token::Kind::name && symbol == "in") {
        ++at_;
        tree = make(Op::in, "in", std::move(tree), sum());
      } else if (is("==") || is("!=") || is("<") || is("<=") || is(">") || is(">=")) {
        ++at_;
        tree = make(Op::compare, symbol, std::move(tree), sum());
      } else {
        return tree;
      }
    }
  }

  Tree sum() {
    Tree tree = product();
    while (is("+") || is("-")) {
      std::string symbol = tokens_[at_++].text;
      tree = make(Op::arithmetic, std::move(symbol), std::move(tree), product());
    }
    return tree;
  }

  Tree product() {
    Tree tree = unary();
    while (is("*") || is("/") || is("%")) {
      std::string symbol = tokens_[at_++].text;
      tree = make(Op::arithmetic, std::move(symbol), std::move(tree), unary());
    }
    return tree;
  }

  Tree unary() {
    if (++open_ > kDepthMax) fail("expression is nested too deeply");
    Tree tree;
    if (accept("!")) {
      tree = make(Op::invert, "!", unary());
    } else if (is("-")) {
      ++at_;
      tree = make(Op::negate, "-", unary());
    } else {
      tree = member();
    }
    --open_;
    return tree;
  }

  Tree member() {
    Tree tree = primary();
    for (;;) {
      if (accept("[")) {
        tree = make(Op::index, "", std::move(tree), expression());
        expect("]");
      } else if (accept(".")) {
        std::string name = identifier();
        tree =
            accept("(") ? method(std::move(tree), name) : make(Op::select, unescaped(name), std::move(tree));
      } else {
        return tree;
      }
    }
  }

  Tree method(Tree on, const std::string& name) {
    Tree tree;
    if (name == "size") {
      tree = make(Op::size, name, std::move(on));
    } else if (one_of(kTextMethods, name)) {
      Tree argument = expression();
      tree = make(Op::text, name, std::move(on), std::move(argument));
      compile_literal_pattern(*tree);
    } else if (one_of(kMacros, name)) {
      tree = macro(std::move(on), name);
    } else {
      fail(fmt::format("undeclared reference to '{}' (in container '')", name));
    }
    expect(")");
    return tree;
  }

  Tree macro(Tree on, const std::string& name) {
    const std::string variable = identifier();
    if (variable == "self" || variable == "oldSelf") fail("a macro's variable hides " + variable);
    expect(",");
    variables_.push_back(variable);
    Tree body = expression();
    Tree tree;
    if (name == "map" && accept(",")) {
      Tree shown = expression();
      tree = make(Op::macro, name, std::move(on), std::move(body), std::move(shown));
    } else {
      tree = make(Op::macro, name == "existsOne" ? "exists_one" : name, std::move(on), std::move(body));
    }
    variables_.pop_back();
    tree->variable = variable;
    return tree;
  }

  static void compile_literal_pattern(Node& node) {
    if (node.name != "matches") return;
    const Node& argument = *node.args[1];
    if (argument.op != Op::literal || !argument.value.is_string()) return;
    node.pattern = compile_pattern(argument.value.get<std::string>());
    if (!node.pattern) fail("invalid matches argument");
  }

  Tree primary() {
    const Token token = peek();
    if (token.kind == Token::Kind::literal) {
      ++at_;
      Tree tree = make(Op::literal, "");
      tree->value = token.value;
      return tree;
    }
    if (accept("(")) {
      Tree tree = expression();
      expect(")");
      return tree;
    }
    if (accept("[")) return list();
    const std::string name = identifier();
    if (accept("(")) return function(name);
    const bool known =
        name == "self" || name == "oldSelf" || std::ranges::find(variables_, name) != variables_.end();
    if (!known) fail(fmt::format("undeclared reference to '{}' (in container '')", name));
    return make(Op::variable, name);
  }

  Tree list() {
    Tree tree = make(Op::list, "");
    while (!is("]")) {
      adopt(*tree, expression());
      if (!accept(",")) break;
    }
    expect("]");
    return tree;
  }

  Tree function(const std::string& name) {
    if (name != "size" && name != "has") {
      fail(fmt::format("undeclared reference to '{}' (in container '')", name));
    }
    Tree argument = expression();
    expect(")");
    if (name == "size") return make(Op::size, name, std::move(argument));
    if (argument->op != Op::select) fail("invalid argument to has() macro");
    argument->op = Op::has;
    return argument;
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int open_ = 0;
  std::vector<std::string> variables_;
};

bool mentions_old_self(const Node& node) {
  return (node.op == Op::variable && node.name == "oldSelf") ||
         std::ranges::any_of(node.args, [](const Tree& arg) { return mentions_old_self(*arg); });
}

}  // namespace

std::shared_ptr<const RE2> compile_pattern(const std::string& pattern) {
  constexpr std::int64_t kMemoryMax = 1 << 20;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemoryMax);
  auto compiled = std::make_shared<const RE2>(pattern, options);
  return compiled->ok() ? compiled : nullptr;
}

Program::Program(std::shared_ptr<const Node> root)
    : root_(std::move(root)), uses_old_self_(mentions_old_self(*root_)) {}

Result<Program, Error> compile(std::string_view text) {
  if (text.size() > kLengthMax) return Error{"expression is too long"};
  auto tokens = tokens_of(text);
  if (!tokens) return Error{tokens.error()};
  try {
    return Program(Parser(std::move(*tokens)).parse());
  } catch (const SyntaxError& error) {
    return Error{error.message};
  }
}

}  // namespace racebed::models::cel
