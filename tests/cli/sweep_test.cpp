// Sweeps as a user makes them: in parts, looked on, looked at afterwards.
#include <catch2/catch.hpp>
#include <sstream>

#include "evidence/store/database.hpp"
#include "tests/cli/program.hpp"

using namespace racebed::tests;
using Catch::Matchers::Contains;
using racebed::evidence::Database;

namespace {

// Of one subject every run violates something; of the other none, and what is measured must agree all the
// same.
const std::string kSweep =
    "sweep leader-kill --seeds 0:24 --subject notification --subject notification-2025-11 --jobs 2";

std::string contents(const std::string& path) {
  return Database(path, Database::Mode::read).contents();
}

}  // namespace

TEST_CASE("parts made by several machines, put together, are the whole") {
  const TemporaryFolder folder;
  CHECK(run_program(kSweep + " --db whole.db", folder.path()).status == 1);
  for (const char* part : {"1/3", "2/3", "3/3"})
    CHECK(run_program(kSweep + " --shard " + part + " --db part" + part[0] + ".db", folder.path()).status ==
          1);
  const Output merged = run_program("merge part1.db part2.db part3.db -o merged.db", folder.path());
  CHECK_THAT(merged.out,
             Contains("2 cells, 48 runs; violated: 24 of 48") && Contains("canary: caught in 10 of 10"));
  const bool same = contents(folder.path() + "/merged.db") == contents(folder.path() + "/whole.db");
  CHECK(same);
}

TEST_CASE("progress fits the terminal, and takes itself away; elsewhere there is none for a short sweep") {
  for (const std::size_t columns : {100U, 80U, 40U}) {
    CAPTURE(columns);
    const TemporaryFolder folder;
    const std::string command =
        "cd " + folder.path() + " && script -qec 'stty cols " + std::to_string(columns) +
        "; " RACEBED_BINARY_DIR "/bin/racebed sweep happy-path --seeds 0:40' screen >/dev/null </dev/null";
    CHECK(std::system(command.c_str()) == 0);
    std::istringstream screen(folder.read("screen"));
    std::size_t shown = 0;
    std::string last;
    for (std::string line; std::getline(screen, line, '\r');) {
      if (!line.starts_with("\033[K")) continue;
      last = line.substr(3);
      if (last.find(" of 50 runs") == std::string::npos) continue;
      ++shown;
      CHECK(last.size() < columns);
      CHECK(last.starts_with("[") == (columns >= 80));
    }
    CHECK(shown > 0);
    CHECK_THAT(last, Catch::Matchers::StartsWith("1 cell, 40 runs"));
  }
  const TemporaryFolder folder;
  CHECK(run_program("sweep happy-path --seeds 0:2", folder.path()).err.empty());
}

TEST_CASE("a green sweep says how much it proves, and a red one how to see why") {
  const TemporaryFolder folder;
  const Output green = run_program("sweep happy-path --seeds 0:20 --junit green.xml", folder.path());
  CHECK(green.status == 0);
  CHECK_THAT(green.out, Contains("1 cell, 20 runs; violated: 0 of 20 (95 %: at most 13.91 %)"));
  CHECK_THAT(folder.read("green.xml"), Contains("failures=\"0\"") && Contains("name=\"is caught\"/>"));
  CHECK(run_program("failures", folder.path()).out == "no failures\n");
  CHECK(run_program("recheck", folder.path()).out == "no failures\n");
  const Output red = run_program(
      "sweep happy-path --seeds 0:5 --subject notification-2025-11 --json --db red.db", folder.path());
  CHECK(red.status == 1);
  CHECK_THAT(red.out, Contains("\"green\": false") && Contains("\"rate_95\""));
  const Output failures = run_program("failures --db red.db", folder.path());
  CHECK(failures.status == 1);
  CHECK_THAT(failures.out,
             Contains("scripts/racebed run happy-path --subject notification-2025-11 --seed 0"));
  const Output again = run_program("recheck --db red.db", folder.path());
  CHECK(again.status == 1);
  CHECK_THAT(again.out, Contains("fails    happy-path, subject notification-2025-11: ") &&
                            Contains(" fail, 0 mended\n"));
}

