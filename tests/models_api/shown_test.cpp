// How objects are shown: JSON paths, ages, tables, and which form an Accept header asks for.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/apiserver/json_path.hpp"
#include "models/apiserver/negotiation.hpp"
#include "models/apiserver/openapi_v2.hpp"
#include "models/apiserver/protobuf.hpp"
#include "models/apiserver/table.hpp"

using namespace racebed;
using namespace racebed::models;
using namespace std::chrono_literals;

TEST_CASE("a printer column's path finds what kubectl's would") {
  const Json object = Json::parse(R"({
    "metadata": {"labels": {"a.b/c": "dotted"}, "annotations": {"x.y": "escaped"}},
    "spec": {"replicas": 3, "names": ["one", "two"], "ports": [{"name": "http", "port": 80}, {"name": "https", "port": 443}]},
    "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Live", "status": "False"}]}})");
  struct Row {
    const char* path;
    const char* found;  // as JSON; "none": not a path
  };
  for (const Row& row :
       {Row{".spec.replicas", "[3]"}, Row{"{.spec.replicas}", "[3]"}, Row{".spec.names[1]", "[\"two\"]"},
        Row{".spec.names[7]", "[]"}, Row{".spec.names[*]", "[\"one\",\"two\"]"},
        Row{".spec.ports[*].port", "[80,443]"}, Row{".spec.ports[?(@.name==\"https\")].port", "[443]"},
        Row{".spec.ports[?(@.port==80)].name", "[\"http\"]"},
        Row{".status.conditions[?(@.type=='Live')].status", "[\"False\"]"},
        Row{".metadata.labels['a.b/c']", "[\"dotted\"]"},
        Row{R"(.metadata.annotations.x\.y)", "[\"escaped\"]"}, Row{".spec.missing.deeper", "[]"},
        Row{".spec.replicas.deeper", "[]"}, Row{"spec", "none"}, Row{".spec[", "none"},
        Row{".spec..a", "none"}, Row{"", "none"}, Row{".a[?(@.b)]", "none"}}) {
    INFO(row.path);
    const auto path = JsonPath::parse(row.path);
    Json found = Json::array();
    if (path) {
      for (const Json* value : path->find(object)) found.push_back(*value);
    }
    CHECK((path ? found.dump() : "none") == row.found);
  }
}

TEST_CASE("ages are as kubectl shows them") {
  struct Row {
    Duration age;
    const char* text;
  };
  for (const Row& row :
       {Row{-5s, "<invalid>"}, Row{-1s, "0s"}, Row{0s, "0s"}, Row{119s, "119s"}, Row{120s, "2m"},
        Row{150s, "2m30s"}, Row{10min, "10m"}, Row{179min, "179m"}, Row{180min, "3h"}, Row{181min, "3h1m"},
        Row{8h, "8h"}, Row{47h, "47h"}, Row{48h, "2d"}, Row{49h, "2d1h"}, Row{192h, "8d"},
        Row{729 * 24h, "729d"}, Row{730 * 24h, "2y"}, Row{731 * 24h, "2y1d"}, Row{9 * 365 * 24h, "9y"}}) {
    CHECK(human_duration(row.age) == row.text);
  }
}

