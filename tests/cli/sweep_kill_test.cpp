// Sweeps that somebody kills, interrupts, or gives too little.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "evidence/store/database.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/process.hpp"

using namespace racebed::tests;
using Catch::Matchers::Contains;
using racebed::evidence::Database;

namespace {

const std::string kSweep =
    "sweep leader-kill happy-path --seeds 0:24 --subject notification-2025-11 --jobs 2";

std::string contents(const std::string& path) {
  return Database(path, Database::Mode::read).contents();
}

/// The sweep in `folder`, running, with killed.db for its database.
ChildProcess begin(const std::string& folder) {
  return ChildProcess({"bash", "-c", "exec " RACEBED_BINARY_DIR "/bin/racebed " + kSweep + " --db killed.db"},
                      {.folder = folder});
}

std::vector<pid_t> workers_of(const ChildProcess& sweep) {
  const std::string pid = std::to_string(sweep.pid());
  std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
  return {std::istream_iterator<pid_t>(children), {}};
}

}  // namespace

TEST_CASE("a sweep of which twenty times something is killed ends with what an undisturbed one has") {
  const TemporaryFolder folder;
  CHECK(run_program(kSweep + " --db whole.db", folder.path()).status == 1);
  std::mt19937 random(20);  // of the test, not of a run
  const auto wait = [&](unsigned most) {
    std::this_thread::sleep_for(std::chrono::milliseconds{random() % most});
  };
  std::size_t workers_killed = 0;
  for (int i = 0; i < 20; ++i) {
    ChildProcess sweep = begin(folder.path());
    wait(600);
    if (const std::vector<pid_t> workers = workers_of(sweep); !workers.empty())
      workers_killed += kill(workers[random() % workers.size()], SIGKILL) == 0;
    wait(300);
    kill(sweep.pid(), SIGKILL);  // not its workers: those end by themselves
    sweep.wait(Bound{5000});
  }
  CHECK(workers_killed > 0);
  const Output output = run_program(kSweep + " --db killed.db", folder.path());
  CHECK(output.status == 1);
  const bool same = contents(folder.path() + "/killed.db") == contents(folder.path() + "/whole.db");
  CHECK(same);
}

TEST_CASE("a sweep that is interrupted has no verdict, keeps what it has, and says how to go on") {
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const TemporaryFolder folder;
    const std::string command = "sweep happy-path --seeds 0:100000 --jobs 1";
    ChildProcess sweep({"bash", "-c", "exec " RACEBED_BINARY_DIR "/bin/racebed " + command},
                       {.folder = folder.path()});
    const auto runs = [&] {
      if (!std::filesystem::exists(folder.path() + "/sweep.db")) return std::size_t{0};
      try {
        return Database(folder.path() + "/sweep.db", Database::Mode::read).seeds(1).size();
      } catch (const racebed::evidence::StoreError&) {
        return std::size_t{0};  // it is being made
      }
    };
    CHECK(eventually(Bound{20'000}, [&] { return runs() > 0; }));
    sweep.signal(signal);
    CHECK(sweep.wait(Bound{10'000}) == 128 + signal);
    CHECK_THAT(sweep.output(), Contains("the same command goes on where this one stopped"));
    CHECK(runs() > 0);
  }
}

TEST_CASE(
    "a run that takes too long, or more memory than it may, is a failure with its seed; the others are "
    "made") {
  struct Row {
    const char* limit;
    const char* said;
  };
  std::vector<Row> rows{{"--timeout 1", "timed out after 1 s"}};
#if !defined(__SANITIZE_ADDRESS__)
  rows.push_back({"--memory 64", "out of memory"});  // AddressSanitizer reserves more than there is
#endif
  for (const Row& row : rows) {
    CAPTURE(row.limit);
    const TemporaryFolder folder;
    const Output sweep = run_program(
        std::string("sweep happy-path --grid workload.count=5,6000 --seeds 3:4 --jobs 2 --junit junit.xml ") +
            row.limit,
        folder.path());
    CHECK(sweep.status == 1);
    CHECK_THAT(sweep.out, Contains("1 of 1 runs did not end; see racebed failures --db sweep.db") &&
                              Contains("2 cells, 2 runs; violated: 1 of 2") &&
                              Contains("canary: caught in 1 of 1 runs"));
    const Output failures = run_program("failures", folder.path());
    CHECK_THAT(failures.out, Contains(row.said) && Contains("--set workload.count=6000 --seed 3"));
    CHECK_THAT(folder.read("junit.xml"), Contains("name=\"run-completes\""));
  }
}
