// What a client learns of a server before it asks for anything.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/apiserver/discovery.hpp"
#include "models/apiserver/resource.hpp"

using namespace racebed;
using namespace racebed::models;

namespace {

ResourceType widget(std::string version) {
  return {.group = "example.com",
          .version = std::move(version),
          .plural = "widgets",
          .singular = "widget",
          .kind = "Widget",
          .short_names = {"wd"},
          .categories = {"all"},
          .scale = ScalePaths{},
          .custom = true,
          .has_status = true};
}

Json asked(const Registry& registry, const std::string& target,
           const std::string& accept = "application/json") {
  const auto answer = discover({.method = "GET", .target = target, .accept = accept}, registry);
  return answer && answer->body ? *answer->body : Json();
}

Json named(const Json& entries, const char* member, const std::string& name) {
  for (const Json& entry : entries) {
    if (entry.at(member) == name) return entry;
  }
  return nullptr;
}

constexpr const char* kAggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

}  // namespace

TEST_CASE("a scale subresource is of another group and kind than its resource") {
  Registry registry = builtin_resources();
  registry.add(widget("v1"));
  const Json resources = asked(registry, "/apis/example.com/v1")["resources"];
  CHECK(resources.size() == 3);
  CHECK(named(resources, "name", "widgets")["categories"] == Json::array({"all"}));
  CHECK(named(resources, "name", "widgets/status")["kind"] == "Widget");
  const Json scale = named(resources, "name", "widgets/scale");
  CHECK(scale["group"] == "autoscaling");
  CHECK(scale["version"] == "v1");
  CHECK(scale["kind"] == "Scale");

  const Json items = asked(registry, "/apis", kAggregated)["items"];
  const Json group = items.back();
  CHECK(group["metadata"]["name"] == "example.com");
  const Json resource = group["versions"][0]["resources"][0];
  CHECK(resource["scope"] == "Namespaced");
  CHECK(resource["shortNames"] == Json::array({"wd"}));
  const Json aggregated = named(resource["subresources"], "subresource", "scale");
  CHECK(aggregated["responseKind"] == Json({{"group", "autoscaling"}, {"version", "v1"}, {"kind", "Scale"}}));
}

TEST_CASE("both forms of discovery speak of the same resources") {
  Registry registry = builtin_resources();
  registry.serve({widget("v1beta1"), widget("v1")});
  for (const char* root : {"/api", "/apis"}) {
    const Json list = asked(registry, root, kAggregated);
    CHECK(list["kind"] == "APIGroupDiscoveryList");
    for (const Json& group : list["items"]) {
      const std::string name = group["metadata"]["name"];
      for (const Json& version : group["versions"]) {
        const std::string folder =
            (name.empty() ? "/api/" : "/apis/" + name + "/") + version["version"].get<std::string>();
        const Json legacy = asked(registry, folder)["resources"];
        std::size_t count = 0;
        for (const Json& resource : version["resources"]) {
          const std::string plural = resource["resource"];
          const Json entry = named(legacy, "name", plural);
          REQUIRE(entry.is_object());
          CHECK(entry["verbs"] == resource["verbs"]);
          CHECK(entry["kind"] == resource["responseKind"]["kind"]);
          const Json parts = resource.value("subresources", Json::array());
          count += 1 + parts.size();
          for (const Json& part : parts)
            CHECK(named(legacy, "name", plural + "/" + part["subresource"].get<std::string>()).is_object());
        }
        CHECK(count == legacy.size());
      }
    }
  }
}

TEST_CASE("what is served anew or withdrawn is discovered at once, the preferred version first") {
  Registry registry = builtin_resources();
  CHECK(asked(registry, "/apis/example.com").is_null());
  registry.serve({widget("v1beta1"), widget("v1")});
  const Json group = asked(registry, "/apis/example.com");
  CHECK(group["kind"] == "APIGroup");
  CHECK(group["preferredVersion"]["version"] == "v1");
  CHECK(group["versions"].size() == 2);
  registry.withdraw("example.com", "widgets");
  CHECK(asked(registry, "/apis/example.com").is_null());
  CHECK(asked(registry, "/apis/example.com/v1").is_null());
}

TEST_CASE("no client is told that it can delete all namespaces at once") {
  const Json resources = asked(builtin_resources(), "/api/v1")["resources"];
  const Json verbs = named(resources, "name", "namespaces")["verbs"];
  CHECK(std::ranges::find(verbs, "delete") != verbs.end());
  CHECK(std::ranges::find(verbs, "deletecollection") == verbs.end());
}

TEST_CASE("the root lists what can be asked, custom groups too") {
  Registry registry = builtin_resources();
  registry.add(widget("v1"));
  const Json paths = asked(registry, "/")["paths"];
  for (const char* path : {"/api", "/api/v1", "/apis", "/apis/example.com", "/apis/example.com/v1",
                           "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"}) {
    INFO(path);
    CHECK(std::ranges::find(paths, path) != paths.end());
  }
  CHECK(std::ranges::is_sorted(paths));
}
