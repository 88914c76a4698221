#include "sim/hash.hpp"

#include <fmt/format.h>

namespace racebed::sim {

std::string Hash128::text() const {
  return fmt::format("{:016x}{:016x}", high_, low_);
}

Hash128 RunHash::total() const {
  Hash128 all;
  for (const Hash128& layer : {choices, order, times, contents}) {
    all.add(layer.low());
    all.add(layer.high());
  }
  return all;
}

std::string_view RunHash::first_difference(const RunHash& a, const RunHash& b) {
  if (a.choices != b.choices) return "choices";
  if (a.order != b.order) return "order";
  if (a.times != b.times) return "times";
  if (a.contents != b.contents) return "contents";
  return {};
}

}  // namespace racebed::sim
