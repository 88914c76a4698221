// CustomResourceDefinitions as objects: created, their kind is served; changed, it changes; deleted, it goes.
#include "models/apiserver/crd.hpp"

#include "models/apiserver/notification_schema.hpp"
#include "tests/models_api/cluster.hpp"

namespace racebed::models::tests {
namespace {

const std::string kDefinitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const std::string kWidgets = "/apis/example.com/v1/namespaces/a/widgets";

/// Of Widget in group example.com, its spec's properties as given.
Json widget_definition(const char* properties = R"({"size": {"type": "integer"}})") {
  Json definition =
      Json::parse(R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"}, "spec": {"group": "example.com", "scope": "Namespaced",
    "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"], "categories": ["all"]},
    "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
    "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object"}, "status":
    {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}]}})");
  definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"] =
      Json::parse(properties);
  return definition;
}

Json widget(const char* name, Json spec) {
  return {{"apiVersion", "example.com/v1"},
          {"kind", "Widget"},
          {"metadata", {{"name", name}}},
          {"spec", std::move(spec)}};
}

std::string conditions(const Json& definition) {
  std::string text;
  for (const Json& condition : definition["status"]["conditions"])
    text += fmt::format("{}={}({}) ", condition["type"].get<std::string>(),
                        condition["status"].get<std::string>(), condition["reason"].get<std::string>());
  return text;
}

/// What is refused, as "code: field reason, ...".
std::string refused(const ApiHttpResponse& answer) {
  std::string text = fmt::format("{}:", answer.status);
  if (!answer.body || !answer.body->contains("details")) return text;
  for (const Json& cause : (*answer.body)["details"].value("causes", Json::array()))
    text += " " + cause.value("field", "") + "=" + cause.value("reason", "");
  return text;
}

asio::awaitable<ApiHttpResponse> create_definition(Cluster& cluster, Json definition) {
  const JsonPtr body = shared(std::move(definition));
  co_return co_await cluster.call("POST", kDefinitions, body);
}

asio::awaitable<ApiHttpResponse> create_widget(Cluster& cluster, const char* name, const char* spec) {
  const JsonPtr body = shared(widget(name, Json::parse(spec)));
  co_return co_await cluster.call("POST", kWidgets, body);
}

TEST_CASE("a definition is answered as created; then its names are accepted, and its kind is served") {
  in_world(1, [](Runtime& runtime) -> asio::awaitable<void> {
    Cluster cluster(runtime);
    co_await cluster.make_namespace("a");
    const ApiHttpResponse before = co_await cluster.call("GET", kWidgets);
    CHECK(before.status == 404);
    const ApiHttpResponse created = co_await create_definition(cluster, widget_definition());
    REQUIRE(created.status == 201);
    CHECK(conditions(*created.body) == "");
    CHECK((*created.body)["status"]["storedVersions"] == Json::array({"v1"}));
    CHECK((*created.body)["spec"]["names"]["singular"] == "widget");
    CHECK((*created.body)["spec"]["names"]["listKind"] == "WidgetList");
    CHECK((*created.body)["spec"]["conversion"]["strategy"] == "None");
    const ApiHttpResponse now = co_await cluster.call("GET", kDefinitions + "/widgets.example.com");
    CHECK(conditions(*now.body) == "NamesAccepted=True(NoConflicts) Established=True(InitialNamesAccepted) ");
    CHECK((*now.body)["status"]["acceptedNames"] == (*now.body)["spec"]["names"]);
    CHECK(revision_of(*now.body) == revision_of(*created.body) + 2);
    CHECK((*now.body)["metadata"]["generation"] == 1);
    const ApiHttpResponse found = co_await cluster.call("GET", "/apis/example.com/v1");
    REQUIRE(found.status == 200);
    CHECK((*found.body)["resources"][0]["shortNames"] == Json::array({"wd"}));
    const ApiHttpResponse made = co_await create_widget(cluster, "w", R"({"size": 1, "other": 2})");
    CHECK(made.status == 201);
    CHECK((*made.body)["spec"] == Json{{"size", 1}});
    const ApiHttpResponse bad = co_await create_widget(cluster, "x", R"({"size": "one"})");
    CHECK(refused(bad) == "422: spec.size=FieldValueInvalid");
    const ApiHttpResponse again = co_await create_definition(cluster, widget_definition());
    CHECK(refused(again) == "409:");
  });
}

