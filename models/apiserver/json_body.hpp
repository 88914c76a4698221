// A request's body as JSON, however hostile: nesting is bounded, keys that come twice are named.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/ledger/fact.hpp"

namespace racebed::models {

/// Deeper documents are refused: comparing, copying and destroying them takes a stack frame for each level.
inline constexpr int kJsonDepthMax = 256;

struct JsonBody {
  Json value;
  std::vector<std::string> duplicate_keys{};  // "spec.a"; the last value counts
};

/// Nothing when it is no JSON, or nested too deep.
std::optional<JsonBody> parse_json_body(std::string_view text);

/// The member, if it is there, and a string; otherwise "". For members whose type nobody has checked.
std::string text_member(const Json& object, const char* member);

}  // namespace racebed::models
