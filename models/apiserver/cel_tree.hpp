// An expression taken apart. Private to models/apiserver/cel*.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/ledger/fact.hpp"

namespace racebed::models::cel {

enum class Op {
  literal,   // value
  variable,  // name
  list,      // args: its elements
  select,    // args[0].name
  has,       // has(args[0].name)
  index,     // args[0][args[1]]
  negate,    // -args[0]
  invert,    // !args[0]
  arithmetic,
  compare,  // name: the operator, of args[0] and args[1]
  in,
  both,    // &&
  either,  // ||
  choose,  // args[0] ? args[1] : args[2]
  size,
  text,   // args[0].name(args[1]), name: startsWith ...
  macro,  // args[0].name(variable, args[1] [, args[2]])
};

struct Node {
  Op op = Op::literal;
  std::string name{};
  std::string variable{};  // of a macro
  Json value{};
  std::vector<std::unique_ptr<Node>> args{};
  std::shared_ptr<const RE2> pattern{};  // of matches() with a literal
  int depth = 1;
};

/// Patterns are RE2's, which Go's are too; null if it is none, or too large a one.
std::shared_ptr<const RE2> compile_pattern(const std::string& pattern);

}  // namespace racebed::models::cel
