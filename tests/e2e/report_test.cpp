// The pages of a small database, opened in Chromium: tests/e2e/report/report_test.mjs.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/e2e/world.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace racebed::tests {
namespace {

std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) names.push_back(std::filesystem::relative(entry.path(), folder).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST_CASE("a report opens in Chromium: every figure is there, nothing overflows, twice the same bytes") {
  if (run({"bash", "-c", "command -v node && command -v chromium"}).status != 0) {
    WARN("NOT TESTED: there is no node or no chromium; scripts/setup.sh --clients installs them");
    return;
  }
  if (!std::filesystem::exists(client("node/node_modules/playwright-core")))
    FAIL("playwright-core is missing: run scripts/test-clients.sh");
  const TemporaryFolder folder;
  const std::string database = folder.path() + "/sweep.db";
  const auto swept = [&](std::vector<std::string> what) {
    what.insert(what.begin(), {racebed_program(), "sweep"});
    what.insert(what.end(), {"--db", database, "--jobs", "1"});
    const Ran ran = run(what, std::chrono::minutes{5});
    INFO(report(ran));
    // The older controller fails, which is what its figures show; few runs are no mistake here.
    CHECK((ran.status == 0 || ran.status == 1));
  };
  swept({"load-100-slack", "create-delete-create", "tls-expired", "tls-invalid", "outage-30-minutes",
         "leader-kill", "--seeds", "0:2"});
  for (const char* study : {"load", "duplicate-window", "kill-moment"})
    swept({"--study", study, "--seeds", "0:1"});

  const auto reported = [&](const std::string& name) {
    const std::string out = folder.path() + "/" + name;
    const Ran ran =
        run({racebed_program(), "report", "--db", database, "--out", out}, std::chrono::minutes{2});
    INFO(report(ran));
    CHECK(ran.status == 1);  // so few runs are not enough
    return out;
  };
  const std::string first = reported("first");
  const std::string second = reported("second");
  CHECK(files_below(first).size() == 8 + 2 * 13);  // four pages as HTML and Markdown; figures as SVG and PNG
  CHECK(run({"diff", "-r", first, second}).output == "");

  const std::string shots = std::string(RACEBED_BINARY_DIR) + "/screenshots";
  std::filesystem::create_directories(shots);
  const Ran ran =
      run({"node", "--test", std::string(RACEBED_SOURCE_DIR) + "/tests/e2e/report/report_test.mjs"},
          std::chrono::minutes{5},
          {.environment = {{"REPORT", first}, {"SHOTS", shots}, {"CLIENTS", client("node")}}});
  INFO(report(ran));
  CHECK(ran.status == 0);
}

}  // namespace
}  // namespace racebed::tests
