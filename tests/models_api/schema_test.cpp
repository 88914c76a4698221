// Structural schemas, keyword by keyword: what is refused and in which words, what is filled in, what is
// taken away.
#include "models/apiserver/schema.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/apiserver/crd.hpp"

namespace racebed::models::tests {
namespace {

Json of_spec(const char* property) {
  const Json parsed = Json::parse(property);
  return {{"type", "object"},
          {"properties", {{"spec", {{"type", "object"}, {"properties", {{"f", parsed}}}}}}}};
}

std::string told(const std::vector<Cause>& causes) {
  std::string text;
  for (const Cause& cause : causes)
    text += fmt::format("{}{} {}: {}", text.empty() ? "" : " | ", cause.reason, cause.field, cause.message);
  return text;
}

/// The violations of {"spec": {"f": value}} under a schema for f.
std::string checked(const char* property, const char* value, const char* old = nullptr) {
  const Schema schema(of_spec(property), true);
  const Json object{{"spec", {{"f", Json::parse(value)}}}};
  if (old == nullptr) return told(schema.violations(object, nullptr));
  const Json before{{"spec", {{"f", Json::parse(old)}}}};
  return told(schema.violations(object, &before));
}

constexpr const char* kInvalid = "FieldValueInvalid spec.f: Invalid value: ";

TEST_CASE("each keyword refuses what it should, and says so") {
  struct Row {
    const char* schema;
    const char* good;
    const char* bad;
    std::string says;
  };
  const std::string in = kInvalid;
  const std::vector<Row> table = {
      {R"({"type": "integer"})", "5", R"("5")",
       in + R"("string": spec.f in body must be of type integer: "string")"},
      {R"({"type": "integer"})", "5.0", "5.5",
       in + R"("number": spec.f in body must be of type integer: "number")"},
      {R"({"type": "number"})", "5", "true",
       in + R"("boolean": spec.f in body must be of type number: "boolean")"},
      {R"({"type": "string", "nullable": true})", "null", "[]",
       in + R"("array": spec.f in body must be of type string: "array")"},
      {R"({"x-kubernetes-int-or-string": true})", R"("50%")", "false",
       in + R"("boolean": spec.f in body must be of type integer,string: "boolean")"},
      {R"({"type": "integer", "minimum": 0})", "0", "-1",
       in + "-1: spec.f in body should be greater than or equal to 0"},
      {R"({"type": "integer", "minimum": 0, "exclusiveMinimum": true})", "1", "0",
       in + "0: spec.f in body should be greater than 0"},
      {R"({"type": "number", "maximum": 1.5})", "1.5", "1.6",
       in + "1.6: spec.f in body should be less than or equal to 1.5"},
      {R"({"type": "integer", "multipleOf": 3})", "9", "10",
       in + "10: spec.f in body should be a multiple of 3"},
      {R"({"type": "number", "multipleOf": 0.1})", "0.3", "0.35",
       in + "0.35: spec.f in body should be a multiple of 0.1"},
      {R"({"type": "integer", "format": "int32"})", "2147483647", "2147483648",
       in + "2147483648: spec.f in body must be of type int32: 2147483648"},
      {R"({"type": "string", "maxLength": 3})", R"("äöü")", R"("abcd")",
       in + R"("abcd": spec.f in body should be at most 3 chars long)"},
      {R"({"type": "string", "minLength": 2})", R"("ab")", R"("a")",
       in + R"("a": spec.f in body should be at least 2 chars long)"},
      {R"({"type": "string", "pattern": "^[a-z]+$"})", R"("x")", R"("X")",
       in + R"("X": spec.f in body should match '^[a-z]+$')"},
      {R"({"type": "string", "enum": ["a", "b"]})", R"("a")", R"("z")",
       R"(FieldValueNotSupported spec.f: Unsupported value: "z": supported values: "a", "b")"},
      {R"({"type": "integer", "enum": [1, 2]})", "2", "3",
       R"(FieldValueNotSupported spec.f: Unsupported value: 3: supported values: "1", "2")"},
      {R"({"type": "array", "items": {"type": "string"}, "maxItems": 1})", R"(["a"])", R"(["a", "b"])",
       in + "2: spec.f in body should have at most 1 items"},
      {R"({"type": "array", "items": {"type": "string"}, "minItems": 1})", R"(["a"])", "[]",
       in + "0: spec.f in body should have at least 1 items"},
      {R"({"type": "array", "items": {"type": "string", "enum": ["a"]}})", R"(["a"])", R"(["a", "z"])",
       R"(FieldValueNotSupported spec.f: Unsupported value: "z": supported values: "a")"},
      {R"({"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 1})",
       R"({"a": "1"})", R"({"a": "1", "b": "2"})",
       in + R"({"a":"1","b":"2"}: spec.f in body should have at most 1 properties)"},
      {R"({"type": "object", "additionalProperties": {"type": "string"}})", R"({"a": "1"})", R"({"a": 1})",
       "FieldValueInvalid spec.f.a: Invalid value: \"integer\": spec.f.a in body must be of type string: "
       "\"integer\""},
      {R"({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}})", R"({"a": "1"})",
       "{}", "FieldValueRequired spec.f.a: Required value"},
      {R"({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"})", R"(["a", "b"])",
       R"(["x", "x"])", R"(FieldValueDuplicate spec.f[1]: Duplicate value: "x")"},
      {R"({"type": "array", "items": {"type": "object", "properties": {"n": {"type": "string"}}},
           "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n"]})",
       R"([{"n": "a"}, {"n": "b"}])", R"([{"n": "a"}, {"n": "a"}])",
       R"(FieldValueDuplicate spec.f[1]: Duplicate value: {"n":"a"})"},
      {R"({"type": "object", "x-kubernetes-embedded-resource": true,
           "x-kubernetes-preserve-unknown-fields": true})",
       R"({"apiVersion": "v1", "kind": "Pod"})", R"({"kind": "Pod"})",
       "FieldValueRequired spec.f.apiVersion: Required value: must not be empty"},
      {R"({"type": "integer", "not": {"enum": [13]}})", "12", "13",
       R"(FieldValueInvalid <nil>: Invalid value: "": "spec.f" must not validate the schema (not))"},
      {R"({"type": "integer", "oneOf": [{"minimum": 1}, {"minimum": 5}]})", "3", "6",
       R"(FieldValueInvalid <nil>: Invalid value: "": "spec.f" must validate one and only one schema (oneOf). Found 2 valid alternatives)"},
  };
  for (const Row& row : table) {
    INFO(row.schema);
    CHECK(schema_problems(of_spec(row.schema), "").empty());
    CHECK(checked(row.schema, row.good) == "");
    CHECK(checked(row.schema, row.bad) == row.says);
  }
}

