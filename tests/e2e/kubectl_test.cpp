// kubectl's everyday use, told in tests/e2e/kubectl/*.txt, with each kubectl that is there: Debian's 1.20.2
// and, when one is on PATH, a newer one.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "tests/e2e/transcript.hpp"
#include "tests/e2e/world.hpp"

namespace racebed::tests {
namespace {

constexpr const char* kPrelude = R"sh(
kubectl() { command "$KUBECTL" "$@"; }
# behind NAME ARGUMENTS...: kubectl in the background, printing to NAME.txt, until `stop NAME` or the story's end
behind() {
  setsid bash -c 'echo $$ | tee -a behind.pids >"$0.pid"; exec "$KUBECTL" "$@"' "$@" >"$1.txt" 2>&1 &
  until [ -s "$1.pid" ]; do sleep 0.01; done
}
stop() { kill "$(cat "$1.pid")"; }
# await FILE PATTERN: until a line of FILE matches
await() {
  for _ in $(seq 400); do grep -q -s -e "$2" "$1" && return 0; sleep 0.05; done
  echo "no line with $2 came:"; cat "$1"; return 1
}
)sh";

struct Kubectl {
  std::string program;
  std::string tag;  // of lines in the stories
};

std::vector<Kubectl> kubectls() {
  std::vector<Kubectl> all;
  if (std::filesystem::exists(client("bin/kubectl"))) all.push_back({client("bin/kubectl"), "old"});
  const Ran other = run({"bash", "-c", "command -v kubectl"});
  if (other.status == 0) all.push_back({other.output.substr(0, other.output.find('\n')), "new"});
  return all;
}

std::string tell(const std::string& story, const Kubectl& kubectl) {
  Serve world;
  const std::string difference = run_transcript(
      story, {.prelude = kPrelude,
              .tag = kubectl.tag,
              .process = {.environment = {{"KUBECONFIG", world.kubeconfig()},
                                          {"KUBECTL", kubectl.program},
                                          {"HOME", world.folder().path()},
                                          {"STORIES", std::filesystem::path(story).parent_path()},
                                          {"MANIFESTS", RACEBED_SOURCE_DIR "/experiments/kubernetes"},
                                          {"SERVER", world.http_base()},
                                          {"CONTROL", world.control()}},
                          .folder = world.folder().path()}});
  run({"bash", "-c", "test ! -e behind.pids || kill $(cat behind.pids)"}, std::chrono::seconds{10},
      {.folder = world.folder().path()});
  return difference.empty() ? "" : difference + world.log();
}

TEST_CASE("kubectl cannot tell racebed serve from a cluster, in any of its stories") {
  const std::vector<Kubectl> programs = kubectls();
  if (programs.empty() || programs[0].tag != "old")
    FAIL_CHECK("Debian's kubectl is missing: run scripts/test-clients.sh");
  if (programs.size() < 2) WARN("no kubectl on PATH: only Debian's 1.20.2 was tested");
  std::vector<std::function<std::string()>> works;
  std::set<std::string> stories;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(RACEBED_SOURCE_DIR) + "/tests/e2e/kubectl"))
    stories.insert(entry.path());
  REQUIRE(stories.size() > 1);
  for (const std::string& story : stories) {
    for (const Kubectl& kubectl : programs)
      works.emplace_back([story, kubectl] { return tell(story, kubectl); });
  }
  for (const std::string& failure : in_parallel(works)) FAIL_CHECK(failure);
}

}  // namespace
}  // namespace racebed::tests
