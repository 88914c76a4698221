// The index of a big map finds just what the map has.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <map>

#include "models/apiserver/key_index.hpp"

namespace racebed::models::tests {
namespace {

TEST_CASE("an index finds what its map has, whatever was put in and taken out") {
  const bool holds = rc::check("index law", [] {
    std::map<std::string, int, std::less<>> map;
    KeyIndex<std::map<std::string, int, std::less<>>::iterator> index;
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 60));
    for (const int step : steps) {
      const std::string key = std::to_string(step);
      const auto* found = index.find(key);
      RC_ASSERT((found != nullptr) == map.contains(key));
      if (found == nullptr) {
        index.insert(map.emplace(key, step).first);
      } else {
        const auto place = *found;
        RC_ASSERT(place->second == step);
        index.erase(key);
        map.erase(place);
      }
      for (int other = 0; other < 60; ++other) {
        RC_ASSERT((index.find(std::to_string(other)) != nullptr) == map.contains(std::to_string(other)));
      }
    }
  });
  CHECK(holds);
}

}  // namespace
}  // namespace racebed::models::tests
