// experiments/slurm, on a Slurm of one node.
#include "tests/e2e/slurm.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "evidence/store/database.hpp"
#include "tests/e2e/world.hpp"

namespace racebed::tests {
namespace {

using Catch::Matchers::Contains;
using evidence::Database;

constexpr Bound kBound{60'000};  // for a submitted sweep: it takes 5 s

const std::vector<std::string> kSweep = {
    "happy-path", "--seeds", "0:24", "--subject", "notification", "--subject", "notification-2025-11"};

std::string contents(const std::string& path) {
  return Database(path, Database::Mode::read).contents();
}

/// Submits the sweep in three parts into merged.db; the job that merges them.
std::string submit(const Slurm& slurm) {
  std::vector<std::string> command = {RACEBED_SOURCE_DIR "/experiments/slurm/submit", "3", "merged.db"};
  command.insert(command.end(), kSweep.begin(), kSweep.end());
  const Ran ran = slurm.run(std::move(command), {{"RACEBED", racebed_program()}});
  INFO(report(ran));
  REQUIRE(ran.status == 0);
  const std::size_t at = ran.output.find("merge: job ") + 11;
  return ran.output.substr(at, ran.output.find(',', at) - at);
}

TEST_CASE("a sweep as a Slurm job array: its parts, merged by a job that waits for them, are the whole") {
  if (!Slurm::is_there()) FAIL("Slurm is missing: run scripts/test-clients.sh");
  const Slurm slurm;
  const TemporaryFolder& folder = slurm.folder();
  const std::string parts = folder.path() + "/merged.db.parts/";
  std::vector<std::string> whole = {racebed_program(), "sweep", "--db", "whole.db"};
  whole.insert(whole.end(), kSweep.begin(), kSweep.end());
  REQUIRE(slurm.run(std::move(whole)).status == 1);

  // A part that cannot be made: the merge is not kept waiting for it, and nothing is merged.
  std::filesystem::create_directory(parts);
  folder.write("merged.db.parts/2.db", "this is no database, but a file that stands where part 2 would be");
  const std::string cancelled = submit(slurm);
  INFO(slurm.log());
  CHECK(eventually(kBound, [&] { return slurm.state(cancelled) == "CANCELLED"; }));
  CHECK_THAT(folder.read("merged.db.parts/2.log"), Contains("2.db"));
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/merged.db"));

  // The same again makes what is missing. The verdict is the merge's exit status: this sweep is not green.
  std::filesystem::remove(parts + "2.db");
  const std::string merge = submit(slurm);
  CHECK(eventually(kBound, [&] { return slurm.state(merge) == "FAILED"; }));
  CHECK_THAT(folder.read("merged.db.log"),
             Contains("2 cells, 48 runs") && Contains("canary: caught in 10 of 10 runs"));
  const bool same = contents(folder.path() + "/merged.db") == contents(folder.path() + "/whole.db");
  CHECK(same);
}

}  // namespace
}  // namespace racebed::tests
