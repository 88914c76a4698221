// Cutting text without breaking a character of UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace racebed::notification {

/// The longest prefix of at most `bytes` bytes that does not end inside a character.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);
/// How many characters (code points; a stray byte counts as one).
std::size_t utf8_length(std::string_view text);
/// The longest prefix of at most `characters` characters.
std::string_view utf8_prefix_characters(std::string_view text, std::size_t characters);
/// `text` if it fits in `bytes`; else a prefix of it and `mark`, together at most `bytes`. Requires room for
/// the mark.
std::string cut_bytes(std::string_view text, std::size_t bytes, std::string_view mark = "…");

}  // namespace racebed::notification
