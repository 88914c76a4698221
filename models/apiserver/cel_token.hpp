// An expression's words. Private to models/apiserver/cel*.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/ledger/fact.hpp"
#include "runtime/result.hpp"

namespace racebed::models::cel {

struct Token {
  enum class Kind { end, name, symbol, literal };
  Kind kind = Kind::end;
  std::string text{};
  Json value{};  // of a literal
};

/// Ends with a token `end`.
Result<std::vector<Token>, std::string> tokens_of(std::string_view text);

/// The name of a property as an expression writes it, taken back: "a__dash__b" is "a-b".
std::string unescaped(std::string_view name);

}  // namespace racebed::models::cel
