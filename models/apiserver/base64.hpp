// Base64 (RFC 4648 §4), as data of Secrets and ConfigMaps comes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace racebed::models {

std::string to_base64(std::string_view bytes);
/// Nothing unless `text` is base64 with its padding; line breaks are skipped, as Go's decoder does.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace racebed::models
