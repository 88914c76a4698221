#include "models/ledger/token.hpp"

namespace racebed::models {
namespace {
constexpr std::string_view kOpening = "[token:";
}

std::string token_mark(std::string_view name) {
  return std::string(kOpening).append(name).append("]");
}

std::string token_in(std::string_view text) {
  const std::size_t begin = text.find(kOpening);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + kOpening.size());
  const std::size_t end = text.find(']');
  return end == std::string_view::npos ? std::string() : std::string(text.substr(0, end));
}

}  // namespace racebed::models
