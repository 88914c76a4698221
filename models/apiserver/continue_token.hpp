// Where a paged list goes on: which revision it shows and after which key. Travels as unpadded base64url
// JSON, opaque to clients (apiserver storage/continue.go, kubernetes.md §1.13).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/result.hpp"

namespace racebed::models {

struct ContinueToken {
  std::int64_t revision = 0;  // -1: the latest, whatever the pages before showed
  std::string last{};         // the key that was shown last: "namespace/name"
  std::int64_t left = -1;     // how many keys come after it at that revision; -1: not counted
};

std::string to_text(const ContinueToken& token);
/// What is wrong with it, else.
Result<ContinueToken, std::string> parse_continue_token(std::string_view text);

}  // namespace racebed::models