TEST_CASE("a definition that cannot be served is refused with what is wrong with it") {
  const std::string root = "spec.validation.openAPIV3Schema";
  const auto schema = [](const char* text) {
    return fmt::format(R"({{"spec": {{"versions": [{{"name": "v1", "served": true, "storage": true,
        "schema": {{"openAPIV3Schema": {}}}}}]}}}})",
                       text);
  };
  const std::vector<std::pair<std::string, std::string>> table = {
      {R"({"metadata": {"name": "w.example.com"}})", "422: metadata.name=FieldValueInvalid"},
      {R"({"spec": {"scope": "Galaxy"}})", "422: spec.scope=FieldValueNotSupported"},
      {R"({"spec": {"versions": []}})", "422: spec.versions=FieldValueRequired"},
      {R"({"spec": null})", "422: spec=FieldValueRequired"},
      {R"({"spec": {"names": {"kind": 5}}})",
       "422: spec.names.singular=FieldValueRequired spec.names.kind=FieldValueTypeInvalid "
       "spec.names.listKind=FieldValueRequired"},
      {R"({"spec": {"conversion": {"strategy": "Webhook"}}})",
       "422: spec.conversion.strategy=FieldValueNotSupported"},
      {R"({"spec": {"preserveUnknownFields": true}})", "422: spec.preserveUnknownFields=FieldValueInvalid"},
      {R"({"spec": {"versions": [{"name": "v1", "served": true, "storage": true}]}})",
       "422: spec.versions[0].schema.openAPIV3Schema=FieldValueRequired"},
      {R"({"spec": {"versions": [{"name": "v1", "served": true, "storage": false,
          "schema": {"openAPIV3Schema": {"type": "object"}}}]}})",
       "422: spec.versions=FieldValueInvalid"},
      {schema(R"({"properties": {}})"), "422: " + root + ".type=FieldValueRequired"},
      {schema(R"({"type": "object", "properties": {"spec": {}}})"),
       "422: " + root + ".properties[spec].type=FieldValueRequired"},
      {schema(R"({"type": "object", "properties": {"spec": {"type": "array"}}})"),
       "422: " + root + ".properties[spec].items=FieldValueRequired"},
      {schema(R"({"type": "object", "properties": {"spec": {"type": "strange"}}})"),
       "422: " + root + ".properties[spec].type=FieldValueNotSupported"},
      {schema(R"({"type": "object", "properties": {"spec": {"type": "string", "pattern": "("}}})"),
       "422: " + root + ".properties[spec].pattern=FieldValueInvalid"},
      {schema(R"({"type": "object", "properties": {"spec": {"type": "integer", "default": "x"}}})"),
       "422: " + root + ".properties[spec].default=FieldValueInvalid"},
      {schema(R"({"type": "object", "properties": {"spec": {"$ref": "#/x"}}})"),
       "422: " + root + ".properties[spec].$ref=FieldValueForbidden"},
      {schema(R"({"type": "object", "allOf": [{"type": "object"}]})"),
       "422: " + root + ".allOf[0].type=FieldValueForbidden"},
      {schema(R"({"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type":
          "string"}}, "x-kubernetes-validations": [{"rule": "self.b == 1"}]}}})"),
       "422: " + root + ".properties[spec].x-kubernetes-validations[0].rule=FieldValueInvalid"},
      {schema(R"({"type": "object", "x-kubernetes-validations": [{"rule": "quantity(self.a) == 1"}]})"),
       "422: " + root + ".x-kubernetes-validations[0].rule=FieldValueInvalid"},
      {schema(R"({"type": "object", "properties": {"n": {"type": "object", "required": "x"}}})"),
       "422: " + root + ".properties[n].required=FieldValueTypeInvalid"},
      {schema(R"({"type": "object", "properties": {"l": {"type": "array", "items": {"type": "object"},
          "x-kubernetes-list-type": "map"}}})"),
       "422: " + root + ".properties[l].x-kubernetes-list-map-keys=FieldValueRequired"},
  };
  in_world(1, [&](Runtime& runtime) -> asio::awaitable<void> {
    Cluster cluster(runtime);
    for (const auto& [patch, says] : table) {
      INFO(patch);
      Json definition = widget_definition();
      definition.merge_patch(Json::parse(patch));
      const ApiHttpResponse answer = co_await create_definition(cluster, std::move(definition));
      CHECK(refused(answer) == says);
    }
    const ApiHttpResponse none = co_await cluster.call("GET", kDefinitions);
    CHECK(none.items->objects.empty());
  });
}

