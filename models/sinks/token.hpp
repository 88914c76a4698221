// The token by which a sink knows which incarnation of a notification a message came from.
#pragma once

#include <string>
#include <string_view>

namespace racebed::models {

/// What stands in the first `[token:...]` of a text; empty if there is none.
std::string token_in(std::string_view text);

}  // namespace racebed::models
