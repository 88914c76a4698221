// The mark by which the ledger tells incarnations apart: users write "[token:NAME]" into a notification's
// subject, and sinks read it out of whatever reaches them.
#pragma once

#include <string>
#include <string_view>

namespace racebed::models {

/// "[token:NAME]"
std::string token_mark(std::string_view name);
/// The first token's name in `text`; empty if there is none.
std::string token_in(std::string_view text);

}  // namespace racebed::models
