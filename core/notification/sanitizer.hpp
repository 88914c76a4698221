// Takes secrets out of text before it leaves: passwords, API keys, tokens, cloud keys, credentials in URLs,
// PEM blocks. Hand-written scanners: linear in the length of the text, independent of any locale.
#pragma once

#include <string>
#include <string_view>

namespace racebed::notification {

/// What stands where a secret stood.
constexpr std::string_view kRedacted = "***REDACTED***";

std::string sanitize(std::string_view text);
/// The value of a key/value pair: redacted as a whole when the key names a secret ("password").
std::string sanitize_value(std::string_view key, std::string_view value);

}  // namespace racebed::notification