TEST_CASE("a schema nested without end is refused, not followed") {
  Json schema{{"type", "object"}};
  for (int i = 0; i < 300; ++i) {
    Json outer{{"type", "object"}};
    outer["properties"]["p"] = std::move(schema);
    schema = std::move(outer);
  }
  CHECK(schema_problems(schema, "s").size() == 1);
}

TEST_CASE("a changed schema shows in what is read, without a write; watches of the kind end") {
  in_world(1, [](Runtime& runtime) -> asio::awaitable<void> {
    Cluster cluster(runtime);
    co_await cluster.make_namespace("a");
    co_await create_definition(cluster, widget_definition());
    const ApiHttpResponse made = co_await create_widget(cluster, "w", R"({"size": 1})");
    ApiHttpResponse watch = co_await cluster.call(
        "GET", kWidgets + "?watch=1&resourceVersion=" + metadata_text(*made.body, "resourceVersion"));
    REQUIRE(watch.watch);
    const JsonPtr patch = shared(Json::parse(R"([{"op": "replace", "path":
      "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties", "value": {"size": {"type": "integer",
      "maximum": 0}, "color": {"type": "string", "default": "red"}}}])"));
    ApiHttpRequest change{.method = "PATCH",
                          .target = kDefinitions + "/widgets.example.com",
                          .content_type = "application/json-patch+json",
                          .body = patch};
    const auto changed = co_await cluster.front_end().handle(std::move(change));
    REQUIRE(changed->status == 200);
    CHECK((*changed->body)["metadata"]["generation"] == 2);
    const auto event = co_await watch.watch->next();
    CHECK_FALSE(event.has_value());
    for (const char* query : {"", "?resourceVersion=0"}) {
      const ApiHttpResponse read = co_await cluster.call("GET", kWidgets + "/w" + query);
      REQUIRE(read.status == 200);
      CHECK((*read.body)["spec"] == Json{{"size", 1}, {"color", "red"}});
      CHECK(revision_of(*read.body) == revision_of(*made.body));
    }
    // What was let in before does not stop a write elsewhere.
    Json labelled = *made.body;
    labelled["metadata"]["labels"]["x"] = "y";
    const JsonPtr body = shared(std::move(labelled));
    const ApiHttpResponse put = co_await cluster.call("PUT", kWidgets + "/w", body);
    CHECK(put.status == 200);
  });
}

