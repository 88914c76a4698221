// How the tables of the catalogue write their parameters. Private to faults/catalogue.
#pragma once

#include <utility>

#include "faults/catalogue/catalogue.hpp"
#include "runtime/time.hpp"

namespace racebed::faults {

inline ParameterInfo integer(std::string_view name, std::int64_t min, std::int64_t max,
                             std::int64_t otherwise, std::string_view meaning) {
  return {name, ParameterInfo::Kind::integer, min, max, otherwise, meaning, {}};
}
inline ParameterInfo duration(std::string_view name, Duration max, Duration otherwise,
                              std::string_view meaning) {
  return {name, ParameterInfo::Kind::duration, 0, max.count(), otherwise.count(), meaning, {}};
}
/// The first word is the default.
inline ParameterInfo word(std::string_view name, std::vector<std::string_view> words,
                          std::string_view meaning) {
  const auto last = static_cast<std::int64_t>(words.size()) - 1;
  return {name, ParameterInfo::Kind::word, 0, last, 0, meaning, std::move(words)};
}

}  // namespace racebed::faults
