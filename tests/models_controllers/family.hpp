// Configmaps of namespace `a` that own each other, a garbage collector beside them, and a line to the server
// that loses the answers a test wants lost.
#pragma once

#include <set>

#include "models/controllers/beside.hpp"
#include "models/controllers/garbage_graph.hpp"
#include "tests/models_api/cluster.hpp"

namespace racebed::models::tests {

/// Loses one request, or its answer, counted from 1.
class LossyLine final : public ControllerApi {
 public:
  LossyLine(Cluster& cluster) : cluster_(cluster) {}
  asio::awaitable<std::optional<ApiHttpResponse>> call(ApiHttpRequest request) override {
    ++requests;
    const int number = requests;
    co_await cluster_.runtime.clock.sleep_for(1ms);
    if (number == lose && !after_commit) co_return std::nullopt;
    auto answer = co_await cluster_.front_end().handle(std::move(request));
    if (number == lose) co_return std::nullopt;
    co_return std::move(answer);
  }
  int requests = 0;
  int lose = 0;
  bool after_commit = false;

 private:
  Cluster& cluster_;
};

struct Family {
  explicit Family(Runtime& r, MirrorOptions mirrors = {})
      : cluster(r), line(cluster), collector(r, line, {.mirrors = mirrors}), tasks(r) {}
  Cluster cluster;
  LossyLine line;
  GarbageCollector collector;
  TaskGroup tasks;

  void start() { tasks.spawn("garbage collector", collector.run()); }
  asio::awaitable<void> stop() {
    tasks.cancel();
    co_await tasks.join();
  }
  asio::awaitable<void> wait(Duration d = 5s) { co_await cluster.runtime.clock.sleep_for(d); }

  std::string uid(const std::string& name) {
    const auto* type = cluster.registry.find("", "v1", "configmaps");
    const JsonPtr object = cluster.store.find(*type, "a/" + name);
    return object ? metadata_text(*object, "uid") : "00000000-0000-4000-8000-000000000000";
  }
  Json reference(const std::string& owner, bool blocks = false) {
    return {{"apiVersion", "v1"},
            {"kind", "ConfigMap"},
            {"name", owner},
            {"uid", uid(owner)},
            {"blockOwnerDeletion", blocks}};
  }
  /// Owners are named, with commas; "x!" is one whose deletion this object blocks.
  asio::awaitable<void> create(std::string name, std::string owners = {}, std::string finalizer = {}) {
    Json object{{"metadata", {{"name", name}}}};
    while (!owners.empty()) {
      std::string owner = owners.substr(0, owners.find(','));
      owners.erase(0, owner.size() + 1);
      const bool blocks = owner.back() == '!';
      if (blocks) owner.pop_back();
      object["metadata"]["ownerReferences"].push_back(reference(owner, blocks));
    }
    if (!finalizer.empty()) object["metadata"]["finalizers"].push_back(finalizer);
    const JsonPtr body = shared(std::move(object));
    const ApiHttpResponse made = co_await cluster.call("POST", kConfigMaps, body);
    REQUIRE(made.status == 201);
  }
  asio::awaitable<void> remove(std::string name, std::string policy = "Background") {
    const JsonPtr body = shared({{"propagationPolicy", policy}});
    const ApiHttpResponse gone = co_await cluster.call("DELETE", kConfigMaps + "/" + name, body);
    REQUIRE(gone.status == 200);
  }
  /// What there is, with the names of owners: "b(a) c".
  std::string tell() {
    std::string text;
    const auto* type = cluster.registry.find("", "v1", "configmaps");
    for (const auto& [key, object] : cluster.store.objects(*type)) {
      text += text.empty() ? "" : " ";
      text += metadata_text(*object, "name");
      std::string owners;
      for (const OwnerReference& owner : owner_references_of(*object))
        owners += (owners.empty() ? "" : ",") + owner.name;
      if (!owners.empty()) text += "(" + owners + ")";
    }
    return text;
  }
  /// The names in the order in which they were removed.
  std::string removed() {
    std::string text;
    for (const Fact& fact : cluster.ledger.facts()) {
      const auto* committed = std::get_if<Committed>(&fact.what);
      if (committed != nullptr && committed->after == nullptr) text += " " + committed->object.name;
    }
    return text;
  }
};

}  // namespace racebed::models::tests