TEST_CASE("a custom resource's cells have their column's type, or nothing") {
  ResourceType type{.plural = "widgets", .kind = "Widget", .custom = true};
  for (const char* kind : {"string", "integer", "number", "boolean", "date"}) {
    type.columns.push_back({.name = kind, .type = kind, .json_path = ".spec.value"});
  }
  const Time now = *parse_rfc3339("2026-01-01T00:10:00Z");
  struct Row {
    const char* value;
    const char* cells;
  };
  for (const Row& row :
       {Row{"\"text\"", R"(["a","text",null,null,null,"<invalid>"])"}, Row{"3", R"(["a","3",3,3,null,null])"},
        Row{"2.5", R"(["a","2.5",2,2.5,null,null])"}, Row{"true", R"(["a","true",null,null,true,null])"},
        Row{"\"2026-01-01T00:00:00Z\"", R"(["a","2026-01-01T00:00:00Z",null,null,null,"10m"])"},
        Row{"{\"x\":1}", R"(["a","{\"x\":1}",null,null,null,null])"}}) {
    const JsonPtr objects[] = {
        std::make_shared<const Json>(Json{{"metadata", {{"name", "a"}, {"resourceVersion", "7"}}},
                                          {"spec", {{"value", Json::parse(row.value)}}}})};
    const Json made = table(type, objects, nullptr, now, {});
    CHECK(made["rows"][0]["cells"].dump() == row.cells);
    CHECK(made["metadata"]["resourceVersion"] == "7");
    CHECK(made["rows"][0]["object"]["kind"] == "PartialObjectMetadata");
  }
}

TEST_CASE("the first acceptable form wins, none is 406") {
  struct Row {
    const char* accept;
    const char* shape;
  };
  const auto shown = [](const char* accept) -> std::string {
    const auto shape = answer_shape(accept);
    if (!shape) return "406";
    static constexpr const char* kNames[] = {"object", "table ", "partial "};
    const auto as = static_cast<std::size_t>(shape->as);
    return kNames[as] + (as == 0 ? "" : shape->version);
  };
  for (const Row& row :
       {Row{"", "object"}, Row{"application/json", "object"}, Row{"*/*", "object"},
        Row{"text/html, */*;q=0.8", "object"},
        Row{"application/vnd.kubernetes.protobuf,application/json", "object"},
        Row{"application/vnd.kubernetes.protobuf", "406"}, Row{"text/plain", "406"},
        Row{"application/yaml", "object"},
        Row{"application/json;as=Table;v=v1;g=meta.k8s.io,application/"
            "json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
            "table v1"},
        Row{"application/json;as=Table;g=meta.k8s.io;v=v1beta1, application/json", "table v1beta1"},
        Row{"application/json;as=Table;v=v2;g=meta.k8s.io", "406"},
        Row{"application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", "partial v1"},
        Row{"application/json;q=0.1,application/json;as=Table;v=v1;g=meta.k8s.io;q=0.9", "table v1"},
        Row{"application/json;q=0", "406"}}) {
    INFO(row.accept);
    CHECK(shown(row.accept) == row.shape);
  }
}

TEST_CASE("the OpenAPI document that kubectl asks for is protobuf and holds every kind") {
  const Registry registry = builtin_resources();
  const ApiHttpResponse answer =
      openapi_v2(registry, "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
  std::set<std::string> names;
  ProtobufReader document(answer.text);
  while (const auto field = document.next()) {
    if (field->number != 9) continue;  // definitions
    ProtobufReader definitions(field->bytes);
    while (const auto named = definitions.next()) {
      ProtobufReader entry(named->bytes);
      names.insert(std::string(entry.next()->bytes));
    }
    CHECK_FALSE(definitions.broken());
  }
  CHECK_FALSE(document.broken());
  CHECK(names.contains("io.k8s.api.core.v1.ConfigMap"));
  CHECK(names.contains("ai.kubernaut.notification.v1alpha1.NotificationRequest"));
  CHECK(names.contains("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"));
  const ApiHttpResponse json = openapi_v2(registry, "application/json");
  CHECK(json.body->at("definitions").size() == names.size());
}

TEST_CASE("versions are preferred as Kubernetes does") {
  std::vector<std::string> versions{"v1alpha1", "v2", "foo", "v1beta2", "v1", "v2beta1", "v10", "bar"};
  std::ranges::sort(versions, version_precedes);
  CHECK(versions ==
        std::vector<std::string>{"v10", "v2", "v1", "v2beta1", "v1beta2", "v1alpha1", "bar", "foo"});
}