TEST_CASE("formats that are known are held to, others are ignored") {
  const std::vector<std::tuple<const char*, const char*, const char*>> table = {
      {"date-time", "2025-01-01T00:00:00.123456Z", "2025-13-01T00:00:00Z"},
      {"date-time", "2025-01-01T00:00:00+02:00", "yesterday"},
      {"date", "2024-02-29", "2025-02-29"},
      {"email", "a@example.com", "a@"},
      {"uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"},
      {"ipv4", "10.0.0.1", "10.0.0.256"},
      {"ipv6", "fe80::1", "fe80:::1"},
      {"ipv6", "::ffff:10.0.0.1", "1:2:3:4:5:6:7"},
      {"cidr", "10.0.0.0/8", "10.0.0.0/33"},
      {"byte", "aGVsbG8=", "a=b="},
      {"duration", "1h30m", "1 parsec"},
      {"uri", "https://example.com/x", "no scheme"},
      {"hostname", "a.example.com", "-a.example.com"}};
  for (const auto& [format, good, bad] : table) {
    INFO(format << " " << good << " " << bad);
    const std::string schema = fmt::format(R"({{"type": "string", "format": "{}"}})", format);
    CHECK(checked(schema.c_str(), fmt::format("\"{}\"", good).c_str()) == "");
    CHECK(checked(schema.c_str(), fmt::format("\"{}\"", bad).c_str()) ==
          fmt::format("{0}\"{1}\": spec.f in body must be of type {2}: \"{1}\"", kInvalid, bad, format));
  }
  CHECK(checked(R"({"type": "string", "format": "of-our-own"})", R"("x")") == "");
}

TEST_CASE("every violation is told, not the first alone") {
  const char* const schema =
      R"({"type": "object", "required": ["c"], "properties": {"a": {"type": "integer"}, "b": {"type": "string", "enum": ["x"]}}})";
  CHECK(
      checked(schema, R"({"a": "1", "b": 5})") ==
      "FieldValueRequired spec.f.c: Required value | FieldValueInvalid spec.f.a: Invalid value: \"string\": "
      "spec.f.a in body must be of type integer: \"string\" | FieldValueInvalid spec.f.b: Invalid value: "
      "\"integer\": spec.f.b in body must be of type string: \"integer\" | FieldValueNotSupported spec.f.b: "
      "Unsupported value: 5: supported values: \"x\"");
}

TEST_CASE("a part that did not change is not refused later") {
  const char* const schema = R"({"type": "object", "properties": {"a": {"type": "integer", "maximum": 1},
    "b": {"type": "string"}}})";
  CHECK(checked(schema, R"({"a": 9, "b": "y"})", R"({"a": 9, "b": "x"})") == "");
  CHECK(checked(schema, R"({"a": 8, "b": "x"})", R"({"a": 9, "b": "x"})") ==
        "FieldValueInvalid spec.f.a: Invalid value: 8: spec.f.a in body should be less than or equal to 1");
}

