#include "sweep/plan.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "sweep/measure.hpp"
#include "sweep/studies.hpp"

using namespace racebed;
using namespace racebed::sweep;

TEST_CASE("a plan is every scenario with every subject at every point of the grid, and a canary") {
  PlanOptions options;
  options.scenarios = {"happy-path", "leader-kill"};
  options.subjects = {"notification", "notification-2025-11"};
  options.grid = {{"workload.count", {"1", "2"}}, {"world.replicas", {"1", "2", "3"}}};
  options.seeds = {10, 14};
  const std::vector<PlannedCell> plan = make_plan(options);
  REQUIRE(plan.size() == 2 * 2 * 2 * 3 + 1);
  CHECK(plan[0].cell.settings == " --set workload.count=1 --set world.replicas=1");
  CHECK(plan[5].cell.settings == " --set workload.count=2 --set world.replicas=3");
  CHECK(plan[0].seeds == std::vector<std::uint64_t>{10, 11, 12, 13});
  CHECK(plan.back().cell.is_canary);
  CHECK(plan.back().cell.subject == "notification-2025-11");
}

TEST_CASE("a study is a grid beside the scenarios; its further subjects are shown and not judged") {
  PlanOptions options;
  options.scenarios = {"happy-path"};
  options.studies = {"duplicate-window"};
  options.seeds = {0, 5000};
  const std::vector<PlannedCell> plan = make_plan(options);
  REQUIRE(plan.size() == 1 + 2 * 6 * 6 + 1);
  CHECK(plan[0].seeds.size() == 5000);
  CHECK(plan[1].seeds.size() == 200);
  CHECK(evidence::settings_of(plan[2].cell) ==
        std::map<std::string, std::string>{
            {"workload.cycles", "2"}, {"workload.gap", "0ms"}, {"world.watch_lag", "1ms"}});
  CHECK(plan[1].cell.is_judged());
  CHECK_FALSE(plan[37].cell.is_judged());
  CHECK(plan[37].cell.subject == "notification-2025-11");
  options.studies = {"duplicates"};
  CHECK_THROWS_WITH(make_plan(options),
                    "unknown study \"duplicates\", expected one of duplicate-window, kill-moment, load");
}

TEST_CASE("every cell of every study can be loaded, and its settings can be read back") {
  for (const Study& study : studies()) {
    PlanOptions options;
    options.studies = {study.name};
    options.seeds = {0, 1};
    std::set<std::string> seen;
    for (const PlannedCell& planned : make_plan(options)) {
      if (planned.cell.is_canary) continue;
      CAPTURE(planned.cell.settings);
      CHECK(seen.insert(planned.cell.subject + planned.cell.scenario + planned.cell.settings).second);
      const auto settings = evidence::settings_of(planned.cell);
      CHECK(settings == std::map<std::string, std::string>(planned.settings.begin(), planned.settings.end()));
    }
  }
}

TEST_CASE("shards deal out all runs, each once, and each has some of every cell") {
  PlanOptions options;
  options.scenarios = {"happy-path", "leader-kill"};
  options.seeds = {0, 20};
  std::vector<std::vector<std::uint64_t>> dealt(2);
  for (std::uint64_t shard = 0; shard < 3; ++shard) {
    options.shard = shard;
    options.shards = 3;
    const std::vector<PlannedCell> plan = make_plan(options);
    for (std::size_t cell = 0; cell < 2; ++cell) {
      CHECK(plan[cell].seeds.size() >= 6);
      dealt[cell].insert(dealt[cell].end(), plan[cell].seeds.begin(), plan[cell].seeds.end());
    }
  }
  for (std::vector<std::uint64_t>& seeds : dealt) {
    std::sort(seeds.begin(), seeds.end());
    CHECK(seeds.size() == 20);
    CHECK(std::adjacent_find(seeds.begin(), seeds.end()) == seeds.end());
  }
}

TEST_CASE("a kind of violation is its words without names and numbers") {
  CHECK(kind_of("n-17 was delivered to slack again, 57 ms after the first time") ==
        "# was delivered to slack again, # ms after the first time");
  CHECK(kind_of("the status of cdc-0-3 (uid befa4b99) says 0.5 s") == "the status of # (uid #) says # s");
  CHECK(kind_of("") == "");
}
