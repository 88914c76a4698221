// Label and field selectors, parsed once for a list or watch, with the grammar and the messages of
// apimachinery (labels.Parse, fields.ParseSelector; kubernetes.md §1.13).
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/ledger/fact.hpp"
#include "runtime/result.hpp"

namespace racebed::models {

struct Requirement {
  enum class Operator { equals, not_equals, in, not_in, exists, absent, greater, less };
  std::string key{};
  Operator op = Operator::exists;
  std::set<std::string> values{};
  std::int64_t bound = 0;  // of greater and less: labels that are no integers do not match
};

struct FieldRequirement {
  std::string path{};  // "metadata.name"
  bool equal = true;
  std::string value{};
  std::string instead{};  // the path whose text counts when there is none at `path`
};

class Selector {
 public:
  /// Everything matches.
  Selector() = default;
  Selector(std::vector<Requirement> labels, std::vector<FieldRequirement> fields)
      : labels_(std::move(labels)), fields_(std::move(fields)) {}
  bool empty() const { return labels_.empty() && fields_.empty(); }
  /// False for whatever an object of odd shape lacks; never throws.
  bool matches(const Json& object) const;
  const std::vector<FieldRequirement>& fields() const { return fields_; }

  /// `team in (a, b), !gone, size>3`; on a syntax error what was found instead.
  static Result<std::vector<Requirement>, std::string> parse_labels(std::string_view text);
  /// `metadata.name=a,spec.x!=b`, with `\` before `,`, `=` and `\` in a value.
  static Result<std::vector<FieldRequirement>, std::string> parse_fields(std::string_view text);
  /// Parses back to the same requirements.
  static std::string to_text(const std::vector<Requirement>& requirements);

 private:
  std::vector<Requirement> labels_;
  std::vector<FieldRequirement> fields_;
};

}  // namespace racebed::models