TEST_CASE("rules are checked where they stand, transition rules only against an old value") {
  const char* const immutable = R"({"type": "string", "x-kubernetes-validations":
    [{"rule": "self == oldSelf", "message": "f is immutable"}]})";
  CHECK(checked(immutable, R"("a")") == "");
  CHECK(checked(immutable, R"("a")", R"("a")") == "");
  CHECK(checked(immutable, R"("b")", R"("a")") ==
        "FieldValueInvalid spec.f: Invalid value: \"string\": f is immutable");
  const char* const range = R"({"type": "object", "properties": {"lo": {"type": "integer"},
    "hi": {"type": "integer"}}, "x-kubernetes-validations": [{"rule": "self.lo <= self.hi"}]})";
  CHECK(checked(range, R"({"lo": 1, "hi": 5})") == "");
  CHECK(checked(range, R"({"lo": 5, "hi": 1})") ==
        "FieldValueInvalid spec.f: Invalid value: \"object\": failed rule: self.lo <= self.hi");
  CHECK(checked(range, R"({"lo": 5})") ==
        "FieldValueInvalid spec.f: Invalid value: \"object\": no such key: hi evaluating rule: failed rule: "
        "self.lo <= self.hi");
  const char* const items = R"({"type": "array", "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["n"], "items": {"type": "object", "properties": {"n": {"type": "string"},
    "v": {"type": "integer"}}, "x-kubernetes-validations": [{"rule": "self.v >= oldSelf.v", "reason":
    "FieldValueForbidden", "fieldPath": ".v", "messageExpression": "'not below ' + oldSelf.n"}]}})";
  CHECK(checked(items, R"([{"n": "b", "v": 1}, {"n": "a", "v": 1}])", R"([{"n": "a", "v": 2}])") ==
        "FieldValueForbidden spec.f[1].v: Forbidden: not below a");
}

TEST_CASE("rules that could not be checked are said to be so") {
  const char* const schema =
      R"({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}},
    "x-kubernetes-validations": [{"rule": "self.a > 0"}]})";
  CHECK(checked(schema, "{}")
            .ends_with("some validation rules were not checked because the object was "
                       "invalid; correct the existing errors to complete validation"));
}

std::string shaped(const char* property, const char* value) {
  const Schema schema(of_spec(property), true);
  Json object{{"apiVersion", "x/v1"},
              {"metadata", {{"labels", {{"a", "b"}}}}},
              {"spec", {{"f", Json::parse(value)}}}};
  schema.prune(object);
  schema.apply_defaults(object);
  CHECK(object["metadata"]["labels"]["a"] == "b");
  return object["spec"].dump();
}

TEST_CASE("defaults are filled in, unknown members and refused nulls go") {
  const char* const nested = R"({"type": "object", "properties": {"a": {"type": "integer", "default": 1},
    "n": {"type": "string", "nullable": true}, "o": {"type": "object", "default": {}, "properties":
    {"p": {"type": "string", "default": "q"}}}, "deep": {"type": "object", "properties":
    {"x": {"type": "integer", "default": 2}}}}})";
  CHECK(shaped(nested, "{}") == R"({"f":{"a":1,"o":{"p":"q"}}})");
  CHECK(shaped(nested, R"({"a": null, "n": null, "deep": null, "extra": 1})") ==
        R"({"f":{"a":1,"n":null,"o":{"p":"q"}}})");
  CHECK(shaped(nested, R"({"a": 5, "deep": {}})") == R"({"f":{"a":5,"deep":{"x":2},"o":{"p":"q"}}})");
  CHECK(
      shaped(
          R"({"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}}})",
          R"([{}, {"a": 2, "b": 3}])") == R"({"f":[{"a":1},{"a":2}]})");
  CHECK(
      shaped(R"({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {"a": {"type":
    "object", "properties": {"b": {"type": "string"}}}}})",
             R"({"any": {"x": 1}, "a": {"b": "1", "c": 2}})") == R"({"f":{"a":{"b":"1"},"any":{"x":1}}})");
  CHECK(shaped(R"({"type": "object", "additionalProperties": true})", R"({"x": {"y": 1}})") ==
        R"({"f":{"x":{"y":1}}})");
}

TEST_CASE("members that would be pruned are named with their paths") {
  const Schema schema(
      of_spec(R"({"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}})"),
      true);
  std::vector<std::string> paths;
  schema.unknown_fields(
      Json::parse(
          R"({"kind": "K", "metadata": {"x": 1}, "extra": 1, "spec": {"g": {"h": 1}, "f": [{"a": "1"}, {"b": 2}]}})"),
      "", paths);
  CHECK(paths == std::vector<std::string>{"extra", "spec.f[1].b", "spec.g"});
}

}  // namespace
}  // namespace racebed::models::tests
