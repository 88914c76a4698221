// Label and field selectors, parsed once for a list or watch (kubernetes.md §1.13).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/ledger/fact.hpp"

namespace racebed::models {

struct Requirement {
  enum class Operator { equals, not_equals, in, not_in, exists, absent };
  std::string key{};
  Operator op = Operator::exists;
  std::set<std::string> values{};
};

class Selector {
 public:
  /// Everything matches.
  Selector() = default;
  bool empty() const { return labels_.empty() && fields_.empty(); }
  bool matches(const Json& object) const;

  /// Nothing on a syntax error.
  static std::optional<std::vector<Requirement>> parse_labels(std::string_view text);
  struct FieldRequirement {
    std::string path;  // "metadata.name"
    bool equal = true;
    std::string value;
  };
  static std::optional<std::vector<FieldRequirement>> parse_fields(std::string_view text);

  Selector(std::vector<Requirement> labels, std::vector<FieldRequirement> fields)
      : labels_(std::move(labels)), fields_(std::move(fields)) {}
  const std::vector<FieldRequirement>& fields() const { return fields_; }

 private:
  std::vector<Requirement> labels_;
  std::vector<FieldRequirement> fields_;
};

}  // namespace racebed::models
