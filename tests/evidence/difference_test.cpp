#include "evidence/report/difference.hpp"

#include <catch2/catch.hpp>

using namespace racebed::evidence;

namespace {

CellSummary cell_of(std::uint64_t runs, std::uint64_t violated, std::int64_t latency_us = 0) {
  CellSummary cell;
  cell.cell.scenario = "calm";
  cell.runs = runs;
  cell.violated = violated;
  for (std::uint64_t i = 0; latency_us > 0 && i < runs; ++i)
    cell.measures["latency_p95_us"].push_back(latency_us + static_cast<std::int64_t>(i));
  return cell;
}

std::vector<Difference> found(const CellSummary& before, const CellSummary& after) {
  std::size_t compared = 0;
  return differences({{&before, &after}}, 0.01, compared);
}

}  // namespace

TEST_CASE("a difference is told when chance does not explain it, with its direction") {
  CHECK(found(cell_of(400, 0), cell_of(400, 3)).empty());
  const CellSummary calm = cell_of(400, 0, 1000);
  const CellSummary wild = cell_of(400, 40, 9000);
  const std::vector<Difference> worse = found(calm, wild);
  REQUIRE(worse.size() == 2);
  for (const Difference& difference : worse) CHECK(difference.is_worse);
  for (const Difference& difference : found(wild, calm)) CHECK_FALSE(difference.is_worse);
  CHECK(found(calm, calm).empty());
}

TEST_CASE("one of many pairs that is odd by chance is no difference") {
  const CellSummary calm = cell_of(400, 0);
  const CellSummary odd = cell_of(400, 8);
  REQUIRE(found(calm, odd).size() == 1);  // alone it would be one
  std::vector<Pair> pairs(50, {&calm, &calm});
  pairs.emplace_back(&calm, &odd);
  std::size_t compared = 0;
  CHECK(differences(pairs, 0.01, compared).empty());
  CHECK(compared == 51);
}
