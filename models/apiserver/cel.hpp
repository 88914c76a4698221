// The expressions of x-kubernetes-validations: the part of the Common Expression Language that rules of
// CustomResourceDefinitions are mostly made of (kubernetes.md §1.12). Whatever is outside of it does not
// compile, so that no rule is believed to be checked and is not.
//
// In it: literals (null, booleans, numbers, strings, lists), self and oldSelf, selection, indexing, `!`, `-`,
// `* / % + -`, comparisons, `in`, `&&`, `||`, `?:`, has(), size(), startsWith, endsWith, contains, matches,
// and the macros all, exists, exists_one, filter, map.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "models/ledger/fact.hpp"
#include "runtime/result.hpp"

namespace racebed::models::cel {

struct Node;

/// What a server says of an expression that is none, or that has no value.
struct Error {
  std::string message{};
};

class Program {
 public:
  explicit Program(std::shared_ptr<const Node> root);

  /// What the expression says of `self`. It says nothing, but fails, when a key is not there, operands do not
  /// fit, the value is of another type, or when it takes more work than kWorkMax. `old_self` is null where
  /// there is no old value; then the program must not use it.
  Result<bool, Error> holds(const Json& self, const Json* old_self) const;
  Result<std::string, Error> text(const Json& self, const Json* old_self) const;
  /// A rule that compares with the old value does not apply where there is none.
  bool uses_old_self() const { return uses_old_self_; }
  /// The first member of self or oldSelf that the openAPIV3Schema of self does not have; nothing if all are
  /// known.
  std::optional<std::string> undefined_field(const Json& schema) const;

  /// Bounds one evaluation: nodes visited, values compared, characters searched.
  static constexpr std::uint64_t kWorkMax = 1'000'000;

 private:
  std::shared_ptr<const Node> root_;
  bool uses_old_self_;
};

/// A program is at most this long, and its tree this deep.
inline constexpr std::size_t kLengthMax = 8192;
inline constexpr int kDepthMax = 100;

Result<Program, Error> compile(std::string_view text);

}  // namespace racebed::models::cel
