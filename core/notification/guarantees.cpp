#include "core/notification/guarantees.hpp"

#include "runtime/assert.hpp"

namespace racebed::notification {

std::string_view to_text(Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::at_least_once:
      return "at-least-once";
    case Guarantee::at_most_once:
      return "at-most-once";
    case Guarantee::probe:
      return "probe";
  }
  RACEBED_ASSERT(false, "every guarantee has a text");
  return {};
}

std::optional<Guarantee> parse_guarantee(std::string_view text) {
  for (const auto guarantee : {Guarantee::at_least_once, Guarantee::at_most_once, Guarantee::probe}) {
    if (text == to_text(guarantee)) return guarantee;
  }
  return std::nullopt;
}

}  // namespace racebed::notification
