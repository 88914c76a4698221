#include "models/sinks/token.hpp"

namespace racebed::models {

std::string token_in(std::string_view text) {
  constexpr std::string_view kOpen = "[token:";
  const auto begin = text.find(kOpen);
  if (begin == std::string_view::npos) return {};
  const auto from = begin + kOpen.size();
  const auto end = text.find(']', from);
  if (end == std::string_view::npos) return {};
  return std::string(text.substr(from, end - from));
}

}  // namespace racebed::models
