// Patches as pure functions: JSON patch by RFC 6902's own examples and by what hostile clients send, merge
// patch by RFC 7386, strategic merge patch by what kubectl sends.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/apiserver/base64.hpp"
#include "models/apiserver/json_body.hpp"
#include "models/apiserver/patches.hpp"

using namespace racebed::models;

namespace {

std::string outcome(std::optional<PatchProblem> problem, const Json& document) {
  if (!problem) return document.dump();
  return *problem == PatchProblem::malformed ? "malformed" : "not applicable";
}

struct Row {
  const char* document;
  const char* patch;
  const char* result;
};

}  // namespace

TEST_CASE("JSON patch does what RFC 6902 says") {
  for (const Row& row : {
           Row{R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])",
               R"({"baz":"qux","foo":"bar"})"},
           Row{R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])",
               R"({"foo":["bar","qux","baz"]})"},
           Row{R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["x"]}])",
               R"({"foo":["bar",["x"]]})"},
           Row{R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])", R"({"foo":"bar"})"},
           Row{R"({"foo":["a","b","c"]})", R"([{"op":"remove","path":"/foo/1"}])", R"({"foo":["a","c"]})"},
           Row{R"({"baz":"qux"})", R"([{"op":"replace","path":"/baz","value":"boo"}])", R"({"baz":"boo"})"},
           Row{R"({"a":{"b":1},"c":{}})", R"([{"op":"move","from":"/a/b","path":"/c/d"}])",
               R"({"a":{},"c":{"d":1}})"},
           Row{R"({"foo":["all","grass","cows","eat"]})",
               R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])",
               R"({"foo":["all","cows","eat","grass"]})"},
           Row{R"({"a":1})", R"([{"op":"copy","from":"/a","path":"/b"}])", R"({"a":1,"b":1})"},
           Row{R"({"baz":"qux"})", R"([{"op":"test","path":"/baz","value":"qux"}])", R"({"baz":"qux"})"},
           Row{R"({"baz":"qux"})", R"([{"op":"test","path":"/baz","value":"bar"}])", "not applicable"},
           Row{R"({"foo":"bar"})", R"([{"op":"add","path":"/baz/bat","value":"qux"}])", "not applicable"},
           Row{R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])", R"({"/":9,"~1":10})"},
           Row{R"({"a":1})", R"([{"op":"test","path":"/b","value":null}])", R"({"a":1})"},
           Row{R"({"a":1})", R"([{"op":"add","path":"","value":{"b":2}}])", R"({"b":2})"},
           // What nobody should send.
           Row{R"({"kind":"x"})", R"([{"op":"add","path":"/kind/y","value":1}])", "not applicable"},
           Row{R"({"a":[1]})", R"([{"op":"add","path":"/a/2","value":1}])", "not applicable"},
           Row{R"({"a":[1]})", R"([{"op":"add","path":"/a/01","value":1}])", "not applicable"},
           Row{R"({"a":[1]})", R"([{"op":"add","path":"/a/99999999999999999999","value":1}])",
               "not applicable"},
           Row{R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/b/c"}])", "not applicable"},
           Row{R"({"a":1})", R"([{"op":"remove","path":""}])", "not applicable"},
           Row{R"({"a":1})", R"([{"op":"remove","path":"/b"}])", "not applicable"},
           Row{R"({"a":1})", R"([{"op":"replace","path":"/b","value":1}])", "not applicable"},
           Row{R"({"a":1})", R"([{"op":"nothing","path":"/a"}])", "not applicable"},
           Row{R"({"a":1})", R"([{"path":"/a"}])", "not applicable"},
           Row{R"({"a":1})", R"([{"op":1,"path":2}])", "not applicable"},
           Row{R"({"a":1})", R"([{"op":"add","path":"a","value":1}])", "not applicable"},
           Row{R"({"a":1})", R"([7])", "not applicable"},
           Row{R"({"a":1})", R"({"op":"add"})", "malformed"},
       }) {
    INFO(row.document << " " << row.patch);
    Json document = Json::parse(row.document);
    const auto problem = apply_json_patch(document, Json::parse(row.patch));
    CHECK(outcome(problem, document) == row.result);
  }
}

