// Deleting any one guard of the core makes named scenarios fail. The mutants are real programs
// (cmake/mutation.cmake): the core with one source changed, everything else as it is.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "experiments/invariants/invariant.hpp"
#include "tests/mutation/runs.hpp"
#include "tests/mutation/table.hpp"
#include "tests/support/temporary_folder.hpp"

namespace racebed::tests {
namespace {

const std::string kPage = RACEBED_SOURCE_DIR "/docs/mutation.md";

/// Those that must be in the table, whatever else is.
const std::vector<std::string> kGuards = {"write-ahead intent",
                                          "UID precondition",
                                          "uncached re-read",
                                          "circuit breaker",
                                          "backoff",
                                          "lease check",
                                          "lease validity",
                                          "conflict: decide again",
                                          "deletion check",
                                          "memory keyed by UID",
                                          "probe's waiting age",
                                          "sanitiser",
                                          "TLS verification",
                                          "secrets kept",
                                          "attempts budget",
                                          "unknown outcomes",
                                          "error classes",
                                          "result remembered until recorded",
                                          "watch silence",
                                          "relist after 410",
                                          "patience with conflicts",
                                          "a worker for the others",
                                          "bounded memory",
                                          "audit keyed by UID",
                                          "release on exit",
                                          "channels once",
                                          "Slack's limits"};

struct Outcome {
  const Mutant* mutant = nullptr;
  const Trap* by = nullptr;
  TrialResult result{};
};

struct Evidence {
  std::vector<Mutant> mutants;
  std::vector<Outcome> caught;  // one for each mutant and scenario
  std::vector<Outcome> twin;    // the core as it is: one for each different scenario
};

/// Runs everything, once for all test cases.
const Evidence& evidence() {
  static const Evidence all = [] {
    Evidence made;
    made.mutants = read_mutants();
    std::vector<Trial> trials;
    for (const Mutant& mutant : made.mutants) {
      for (const Trap& by : mutant.caught_by) {
        made.caught.push_back({&mutant, &by, {}});
        trials.push_back({mutant.id, by});
      }
    }
    for (const Outcome& outcome : made.caught) {
      const auto same = std::find_if(made.twin.begin(), made.twin.end(), [&](const Outcome& twin) {
        return twin.by->scenario == outcome.by->scenario;
      });
      if (same == made.twin.end()) {
        made.twin.push_back({nullptr, outcome.by, {}});
      } else if (outcome.by->seeds > same->by->seeds) {
        same->by = outcome.by;
      }
    }
    for (const Outcome& twin : made.twin) trials.push_back({"none", *twin.by});
    std::vector<TrialResult> results = run_all(trials);
    for (std::size_t i = 0; i < made.caught.size(); ++i) made.caught[i].result = std::move(results[i]);
    for (std::size_t i = 0; i < made.twin.size(); ++i)
      made.twin[i].result = std::move(results[made.caught.size() + i]);
    return made;
  }();
  return all;
}

/// What the invariants said of a mutant, for a failed test's report and for the page's last column.
std::string summary(const TrialResult& result) {
  std::string text = std::to_string(result.caught) + " of " + std::to_string(result.runs);
  for (const auto& [invariant, told] : result.by_invariant) {
    text += "; " + invariant + " in " + std::to_string(told.runs) + ", first with seed " +
            std::to_string(told.first_seed) + " (" + told.what + ")";
  }
  return result.broken.empty() ? text : text + "; " + result.broken;
}

/// In the table's order, each once.
std::string scenarios_of(const std::string& guard) {
  std::vector<std::string> names;
  for (const Outcome& outcome : evidence().caught) {
    const std::string& name = outcome.by->scenario;
    if (outcome.mutant->guard == guard && std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string page() {
  std::ostringstream out;
  out << R"(# Which scenario catches which guard

Each row deletes one guard of the core: one source of `core/` is changed and linked into a program of its own
(`cmake/mutation.cmake`, `tests/mutation/mutants.json`). The scenario then fails, by the invariants named; the same runs of the core
as it is hold all of theirs. `scripts/test mutation` checks every row; `scripts/test --bless mutation` writes this page. The last
column is what the last blessing measured: it moves with every change of the core and the world, and is not compared.

| guard | scenarios that catch its loss |
|---|---|
)";
  std::vector<std::string> guards;
  for (const Mutant& mutant : evidence().mutants) {
    if (std::find(guards.begin(), guards.end(), mutant.guard) != guards.end()) continue;
    guards.push_back(mutant.guard);
    out << "| " << mutant.guard << " | " << scenarios_of(mutant.guard) << " |\n";
  }
  out << R"(
| mutant | what it does | caught by | invariants | runs caught |
|---|---|---|---|---|
)";
  for (const Outcome& outcome : evidence().caught) {
    std::string invariants;
    for (const std::string& invariant : outcome.by->invariants)
      invariants += (invariants.empty() ? "" : ", ") + invariant;
    out << "| `" << outcome.mutant->id << "` | " << outcome.mutant->deletes << " | " << outcome.by->scenario
        << " | " << invariants << " | " << outcome.result.caught << " of " << outcome.result.runs << " |\n";
  }
  return out.str();
}

/// Without its last column, whose numbers are not compared.
std::string without_measurements(const std::string& text) {
  std::istringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("| `")) line.erase(line.rfind('|', line.size() - 2));
    out += line + "\n";
  }
  return out;
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("the table of mutants names guards, invariants and scenarios that are there") {
  const std::vector<Mutant>& mutants = evidence().mutants;
  REQUIRE_FALSE(mutants.empty());
  for (const Mutant& mutant : mutants) {
    INFO(mutant.id);
    CHECK_FALSE(mutant.caught_by.empty());
    CHECK(std::count_if(mutants.begin(), mutants.end(), [&](const Mutant& m) { return m.id == mutant.id; }) ==
          1);
    for (const Trap& by : mutant.caught_by) {
      CHECK(by.seeds > 0);
      CHECK_FALSE(by.invariants.empty());
      for (const std::string& invariant : by.invariants) {
        INFO(invariant);
        CHECK(experiments::find_invariant(invariant) != nullptr);
      }
    }
  }
  for (const std::string& guard : kGuards) {
    INFO(guard);
    CHECK(std::any_of(mutants.begin(), mutants.end(), [&](const Mutant& m) { return m.guard == guard; }));
  }
}

TEST_CASE("each mutant is caught by the scenarios that say so, by the invariants that they name") {
  for (const Outcome& outcome : evidence().caught) {
    INFO(outcome.mutant->id << " in " << outcome.by->scenario << ": " << summary(outcome.result));
    CHECK(outcome.result.broken.empty());
    CHECK(outcome.result.runs == outcome.by->seeds);
    for (const std::string& invariant : outcome.by->invariants) {
      INFO(invariant);
      CHECK(outcome.result.by_invariant.contains(invariant));
    }
  }
}

TEST_CASE("the same runs of the core as it is hold every invariant, and reach those that catch mutants") {
  for (const Outcome& twin : evidence().twin) {
    INFO(twin.by->scenario << ": " << summary(twin.result));
    CHECK(twin.result.broken.empty());
    CHECK(twin.result.caught == 0);
    CHECK(twin.result.runs == twin.by->seeds);
    for (const std::string& invariant : twin.by->invariants) {
      INFO(invariant);
      CHECK(twin.result.reached.contains(invariant));
    }
  }
}

TEST_CASE("a guard that has changed, or whose text stands there twice, is said by the build in plain words") {
  const TemporaryFolder folder;
  folder.write("core.cpp", "int a() { return 1; }\nint b() { return 1; }\n");
  struct Row {
    const char* find;
    int status;
    const char* said;
  };
  for (const Row& row :
       {Row{"int a()", 0, ""}, Row{"int c()", 1, "does not occur in core.cpp; the guard has changed"},
        Row{"return 1;", 1, "occurs more than once in core.cpp"}}) {
    INFO(row.find);
    folder.write("mutants.json", R"({"mutants": [{"id": "m", "source": "core.cpp", "edits": [{"find": ")" +
                                     std::string(row.find) + R"(", "replace": "int z();"}]}]})");
    const std::string there = folder.path() + "/";
    const Ended ended =
        run_to_end("cmake -DTABLE=" + there + "mutants.json -DID=m -DROOT=" + folder.path() +
                   " -DOUTPUT=" + there + "copy.cpp -P " RACEBED_SOURCE_DIR "/cmake/mutate.cmake 2>&1");
    CHECK(ended.status == row.status);
    std::istringstream words(ended.output);  // CMake breaks its lines where it likes
    std::string output;
    for (std::string word; words >> word;) output += (output.empty() ? "" : " ") + word;
    CHECK_THAT(output, ::Catch::Matchers::Contains(row.said));
  }
  CHECK(folder.read("copy.cpp") == "int z(); { return 1; }\nint b() { return 1; }\n");
}

TEST_CASE("docs/mutation.md says which scenario catches which guard") {
  const std::string now = page();
  if (std::getenv("RACEBED_BLESS") != nullptr) std::ofstream(kPage, std::ios::binary) << now;
  CHECK(without_measurements(read(kPage)) == without_measurements(now));
}

}  // namespace racebed::tests