TEST_CASE("a definition that is deleted takes its objects with it, and its paths") {
  in_world(1, [](Runtime& runtime) -> asio::awaitable<void> {
    Cluster cluster(runtime);
    co_await cluster.make_namespace("a");
    co_await create_definition(cluster, widget_definition());
    const ApiHttpResponse made = co_await create_widget(cluster, "w", R"({"size": 1})");
    ApiHttpResponse watch = co_await cluster.call(
        "GET", kWidgets + "?watch=1&resourceVersion=" + metadata_text(*made.body, "resourceVersion"));
    const ApiHttpResponse deleted = co_await cluster.call("DELETE", kDefinitions + "/widgets.example.com");
    CHECK(deleted.status == 200);
    CHECK((*deleted.body)["metadata"]["finalizers"] ==
          Json::array({"customresourcecleanup.apiextensions.k8s.io"}));
    CHECK(conditions(*deleted.body).ends_with("Terminating=True(InstanceDeletionPending) "));
    const auto event = co_await watch.watch->next();
    if (event) CHECK(event->type == WatchEventType::deleted);
    const ApiHttpResponse gone = co_await cluster.call("GET", kDefinitions + "/widgets.example.com");
    CHECK(gone.status == 404);
    const ApiHttpResponse path = co_await cluster.call("GET", kWidgets);
    CHECK(path.status == 404);
    const ApiHttpResponse group = co_await cluster.call("GET", "/apis/example.com");
    CHECK(group.status == 404);
    // The name is free again, and nothing of the old kind is there.
    co_await create_definition(cluster, widget_definition());
    const ApiHttpResponse list = co_await cluster.call("GET", kWidgets);
    REQUIRE(list.status == 200);
    CHECK(list.items->objects.empty());
  });
}

TEST_CASE("an object's finalizer keeps the definition terminating; creates are refused meanwhile") {
  in_world(1, [](Runtime& runtime) -> asio::awaitable<void> {
    Cluster cluster(runtime);
    co_await cluster.make_namespace("a");
    co_await create_definition(cluster, widget_definition());
    Json held = widget("w", {{"size", 1}});
    held["metadata"]["finalizers"] = {"example.com/hold"};
    const JsonPtr body = shared(std::move(held));
    co_await cluster.call("POST", kWidgets, body);
    co_await create_widget(cluster, "free", R"({"size": 1})");
    co_await cluster.call("DELETE", kDefinitions + "/widgets.example.com");
    const ApiHttpResponse waits = co_await cluster.call("GET", kDefinitions + "/widgets.example.com");
    REQUIRE(waits.status == 200);
    CHECK(conditions(*waits.body).ends_with("Terminating=True(InstanceDeletionInProgress) "));
    const ApiHttpResponse free = co_await cluster.call("GET", kWidgets + "/free");
    CHECK(free.status == 404);
    const ApiHttpResponse refusal = co_await create_widget(cluster, "x", R"({"size": 1})");
    CHECK(refusal.status == 405);
    CHECK((*refusal.body)["message"] == "create not allowed while custom resource definition is terminating");
    const ApiHttpResponse marked = co_await cluster.call("GET", kWidgets + "/w");
    CHECK(!metadata_text(*marked.body, "deletionTimestamp").empty());
    Json released = *marked.body;
    released["metadata"].erase("finalizers");
    const JsonPtr release = shared(std::move(released));
    co_await cluster.call("PUT", kWidgets + "/w", release);
    const ApiHttpResponse gone = co_await cluster.call("GET", kDefinitions + "/widgets.example.com");
    CHECK(gone.status == 404);
    const ApiHttpResponse path = co_await cluster.call("GET", kWidgets);
    CHECK(path.status == 404);
  });
}

TEST_CASE("versions are views of one storage") {
  in_world(1, [](Runtime& runtime) -> asio::awaitable<void> {
    Cluster cluster(runtime);
    co_await cluster.make_namespace("a");
    Json definition = widget_definition();
    Json beta = definition["spec"]["versions"][0];
    beta["name"] = "v1beta1";
    beta["storage"] = false;
    definition["spec"]["versions"].insert(definition["spec"]["versions"].begin(), beta);
    const ApiHttpResponse created = co_await create_definition(cluster, std::move(definition));
    REQUIRE(created.status == 201);
    const std::string betas = "/apis/example.com/v1beta1/namespaces/a/widgets";
    Json old = widget("w", {{"size", 1}});
    old["apiVersion"] = "example.com/v1beta1";
    const JsonPtr body = shared(std::move(old));
    const ApiHttpResponse made = co_await cluster.call("POST", betas, body);
    REQUIRE(made.status == 201);
    CHECK((*made.body)["apiVersion"] == "example.com/v1beta1");
    const ApiHttpResponse read = co_await cluster.call("GET", kWidgets + "/w");
    CHECK((*read.body)["apiVersion"] == "example.com/v1");
    CHECK(revision_of(*read.body) == revision_of(*made.body));
    const ApiHttpResponse list = co_await cluster.call("GET", betas);
    CHECK((*list.items->objects[0])["apiVersion"] == "example.com/v1beta1");
    ApiHttpResponse watch = co_await cluster.call("GET", betas + "?watch=1");
    const auto event = co_await watch.watch->next();
    REQUIRE(event.has_value());
    CHECK((*event->object)["apiVersion"] == "example.com/v1beta1");
    const ApiHttpResponse group = co_await cluster.call("GET", "/apis/example.com");
    CHECK((*group.body)["preferredVersion"]["version"] == "v1");
    CHECK((*group.body)["versions"].size() == 2);
  });
}

