// The namespace controller empties what is being deleted, and finishes it when nothing is left.
#include "tests/models_controllers/family.hpp"

namespace racebed::models::tests {
namespace {

struct Town {
  explicit Town(Runtime& r) : cluster(r), line(cluster), controller(r, line), tasks(r) {}
  Cluster cluster;
  LossyLine line;
  NamespaceController controller;
  TaskGroup tasks;

  asio::awaitable<std::string> phase(std::string name) {
    std::string path = "/api/v1/namespaces/" + name;
    const ApiHttpResponse answer = co_await cluster.call("GET", std::move(path));
    if (answer.status != 200) co_return std::to_string(answer.status);
    co_return answer.body->value(Json::json_pointer("/status/phase"), std::string("none"));
  }
};

asio::awaitable<void> emptied(Runtime& runtime, int lose, bool after_commit, int& requests) {
  Town town(runtime);
  Cluster& cluster = town.cluster;
  co_await cluster.make_namespace("a");
  co_await cluster.make_namespace("b");
  co_await cluster.set("x", "1");
  co_await cluster.set("y", "1");
  const JsonPtr other = shared({{"metadata", {{"name", "kept"}}}});
  co_await cluster.call("POST", "/api/v1/namespaces/b/configmaps", other);
  town.tasks.spawn("controller", town.controller.run());
  co_await runtime.clock.sleep_for(1s);
  town.line.lose = lose == 0 ? 0 : town.line.requests + lose;
  town.line.after_commit = after_commit;
  const int before = town.line.requests;
  co_await cluster.call("DELETE", "/api/v1/namespaces/a");
  co_await runtime.clock.sleep_for(30s);
  INFO("losing request " << lose);
  const std::string gone = co_await town.phase("a");
  CHECK(gone == "404");
  const std::string stays = co_await town.phase("b");
  CHECK(stays == "Active");
  const auto* type = cluster.registry.find("", "v1", "configmaps");
  CHECK(cluster.store.objects(*type).size() == 1);
  requests = town.line.requests - before;
  town.tasks.cancel();
  co_await town.tasks.join();
}

asio::awaitable<void> held(Runtime& runtime) {
  Town town(runtime);
  Cluster& cluster = town.cluster;
  co_await cluster.make_namespace("a");
  const JsonPtr body = shared({{"metadata", {{"name", "x"}, {"finalizers", {"example.com/hold"}}}}});
  co_await cluster.call("POST", kConfigMaps, body);
  town.tasks.spawn("controller", town.controller.run());
  co_await cluster.call("DELETE", "/api/v1/namespaces/a");
  co_await runtime.clock.sleep_for(60s);
  std::string phase = co_await town.phase("a");
  CHECK(phase == "Terminating");
  const JsonPtr patch = shared({{"metadata", {{"finalizers", nullptr}}}});
  ApiHttpRequest request{.method = "PATCH",
                         .target = kConfigMaps + "/x",
                         .content_type = "application/merge-patch+json",
                         .body = patch};
  co_await cluster.front_end().handle(std::move(request));
  co_await runtime.clock.sleep_for(10s);
  phase = co_await town.phase("a");
  CHECK(phase == "404");
  town.tasks.cancel();
  co_await town.tasks.join();
}

TEST_CASE("a namespace that is deleted loses its contents first, whichever one answer is lost") {
  int requests = 0;
  in_world(1, [&](Runtime& runtime) { return emptied(runtime, 0, false, requests); });
  for (int lose = 1; lose <= requests; ++lose) {
    for (const bool after_commit : {false, true}) {
      int ignored = 0;
      in_world(1, [&](Runtime& runtime) { return emptied(runtime, lose, after_commit, ignored); });
    }
  }
}

TEST_CASE("an object's finalizer holds its namespace") {
  in_world(1, held);
}

}  // namespace
}  // namespace racebed::models::tests
