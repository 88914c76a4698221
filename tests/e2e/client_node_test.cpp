// @kubernetes/client-node, as scripts/test-clients.sh installed it:
// tests/e2e/client_node/client_node_test.mjs.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/e2e/world.hpp"

namespace racebed::tests {
namespace {

TEST_CASE("client-node: objects, watches, refusals, and an informer through a cut watch and a 410") {
  if (run({"bash", "-c", "command -v node"}).status != 0) {
    WARN("NOT TESTED: there is no node; scripts/setup.sh --clients installs one");
    return;
  }
  if (!std::filesystem::exists(client("node/node_modules")))
    FAIL("client-node is missing: run scripts/test-clients.sh");
  Serve world;
  const std::string tests = std::string(RACEBED_SOURCE_DIR) + "/tests/e2e/client_node/client_node_test.mjs";
  const Ran ran = run({"node", "--test", tests}, std::chrono::seconds{120},
                      {.environment = {{"KUBECONFIG", world.kubeconfig()},
                                       {"CONTROL", world.control()},
                                       {"CLIENT_NODE", client("node")}}});
  INFO(report(ran) << world.log());
  CHECK(ran.status == 0);
}

}  // namespace
}  // namespace racebed::tests
