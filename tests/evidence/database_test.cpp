#include "evidence/store/database.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "evidence/statistics/summary.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace racebed::evidence;
using Catch::Matchers::Contains;
using racebed::tests::TemporaryFolder;

namespace {

const std::vector<InvariantName> kNames = {{"no-lost", "Nothing is lost."},
                                           {"no-twice", "Nothing comes twice."}};

Cell cell_of(const std::string& scenario) {
  Cell cell;
  cell.scenario = scenario;
  cell.subject = "core";
  cell.title = "A title with \"quotes\"";
  return cell;
}

Run run_of(std::int64_t cell, std::uint64_t seed, const std::string& outcomes) {
  Run run;
  run.cell = cell;
  run.seed = seed;
  run.hash = "h" + std::to_string(seed);
  run.moments = seed % 2;
  for (const char c : outcomes) run.outcomes.push_back(static_cast<Outcome>(c));
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] == 'v') run.violations.push_back({kNames[i].id, "n-" + std::to_string(seed), "#", 2});
  }
  run.measures = {{"connections", static_cast<std::int64_t>(seed)}};
  run.samples = {{"latency_us", {7, static_cast<std::int64_t>(seed)}}};
  return run;
}

Database made(const std::string& path) {
  Database database(path, Database::Mode::write);
  database.set_invariants(kNames);
  return database;
}

}  // namespace

TEST_CASE("what is put in comes out, in order, and a run that is there stays as it is") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/a.db";
  const std::uint64_t great = UINT64_MAX;
  {
    Database database = made(path);
    const Cell cell = database.cell(cell_of("calm"));
    CHECK(database.cell(cell_of("calm")).id == cell.id);
    database.add({run_of(cell.id, great, "hv"), run_of(cell.id, 2, "nh")}, {"1.0", "2026-01-02T00:00:00Z"});
    database.add({run_of(cell.id, 2, "vv"), run_of(cell.id, 1, "hv")}, {"1.1", "2026-01-03T00:00:00Z"});
  }
  const Database database(path, Database::Mode::read);
  REQUIRE(database.cells().size() == 1);
  const Cell cell = database.cells().front();
  CHECK(cell.title == "A title with \"quotes\"");
  CHECK(database.invariants() == kNames);
  CHECK(database.seeds(cell.id) == std::vector<std::uint64_t>{1, 2, great});
  const CellSummary summary = summarize(database).front();
  CHECK(summary.runs == 3);
  CHECK(summary.violated == 2);
  CHECK(summary.reached == 2);
  CHECK(summary.invariants[0].held == 2);
  CHECK(summary.invariants[1].violated == 2);
  CHECK(summary.invariants[1].first_seed == 1);
  CHECK(summary.invariants[1].first_what == "n-1");
  CHECK(summary.measures.at("connections").back() == 2);
  CHECK(summary.samples.at("latency_us") == std::vector<std::int64_t>{-1, 1, 2, 7, 7, 7});
  CHECK(summary.discovery.first.at("no-twice: #") == 1);
  // Each kind once, with its smallest seed, and the times that it was seen.
  REQUIRE(database.failures().size() == 1);
  const Failure failure = database.failures().front();
  CHECK(failure.seed == 1);
  CHECK(failure.times == 2);
  CHECK(failure.first_seen == "2026-01-02T00:00:00Z");
  CHECK(failure.last_seen == "2026-01-03T00:00:00Z");
}

TEST_CASE("parts put together are the whole, whichever comes first") {
  const TemporaryFolder folder;
  Database whole = made(folder.path() + "/whole.db");
  Database first = made(folder.path() + "/first.db");
  Database second = made(folder.path() + "/second.db");
  for (const char* scenario : {"b", "a"}) {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      const char* outcomes = seed % 3 == 0 ? "hv" : "vh";
      Database& part = seed % 2 == 0 ? first : second;
      for (Database* into : {&whole, &part})
        into->add({run_of(into->cell(cell_of(scenario)).id, seed, outcomes)}, {"1", "2026-01-01T00:00:00Z"});
    }
  }
  Database one = made(folder.path() + "/one.db");
  one.merge(first);
  one.merge(second);
  Database other(folder.path() + "/other.db", Database::Mode::write);
  other.merge(second);
  other.merge(first);
  other.merge(first);  // once more changes nothing
  CHECK(one.contents() == whole.contents());
  CHECK(other.contents() == whole.contents());
  CHECK(other.failures().front().first_seen == "2026-01-01T00:00:00Z");
}

