#include <fmt/format.h>

#include <array>
#include <charconv>

#include "experiments/scenario/load.hpp"

namespace racebed::experiments {
namespace {
struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array<Unit, 5> kUnits = {{{"h", 3'600'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"s", 1'000'000'000},
                                         {"ms", 1'000'000},
                                         {"us", 1'000}}};
constexpr std::int64_t kMax = std::int64_t{366} * 24 * 3'600'000'000'000;  // a year
}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& known : kUnits) {
    if (unit == known.name)
      return count > kMax / known.nanoseconds ? std::nullopt
                                              : std::optional(Duration{count * known.nanoseconds});
  }
  return std::nullopt;
}

std::string duration_text(Duration duration) {
  if (duration == Duration{0}) return "0s";
  for (const Unit& unit : kUnits) {
    if (duration.count() % unit.nanoseconds == 0)
      return fmt::format("{}{}", duration.count() / unit.nanoseconds, unit.name);
  }
  return fmt::format("{}us", duration.count() / 1'000);
}

}  // namespace racebed::experiments
