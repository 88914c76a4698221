// A request's target, taken apart: which resource, which object, which query.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "models/apiserver/resource.hpp"

namespace racebed::models {

struct Target {
  const ResourceType* type = nullptr;
  std::string ns{};
  std::string name{};         // empty: the collection
  std::string subresource{};  // "status", or empty
  std::map<std::string, std::string, std::less<>> query{};

  /// The parameter's value, or "".
  std::string_view parameter(std::string_view key) const;
  bool flag(std::string_view key) const;  // "1" or "true"
};

/// Nothing if the path names no resource that is served (kubernetes.md §1.1).
std::optional<Target> parse_target(std::string_view target, const Registry& registry);

}  // namespace racebed::models