TEST_CASE("copies cannot make a document grow without bound, nor nest without bound") {
  Json document{{"a", Json::array({1, 2, 3, 4})}};
  Json doubling = Json::array();
  for (int i = 0; i < 40; ++i) doubling.push_back({{"op", "copy"}, {"from", "/a"}, {"path", "/a/-"}});
  CHECK(apply_json_patch(document, doubling) == PatchProblem::not_applicable);
  Json nested{{"a", 1}};
  Json nesting = Json::array();
  for (int i = 0; i < 1000; ++i) {
    nesting.push_back({{"op", "move"}, {"from", "/a"}, {"path", "/b"}});
    nesting.push_back({{"op", "add"}, {"path", "/a"}, {"value", Json::object()}});
    nesting.push_back({{"op", "move"}, {"from", "/b"}, {"path", "/a/a"}});
  }
  CHECK(apply_json_patch(nested, nesting) == PatchProblem::not_applicable);
}

TEST_CASE("strategic merge patch merges the lists that Kubernetes merges, and obeys its directives") {
  for (
      const Row& row : {
          Row{R"({"data":{"a":"1","b":"2"}})", R"({"data":{"a":null,"c":"3"}})",
              R"({"data":{"b":"2","c":"3"}})"},
          Row{R"({"metadata":{"finalizers":["a","b"]}})", R"({"metadata":{"finalizers":["c","a"]}})",
              R"({"metadata":{"finalizers":["a","b","c"]}})"},
          Row{R"({"metadata":{"finalizers":["a","b"]}})",
              R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}})",
              R"({"metadata":{"finalizers":["b"]}})"},
          Row{R"({"metadata":{"finalizers":["a","b"]}})",
              R"({"metadata":{"$setElementOrder/finalizers":["b","c","a"],"finalizers":["c"]}})",
              R"({"metadata":{"finalizers":["b","c","a"]}})"},
          Row{R"({"metadata":{"ownerReferences":[{"uid":"1","name":"x"},{"uid":"2","name":"y"}]}})",
              R"({"metadata":{"ownerReferences":[{"uid":"2","name":"z"},{"uid":"3"},{"$patch":"delete","uid":"1"}]}})",
              R"({"metadata":{"ownerReferences":[{"name":"z","uid":"2"},{"uid":"3"}]}})"},
          Row{R"({"metadata":{"ownerReferences":[{"uid":"1"}]}})",
              R"({"metadata":{"ownerReferences":[{"$patch":"replace"},{"uid":"9"}]}})",
              R"({"metadata":{"ownerReferences":[{"uid":"9"}]}})"},
          Row{R"({"data":{"a":"1","b":"2"}})", R"({"data":{"$patch":"replace","c":"3"}})",
              R"({"data":{"c":"3"}})"},
          Row{R"({"data":{"a":"1"},"x":1})", R"({"data":{"$patch":"delete"}})", R"({"x":1})"},
          Row{R"({"data":{"a":"1","b":"2"}})", R"({"data":{"$retainKeys":["b","c"],"c":"3"}})",
              R"({"data":{"b":"2","c":"3"}})"},
          Row{R"({"list":[1,2]})", R"({"list":[3]})", R"({"list":[3]})"},
          Row{R"({"a":"text"})", R"({"a":{"b":1}})", R"({"a":{"b":1}})"},
          Row{R"({})", R"({"metadata":{"ownerReferences":[7]}})", "malformed"},
          Row{R"({})", R"({"$patch":"nonsense"})", "malformed"},
          Row{R"({})", R"([1])", "malformed"},
      }) {
    INFO(row.document << " " << row.patch);
    Json document = Json::parse(row.document);
    const auto problem = apply_strategic_merge_patch(document, Json::parse(row.patch));
    CHECK(outcome(problem, document) == row.result);
  }
}

TEST_CASE("a body is JSON, not nested too deep, and keys that come twice are named") {
  CHECK_FALSE(parse_json_body("{"));
  CHECK_FALSE(parse_json_body(""));
  CHECK_FALSE(parse_json_body(std::string(100'000, '[')));
  CHECK_FALSE(parse_json_body(std::string(300, '[') + std::string(300, ']')));
  CHECK(parse_json_body(std::string(200, '[') + std::string(200, ']')));
  const auto body = parse_json_body(R"({"spec":{"a":1,"b":{"a":1},"a":2},"x":[{"y":1,"y":1}],"spec":3})");
  REQUIRE(body);
  CHECK(body->duplicate_keys == std::vector<std::string>{"spec.a", "x.y", "spec"});
}

TEST_CASE("base64 there and back is the identity, and only base64 is base64") {
  rc::check("the law", [](const std::string& bytes) { RC_ASSERT(from_base64(to_base64(bytes)) == bytes); });
  CHECK(to_base64("ab") == "YWI=");
  for (const char* wrong : {"YWI", "YW=I", "Y", "*", "YWI==", "=", "YWJj="}) CHECK_FALSE(from_base64(wrong));
}
