// The part of Kubernetes' JSONPath that printer columns and selectable fields use: members, indices,
// wildcards and equality filters. https://kubernetes.io/docs/reference/kubectl/jsonpath/
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/ledger/fact.hpp"

namespace racebed::models {

class JsonPath {
 public:
  /// `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`, `.spec.names[0]`,
  /// `.spec.items[*].name`,
  /// `.metadata.labels['a.b/c']`, `.metadata.annotations.a\.b`. Nothing on other text.
  static std::optional<JsonPath> parse(std::string_view text);

  /// What the path finds, in order; pointers into `object`.
  std::vector<const Json*> find(const Json& object) const;

 private:
  struct Member {
    std::string name;
  };
  struct Index {
    std::size_t at;
  };
  struct All {};
  struct Filter {
    std::vector<std::string> path;  // below @
    std::string value;
  };
  using Step = std::variant<Member, Index, All, Filter>;
  static std::optional<Step> parse_bracket(std::string_view inside);
  std::vector<Step> steps_;
};

}  // namespace racebed::models
