// The expressions of x-kubernetes-validations: what they say, what they refuse, and that none can run for
// long.
#include "models/apiserver/cel.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace racebed::models::tests {
namespace {

const Json kSelf = Json::parse(R"({"lo": 1, "hi": 5, "ratio": 0.5, "name": "web-1", "on": true,
  "tags": ["a", "b"], "limits": {"cpu": 2, "memory": 4}, "ports": [{"name": "x", "port": 80}, {"name": "y", "port": 443}],
  "x-y": 7, "none": null, "word": "größe"})");

std::string evaluated(const std::string& text, const Json& self = kSelf, const Json* old = nullptr) {
  const auto program = cel::compile(text);
  if (!program) return "does not compile: " + program.error().message;
  const auto result = program->holds(self, old);
  if (!result) return "fails: " + result.error().message;
  return *result ? "true" : "false";
}

TEST_CASE("an expression says of an object what the language says") {
  const std::vector<std::pair<const char*, const char*>> table = {
      {"self.lo <= self.hi", "true"},
      {"self.lo + 2 * 2 == self.hi", "true"},
      {"-self.lo == -1 && self.hi % 3 == 2 && 7 / 2 == 3", "true"},
      {"self.ratio < 1.0 && self.lo == 1.0", "true"},
      {"self.on && !false", "true"},
      {"self.lo == 2 ? false : self.hi == 5", "true"},
      {"has(self.lo) && !has(self.missing)", "true"},
      {"size(self.tags) == 2 && self.name.size() == 5 && size(self.limits) == 2", "true"},
      {"size(self.word) == 5", "true"},
      {"'a' in self.tags && !('c' in self.tags)", "true"},
      {"'cpu' in self.limits && self.limits['cpu'] == 2", "true"},
      {"self.tags[1] == \"b\" && self.ports[0].port == 80", "true"},
      {"self.lo in [1, 2, 3]", "true"},
      {"self.tags + ['c'] == ['a', 'b', 'c']", "true"},
      {"self.name.startsWith('web') && self.name.endsWith('-1') && self.name.contains('b-')", "true"},
      {"self.name.matches('^[a-z]+-[0-9]$')", "true"},
      {"self.name.matches(r'^\\d+$')", "false"},
      {"self.ports.all(p, p.port > 0)", "true"},
      {"self.ports.exists(p, p.name == 'y')", "true"},
      {"self.ports.exists_one(p, p.port < 100)", "true"},
      {"self.ports.filter(p, p.port > 100).map(p, p.name) == ['y']", "true"},
      {"self.tags.map(t, t == 'a', t + '!') == ['a!']", "true"},
      {"self.limits.all(k, self.limits[k] > 1)", "true"},
      {"self.tags.all(a, self.tags.exists(b, a == b))", "true"},
      {"self.x__dash__y == 7", "true"},
      {"self.none == null", "true"},
      {"'it\\'s' == \"it's\" && '\\u00e9' == 'é'", "true"},
      {"self.lo > 3 || self.hi > 3 // enough", "true"},
      {"self.missing == 1", "fails: no such key: missing"},
      {"self.tags[2] == 'c'", "fails: index out of bounds: 2"},
      {"self.lo < self.name", "fails: no such overload"},
      {"self.hi / (self.lo - 1) == 0", "fails: division by zero"},
      {"9223372036854775807 + self.lo > 0", "fails: integer overflow"},
      {"self.lo", "fails: no such overload"},
      // What decides, decides, whether or not the other side has a value.
      {"self.missing == 1 || self.lo == 1", "true"},
      {"self.missing == 1 && self.lo == 2", "false"},
      {"self.missing == 1 && self.lo == 1", "fails: no such key: missing"},
  };
  for (const auto& [text, expected] : table) {
    INFO(text);
    CHECK(evaluated(text) == expected);
  }
}

TEST_CASE("a transition rule compares with the old value") {
  const Json old = Json::parse(R"({"lo": 1})");
  const auto rule = cel::compile("self.lo >= oldSelf.lo");
  REQUIRE(rule.has_value());
  CHECK(rule->uses_old_self());
  CHECK(evaluated("self.lo >= oldSelf.lo", Json::parse(R"({"lo": 2})"), &old) == "true");
  CHECK(evaluated("self == oldSelf", Json::parse(R"({"lo": 2})"), &old) == "false");
  CHECK(evaluated("self == oldSelf", Json::parse(R"({"lo": 1})"), &old) == "true");
}

TEST_CASE("what is outside of the subset does not compile") {
  const std::vector<std::string> table = {"",
                                          "self.",
                                          "self.a ==",
                                          "(self.a",
                                          "other.a == 1",
                                          "self.name.lowerAscii() == 'a'",
                                          "quantity(self.a) > 1",
                                          "{'a': 1} == self",
                                          "self.a == 1u",
                                          "b'abc' == self.a",
                                          "self.a = 1",
                                          "self.all(self, true)",
                                          "has(self)",
                                          "self.name.matches('(')",
                                          "'open",
                                          "self.a; self.b",
                                          std::string(10'000, ' ') + "true",
                                          std::string(500, '(') + "true" + std::string(500, ')'),
                                          std::string(500, '!') + "true"};
  for (const std::string& text : table) {
    INFO(text.substr(0, 40));
    CHECK(evaluated(text).starts_with("does not compile"));
  }
}

TEST_CASE("an evaluation ends, however much it was asked to do") {
  Json self = Json::array();
  for (int i = 0; i < 1000; ++i) self.push_back(i);
  const char* const kTooMuch = "fails: operation cancelled: actual cost limit exceeded";
  CHECK(evaluated("self.all(a, self.all(b, self.all(c, a + b + c >= 0)))", self) == kTooMuch);
  CHECK(evaluated("self.map(a, self).map(b, b).map(c, self + self).size() == 1000", self) == kTooMuch);
  CHECK(evaluated("self.all(a, true || self.all(b, self == self))", self) == "true");
  CHECK(evaluated("self.all(a, self.all(b, self == self) || true)", self) == kTooMuch);
}

TEST_CASE("a member that the schema does not have is found before the rule is used") {
  const Json schema = Json::parse(R"({"type": "object", "properties": {"a": {"type": "integer"},
    "list": {"type": "array", "items": {"type": "object", "properties": {"b": {"type": "string"}}}},
    "map": {"type": "object", "additionalProperties": {"type": "string"}},
    "open": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}})");
  const auto undefined = [&](const char* text) {
    return cel::compile(text)->undefined_field(schema).value_or("-");
  };
  CHECK(undefined("self.a == oldSelf.a") == "-");
  CHECK(undefined("self.c == 1") == "c");
  CHECK(undefined("has(self.c)") == "c");
  CHECK(undefined("self.list.all(x, x.b == 'y')") == "-");
  CHECK(undefined("self.list.all(x, x.c == 'y')") == "c");
  CHECK(undefined("self.list[0].c == 'y'") == "c");
  CHECK(undefined("self.map.k == 'y' && self.open.whatever == 1") == "-");
}

}  // namespace
}  // namespace racebed::models::tests