TEST_CASE("each sweep leaves what it added, and runs that were there do not count again") {
  const TemporaryFolder folder;
  Database database = made(folder.path() + "/a.db");
  const std::int64_t cell = database.cell(cell_of("calm")).id;
  database.add({run_of(cell, 1, "hv"), run_of(cell, 2, "hh")}, {"1.0", "2026-01-01T00:00:00Z"});
  database.add({run_of(cell, 2, "hh"), run_of(cell, 3, "hh")}, {"1.1", "2026-01-02T00:00:00Z"});
  Database copy = made(folder.path() + "/b.db");
  copy.merge(database);
  copy.merge(database);
  for (const Database* which : {&database, &copy}) {
    const std::vector<Night> nights = which->nights();
    REQUIRE(nights.size() == 2);
    CHECK(nights[0].runs == 2);
    CHECK(nights[0].violated == 1);
    CHECK(nights[0].reached == 1);
    CHECK(nights[1].began == "2026-01-02T00:00:00Z");
    CHECK(nights[1].version == "1.1");
    CHECK(nights[1].runs == 1);
    CHECK(nights[1].violated == 0);
  }
}

TEST_CASE("a canary is caught by an invariant; one whose run did not end is not") {
  const TemporaryFolder folder;
  Database database = made(folder.path() + "/a.db");
  Cell canary = cell_of("canary");
  canary.is_canary = true;
  canary = database.cell(canary);
  Run broken = run_of(canary.id, 2, "");
  broken.broken = "signal 11";
  database.add({run_of(canary.id, 0, "vn"), run_of(canary.id, 1, "hh"), broken},
               {"1", "2025-11-29T00:00:00Z"});
  const Totals sum = totals(summarize(database));
  CHECK(sum.canaries == 3);
  CHECK(sum.canaries_caught == 1);
  CHECK_FALSE(sum.is_green());
}

TEST_CASE("a portrait comes back as it was, also out of a merged database") {
  const TemporaryFolder folder;
  Database database = made(folder.path() + "/a.db");
  const std::int64_t cell = database.cell(cell_of("calm")).id;
  Portrait portrait;
  portrait.length_us = 7;
  portrait.lanes = {"user", "slack"};
  portrait.events = {{1, "user", "created", "n-0 \"x\""}};
  portrait.messages = {{2, "user", 3, "slack", "requested", "n-0"}};
  portrait.series = {{"tasks", "controller-0", {{0, 3}, {5, 9}}}};
  database.set_portrait(cell, 4, portrait);
  CHECK(database.portrayed(cell) == std::vector<std::uint64_t>{4});
  CHECK(database.portrait(cell, 4) == portrait);
  CHECK_FALSE(database.portrait(cell, 5));
  Database copy = made(folder.path() + "/b.db");
  copy.cell(cell_of("another"));
  copy.merge(database);
  CHECK(copy.portrait(copy.cell(cell_of("calm")).id, 4) == portrait);
}

TEST_CASE("a cell's settings are read out of its command line") {
  Cell cell = cell_of("calm");
  CHECK(settings_of(cell).empty());
  cell.settings = " --set workload.cycles=3 --set 'faults[0].after={\"event\":\"answered\"}' --set a.b=";
  CHECK(settings_of(cell) ==
        std::map<std::string, std::string>{
            {"workload.cycles", "3"}, {"faults[0].after", "{\"event\":\"answered\"}"}, {"a.b", ""}});
}

TEST_CASE("a file that cannot be read is refused in one line") {
  const TemporaryFolder folder;
  const auto refusal = [](const std::string& path, Database::Mode mode) -> std::string {
    try {
      const Database database(path, mode);
    } catch (const StoreError& error) {
      return error.what();
    }
    return "";
  };
  CHECK_THAT(refusal(folder.path() + "/none.db", Database::Mode::read), Contains("no such file"));
  const std::string text = folder.write("text.db", std::string(5000, 'x'));
  CHECK_THAT(refusal(text, Database::Mode::read), Contains("text.db: ") && Contains("expected a database"));
  CHECK_THAT(refusal(text, Database::Mode::write), Contains("text.db: ") && Contains("expected a database"));
  CHECK(folder.read("text.db") == std::string(5000, 'x'));
  CHECK_THAT(refusal(folder.write("empty.db", ""), Database::Mode::read), Contains("no database of racebed"));
  Database database = made(folder.path() + "/names.db");
  CHECK_THAT(refusal(folder.path() + "/names.db", Database::Mode::write),
             Contains("another racebed is writing"));
  CHECK(refusal(folder.path() + "/names.db", Database::Mode::read).empty());
  CHECK_THAT(refusal(folder.path() + "/no/folder.db", Database::Mode::write), Contains("No such file"));
  CHECK_THROWS_WITH(database.set_invariants({{"other", "x"}}), Contains("other invariants"));
}

TEST_CASE("a database of somebody else is refused, and stays as it is to the byte") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/foreign.db";
  {
    SQLite::Database foreign(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    foreign.exec("CREATE TABLE letters(words TEXT)");
  }
  const std::string before = folder.read("foreign.db");
  CHECK_THROWS_WITH(Database(path, Database::Mode::write), Contains("no database of racebed sweep"));
  CHECK(folder.read("foreign.db") == before);
  CHECK(folder.files() == 1);
}
