#include "core/notification/utf8.hpp"

#include "runtime/assert.hpp"

namespace racebed::notification {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = bytes;
  // A character has three continuation bytes at most; more in a row are stray and may be cut anywhere.
  for (int back = 0; back < 3 && end > 0 && is_continuation(text[end]); ++back) --end;
  return text.substr(0, is_continuation(text[end]) ? bytes : end);
}

std::size_t utf8_length(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) length += is_continuation(c) ? 0 : 1;
  return length;
}

std::string_view utf8_prefix_characters(std::string_view text, std::size_t characters) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_continuation(text[i]) && ++seen > characters) return text.substr(0, i);
  }
  return text;
}

std::string cut_bytes(std::string_view text, std::size_t bytes, std::string_view mark) {
  if (text.size() <= bytes) return std::string(text);
  RACEBED_ASSERT(mark.size() <= bytes, "a cut text has room for its mark");
  return std::string(utf8_prefix(text, bytes - mark.size())) + std::string(mark);
}

}  // namespace racebed::notification
