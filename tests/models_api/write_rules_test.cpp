// What writes are refused, each for its own reason, and what they leave behind: one request a row against a
// server that holds a ConfigMap `there`, a Secret `there`, a NotificationRequest `there`, and a namespace
// `going` that is being deleted.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/models_api/cluster.hpp"
#include "tests/support/world.hpp"

namespace racebed::models::tests {
namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";
const std::string kSecrets = "/api/v1/namespaces/default/secrets";
const std::string kGoing = "/api/v1/namespaces/going/configmaps";

struct Row {
  const char* name;
  const char* method;
  std::string target;
  std::string body;
  const char* content_type;
  const char* answer;  // status, reason, then field and reason of each cause
};

std::string text_of(const ApiHttpResponse& response) {
  std::string text = std::to_string(response.status);
  if (!response.body || response.body->value("kind", "") != "Status") return text;
  if (response.body->contains("reason")) text += " " + response.body->at("reason").get<std::string>();
  const Json details = response.body->value("details", Json::object());
  for (const Json& cause : details.value("causes", Json::array()))
    text += fmt::format("; {} {}", cause.value("field", ""), cause.value("reason", ""));
  return text;
}

asio::awaitable<ApiHttpResponse> send(Cluster& server, std::string method, std::string target,
                                      std::string body, std::string content_type) {
  ApiHttpRequest request{.method = std::move(method),
                         .target = std::move(target),
                         .content_type = std::move(content_type),
                         .bytes = std::move(body)};
  auto response = co_await server.front_end().handle(std::move(request));
  co_return std::move(*response);
}

asio::awaitable<void> furnish(Cluster& server) {
  co_await send(server, "POST", kMaps, R"({"metadata":{"name":"there"},"data":{"k":"v"}})",
                "application/json");
  co_await send(server, "POST", kMaps, R"({"metadata":{"name":"fixed"},"data":{"k":"v"},"immutable":true})",
                "application/json");
  co_await send(server, "POST", kSecrets, R"({"metadata":{"name":"there"},"stringData":{"k":"v"}})",
                "application/json");
  co_await send(server, "POST", "/api/v1/namespaces", R"({"metadata":{"name":"going"}})", "application/json");
  co_await send(server, "DELETE", "/api/v1/namespaces/going", "", "");
}

std::vector<Row> rows() {
  const char* json = "application/json";
  const char* merge = "application/merge-patch+json";
  const char* strategic = "application/strategic-merge-patch+json";
  const auto labelled = [](const std::string& labels) {
    return R"({"metadata":{"name":"a","labels":)" + labels + "}}";
  };
  const std::string long_name(64, 'x');
  return {
      {"control", "POST", kMaps, R"({"metadata":{"name":"a"}})", json, "201"},
      {"not JSON", "POST", kMaps, "{", json, "400 BadRequest"},
      {"nothing", "POST", kMaps, "", json, "400 BadRequest"},
      {"a list", "POST", kMaps, "[]", json, "400 BadRequest"},
      {"nested too deep", "POST", kMaps, std::string(1000, '['), json, "400 BadRequest"},
      {"another version", "POST", kMaps, R"({"apiVersion":"v2","metadata":{"name":"a"}})", json,
       "400 BadRequest"},
      {"another kind", "POST", kMaps, R"({"kind":"Secret","metadata":{"name":"a"}})", json, "400 BadRequest"},
      {"metadata that is text", "POST", kMaps, R"({"metadata":"a"})", json, "400 BadRequest"},
      {"a label that is a number", "POST", kMaps, labelled(R"({"a":1})"), json, "400 BadRequest"},
      {"finalizers that are text", "POST", kMaps, R"({"metadata":{"name":"a","finalizers":"x"}})", json,
       "400 BadRequest"},
      {"data that are numbers", "POST", kMaps, R"({"metadata":{"name":"a"},"data":{"k":1}})", json,
       "400 BadRequest"},
      {"no name", "POST", kMaps, R"({"metadata":{}})", json, "422 Invalid; metadata.name FieldValueRequired"},
      {"a bad name", "POST", kMaps, R"({"metadata":{"name":"A_b"}})", json,
       "422 Invalid; metadata.name FieldValueInvalid"},
      {"a namespace's name with a dot", "POST", "/api/v1/namespaces", R"({"metadata":{"name":"a.b"}})", json,
       "422 Invalid; metadata.name FieldValueInvalid"},
      {"a label's key", "POST", kMaps, labelled(R"({"-a":"x","b/c/d":"y","UP/x":"z"})"), json,
       "422 Invalid; metadata.labels FieldValueInvalid; metadata.labels FieldValueInvalid; metadata.labels "
       "FieldValueInvalid"},
      {"a label's value", "POST", kMaps, labelled(R"({"a":")" + long_name + R"(","b":"-"})"), json,
       "422 Invalid; metadata.labels FieldValueInvalid; metadata.labels FieldValueInvalid"},
      {"an annotation's key", "POST", kMaps,
       R"({"metadata":{"name":"a","annotations":{"a b":"anything at all"}}})", json,
       "422 Invalid; metadata.annotations FieldValueInvalid"},
      {"annotations too large", "POST", kMaps,
       R"({"metadata":{"name":"a","annotations":{"k":")" + std::string(300'000, 'x') + R"("}}})", json,
       "422 Invalid; metadata.annotations FieldValueTooLong"},
      {"an owner without uid", "POST", kMaps,
       R"({"metadata":{"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"b"}]}})",
       json, "422 Invalid; metadata.ownerReferences.uid FieldValueInvalid"},
      {"two controllers", "POST", kMaps,
       R"({"metadata":{"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"C","name":"b","uid":"1","controller":true},{"apiVersion":"v1","kind":"C","name":"c","uid":"2","controller":true}]}})",
       json, "422 Invalid; metadata.ownerReferences FieldValueInvalid"},
      {"a bad dry run", "POST", kMaps + "?dryRun=Some", R"({"metadata":{"name":"a"}})", json,
       "422 Invalid; dryRun FieldValueNotSupported"},
      {"a bad field validation", "POST", kMaps + "?fieldValidation=Loose", R"({"metadata":{"name":"a"}})",
       json, "422 Invalid; fieldValidation FieldValueNotSupported"},
      {"a long manager", "POST", kMaps + "?fieldManager=" + std::string(129, 'm'),
       R"({"metadata":{"name":"a"}})", json, "422 Invalid; fieldManager FieldValueTooLong"},
      {"a key twice, strictly", "POST", kMaps + "?fieldValidation=Strict",
       R"({"metadata":{"name":"a"},"data":{"k":"1","k":"2"}})", json, "400 BadRequest"},
      {"a key twice, loosely", "POST", kMaps + "?fieldValidation=Ignore",
       R"({"metadata":{"name":"a"},"data":{"k":"1","k":"2"}})", json, "201"},
      {"a namespace that goes", "POST", kGoing, R"({"metadata":{"name":"a"}})", json,
       "403 Forbidden; metadata.namespace NamespaceTerminating"},
      {"a key of data", "POST", kMaps, R"({"metadata":{"name":"a"},"data":{"a b":"x"}})", json,
       "422 Invalid; data[a b] FieldValueInvalid"},
      {"a key of both data", "POST", kMaps,
       R"({"metadata":{"name":"a"},"data":{"k":"x"},"binaryData":{"k":"eA=="}})", json,
       "422 Invalid; binaryData[k] FieldValueInvalid"},
      {"base64 that is none", "POST", kSecrets, R"({"metadata":{"name":"a"},"data":{"k":"?"}})", json,
       "400 BadRequest"},
      {"a secret's type changes", "PUT", kSecrets + "/there", R"({"metadata":{"name":"there"},"type":"x"})",
       json, "422 Invalid; type FieldValueInvalid"},
      {"an immutable map changes", "PUT", kMaps + "/fixed",
       R"({"metadata":{"name":"fixed"},"data":{"k":"w"},"immutable":true})", json,
       "422 Invalid; data FieldValueForbidden"},
      {"an immutable map becomes mutable", "PATCH", kMaps + "/fixed", R"({"immutable":false})", merge,
       "422 Invalid; immutable FieldValueForbidden"},
      {"an immutable map's label", "PATCH", kMaps + "/fixed", R"({"metadata":{"labels":{"a":"b"}}})", merge,
       "200"},
      {"deletion by hand", "PATCH", kMaps + "/there",
       R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})", merge,
       "422 Invalid; metadata.deletionTimestamp FieldValueInvalid"},
      {"a label by update", "PUT", kMaps + "/there", R"({"metadata":{"name":"there","labels":{"a":"-"}}})",
       json, "422 Invalid; metadata.labels FieldValueInvalid"},
      {"a patch to what is no object", "PATCH", kMaps + "/there", R"({"metadata":"x"})", merge,
       "422 Invalid; patch FieldValueInvalid"},
      {"a patch of the name", "PATCH", kMaps + "/there", R"({"metadata":{"name":"other"}})", merge,
       "400 BadRequest"},
      {"a patch of the kind", "PATCH", kMaps + "/there", R"({"kind":"Secret"})", merge, "400 BadRequest"},
      {"a patch of another kind of body", "PATCH", kMaps + "/there", "{}", json, "415 UnsupportedMediaType"},
      {"a strategic patch", "PATCH", kMaps + "/there", R"({"data":{"z":"1"}})", strategic, "200"},
      {"a member that the kind does not have, strictly", "POST", kMaps + "?fieldValidation=Strict",
       R"({"metadata":{"name":"a"},"date":{}})", json, "400 BadRequest"},
      {"a patch with such a member, strictly", "PATCH", kMaps + "/there?fieldValidation=Strict",
       R"({"date":{"a":"b"}})", merge, "422 Invalid; patch FieldValueInvalid"},
      {"a patch with a key twice, strictly", "PATCH", kMaps + "/there?fieldValidation=Strict",
       R"({"data":{"a":"1","a":"2"}})", merge, "422 Invalid; patch FieldValueInvalid"},
      {"a patch with such a member, loosely", "PATCH", kMaps + "/there?fieldValidation=Ignore",
       R"({"date":{"a":"b"}})", merge, "200"},
      {"a strict patch with nothing wrong", "PATCH", kMaps + "/there?fieldValidation=Strict",
       R"({"data":{"a":"b"}})", merge, "200"},
      {"a forced patch that is no apply", "PATCH", kMaps + "/there?force=true", "{}", merge,
       "422 Invalid; force FieldValueForbidden"},
      {"deletion with two policies", "DELETE", kMaps + "/there",
       R"({"propagationPolicy":"Orphan","orphanDependents":true})", json,
       "422 Invalid; propagationPolicy FieldValueInvalid"},
      {"deletion with another kind of options", "DELETE", kMaps + "/there", R"({"kind":"ConfigMap"})", json,
       "400 BadRequest"},
      {"a dry deletion", "DELETE", kMaps + "/there", R"({"dryRun":["All"]})", json, "200"},
      {"an event of another namespace", "POST", "/api/v1/namespaces/default/events",
       R"({"metadata":{"name":"e"},"involvedObject":{"namespace":"other"}})", json,
       "422 Invalid; involvedObject.namespace FieldValueInvalid"},
      {"a lease with a negative count", "POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases",
       R"({"metadata":{"name":"l"},"spec":{"leaseDurationSeconds":0,"leaseTransitions":-1}})", json,
       "422 Invalid; spec.leaseDurationSeconds FieldValueInvalid; spec.leaseTransitions FieldValueInvalid"},
  };
}

}  // namespace

TEST_CASE("each wrong write is refused for its own reason") {
  for (const Row& row : rows()) {
    INFO(row.name);
    const std::string story = ::racebed::tests::run_twice(3, [&](sim::Kernel& kernel) {
      std::string out = "did not end";
      sim::Process& process = kernel.add_process({.name = "apiserver"});
      process.start([&](Runtime& runtime) -> asio::awaitable<void> {
        Cluster server(runtime);
        co_await server.make_namespace("default");
        co_await furnish(server);
        const std::uint64_t before = server.store.revision();
        const ApiHttpResponse response =
            co_await send(server, row.method, row.target, row.body, row.content_type);
        out = text_of(response);
        if (response.status >= 400 && server.store.revision() != before) out += ", but something was written";
      });
      kernel.run();
      return out;
    });
    CHECK(story == row.answer);
  }
}

}  // namespace racebed::models::tests