TEST_CASE("names that another definition has are not accepted, and nothing is served under them") {
  in_world(1, [](Runtime& runtime) -> asio::awaitable<void> {
    Cluster cluster(runtime);
    co_await create_definition(cluster, widget_definition());
    Json second = widget_definition();
    second["metadata"]["name"] = "gadgets.example.com";
    second["spec"]["names"] = {{"plural", "gadgets"}, {"kind", "Gadget"}, {"shortNames", {"wd"}}};
    const ApiHttpResponse created = co_await create_definition(cluster, std::move(second));
    CHECK(created.status == 201);
    const ApiHttpResponse now = co_await cluster.call("GET", kDefinitions + "/gadgets.example.com");
    CHECK(conditions(*now.body) == "NamesAccepted=False(NamesConflict) Established=False(NotAccepted) ");
    const ApiHttpResponse path = co_await cluster.call("GET", "/apis/example.com/v1/gadgets");
    CHECK(path.status == 404);
    // When the other goes, the names are free.
    co_await cluster.call("DELETE", kDefinitions + "/widgets.example.com");
    const ApiHttpResponse later = co_await cluster.call("GET", "/apis/example.com/v1/gadgets");
    CHECK(later.status == 200);
  });
}

TEST_CASE("a dry run defines nothing") {
  in_world(1, [](Runtime& runtime) -> asio::awaitable<void> {
    Cluster cluster(runtime);
    const JsonPtr body = shared(widget_definition());
    const ApiHttpResponse answer = co_await cluster.call("POST", kDefinitions + "?dryRun=All", body);
    CHECK(answer.status == 201);
    const ApiHttpResponse path = co_await cluster.call("GET", kWidgets);
    CHECK(path.status == 404);
  });
}

TEST_CASE("a kind served from the start goes on under a definition that comes later") {
  CHECK(definition_problems(notification_definition(), nullptr).empty());
  in_world(1, [](Runtime& runtime) -> asio::awaitable<void> {
    Cluster cluster(runtime);
    co_await cluster.make_namespace("a");
    const std::string path = "/apis/notification.kubernaut.ai/v1alpha1/namespaces/a/notificationrequests";
    const JsonPtr request = shared(Json::parse(R"({"metadata": {"name": "n"}, "spec": {"type": "simple",
      "priority": "high", "recipients": [{"slack": "#a"}], "subject": "s", "body": "b", "channels": ["slack"]}})"));
    const ApiHttpResponse made = co_await cluster.call("POST", path, request);
    REQUIRE(made.status == 201);
    Json changed = *made.body;
    changed["spec"]["subject"] = "t";
    const JsonPtr change = shared(std::move(changed));
    const ApiHttpResponse refusal = co_await cluster.call("PUT", path + "/n", change);
    CHECK(refused(refusal) == "422: spec=FieldValueInvalid");
    co_await create_definition(cluster, notification_definition({.spec_immutable = false}));
    const ApiHttpResponse put = co_await cluster.call("PUT", path + "/n", change);
    CHECK(put.status == 200);
  });
}

}  // namespace
}  // namespace racebed::models::tests