TEST_CASE(
    "a report is pages that the database alone is enough for, and two databases can be held side by side") {
  const TemporaryFolder folder;
  run_program("sweep happy-path --seeds 0:12 --subject notification --subject notification-2025-11",
              folder.path());
  const Output report = run_program("report --out pages", folder.path());
  CHECK(report.status == 1);
  CHECK_THAT(report.out,
             Contains("pages/risk-assessment.html\n") && Contains("not ready: Every scenario has the runs"));
  const Output again = run_program("report --out again", folder.path());
  for (const char* page : {"report", "risk-assessment", "staging-validation", "deployment-readiness"}) {
    const std::string name = page;
    CHECK(folder.read("pages/" + name + ".html") == folder.read("again/" + name + ".html"));
    CHECK_THAT(folder.read("pages/" + name + ".md"), Contains("# ") && Contains("notification"));
  }
  CHECK_THAT(folder.read("pages/report.md"),
             Contains("| happy-path | notification-2025-11 | 12 of 12 | 0 of 12 |"));
  CHECK(run_program("compare sweep.db sweep.db", folder.path()).status == 0);
  CHECK_THAT(run_program("report --subject nobody", folder.path()).err,
             Contains("no runs of subject nobody"));
}

TEST_CASE("a sweep that cannot be made is refused in one line, and nothing is written") {
  const TemporaryFolder folder;
  struct Row {
    const char* arguments;
    const char* said;
  };
  for (const Row& row :
       {Row{"sweep --seeds 0:1", "no scenario"}, Row{"sweep happy-path", "no --seeds"},
        Row{"sweep nobody --seeds 0:1", "unknown scenario \"nobody\""},
        Row{"sweep happy-path --seeds 0:1 --subject nobody", "unknown subject \"nobody\""},
        Row{"sweep happy-path --seeds 0:1 --shard 3/2", "expected i/n"},
        Row{"sweep happy-path --seeds 0:1 --jobs 0", "expected 1 to 256"},
        Row{"sweep happy-path --seeds 0:1 --grid world.replicas=1,,2", "expected path=value"},
        Row{"sweep happy-path --seeds 0:1 --grid world.replicas=one", "world.replicas"},
        Row{"sweep happy-path --seeds 0:1 --grid replicas",
            "--grid: found \"replicas\", expected path=value"},
        Row{"sweep happy-path --seeds 0:1 --set replicas", "--set: found \"replicas\", expected path=value"},
        Row{"sweep happy-path --seeds 0:1 --junit nowhere/j.xml", "nowhere/j.xml: cannot be written"},
        Row{"merge", "expected databases"}, Row{"failures --db none.db", "no such file"},
        Row{"recheck --json", "unrecognised option '--json'"}, Row{"recheck --db none.db", "no such file"},
        Row{"report --db none.db", "no such file"},
        Row{"compare none.db", "found 1 database, expected two"}}) {
    CAPTURE(row.arguments);
    const Output output = run_program(row.arguments, folder.path());
    CHECK(output.status == 2);
    CHECK_THAT(output.err, Contains(row.said));
    CHECK(std::count(output.err.begin(), output.err.end(), '\n') == 1);
    CHECK(folder.files() == 0);
  }
}

TEST_CASE("what differs is told between two databases, or within one by what its cells differ in") {
  const TemporaryFolder folder;
  run_program("sweep happy-path --seeds 0:30 --subject notification --subject notification-2025-11",
              folder.path());
  const Output subjects =
      run_program("compare sweep.db --between subject=notification-2025-11,notification", folder.path());
  CHECK(subjects.status == 0);
  CHECK_THAT(subjects.out, Contains("better happy-path, notification: runs that violate") &&
                               Contains("notification-2025-11  30 of 30") && Contains("1 pair of cells"));
  const Output reversed = run_program(
      "compare sweep.db --between subject=notification,notification-2025-11 --json", folder.path());
  CHECK(reversed.status == 1);
  CHECK_THAT(reversed.out, Contains("\"verdict\": \"worse\""));
  for (const char* arguments : {"compare sweep.db", "compare sweep.db --between subject=notification",
                                "compare sweep.db --between subject=notification,nobody"}) {
    CAPTURE(arguments);
    const Output refused = run_program(arguments, folder.path());
    CHECK(refused.status == 2);
    CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
  }
}
