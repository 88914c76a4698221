// Selectors: what they match, what the server says of bad ones, and that a printed selector reads back.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/apiserver/selector.hpp"

namespace racebed::models::tests {
namespace {

bool matches(std::string_view text, Json labels) {
  auto parsed = Selector::parse_labels(text);
  REQUIRE(parsed.has_value());
  return Selector(std::move(*parsed), {}).matches({{"metadata", {{"labels", std::move(labels)}}}});
}

TEST_CASE("a label selector matches as apimachinery's does") {
  struct Row {
    const char* text;
    Json labels;
    bool matches;
  };
  const std::vector<Row> rows{
      {"", {{"a", "1"}}, true},
      {"a=1", {{"a", "1"}}, true},
      {"a==1", {{"a", "2"}}, false},
      {"a!=1", Json::object(), true},
      {"a!=1", {{"a", "1"}}, false},
      {"a in (1,2)", {{"a", "2"}}, true},
      {"a in (1,2)", Json::object(), false},
      {"a notin (1,2)", Json::object(), true},
      {"a notin (1,2)", {{"a", "1"}}, false},
      {"a in ()", {{"a", ""}}, true},
      {"a in (x,)", {{"a", ""}}, true},
      {"a", {{"a", ""}}, true},
      {"!a", {{"a", ""}}, false},
      {"! a", Json::object(), true},
      {"a=", {{"a", ""}}, true},
      {"a=,b", {{"a", ""}, {"b", "1"}}, true},
      {"a>1", {{"a", "2"}}, true},
      {"a>1", {{"a", "x"}}, false},
      {"a<1", {{"a", "-3"}}, true},
      {"a<1", Json::object(), false},
      {"in in (in,notin)", {{"in", "notin"}}, true},
      {"example.com/team=x,tier", {{"example.com/team", "x"}, {"tier", "y"}}, true},
      {" a = 1 , b!=2 ", {{"a", "1"}, {"b", "3"}}, true},
      {"a=1", {{"a", 1}}, false},
  };
  for (const Row& row : rows) {
    INFO(row.text << " on " << row.labels.dump());
    CHECK(matches(row.text, row.labels) == row.matches);
  }
}

TEST_CASE("a bad label selector is refused in the server's words") {
  const std::vector<std::pair<const char*, const char*>> rows{
      {"a===x", "unable to parse requirement: found '=', expected: identifier"},
      {",a", "found ',', expected: !, identifier, or 'end of string'"},
      {"a,", "found '', expected: identifier after ','"},
      {"a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
      {"a in x", "unable to parse requirement: found 'x' expected: '('"},
      {"a in (x", "unable to parse requirement: found '', expected: ',', or identifier"},
      {"a in (x y)", "unable to parse requirement: found 'y', expected: ',' or ')'"},
      {"a)", "unable to parse requirement: found ')', expected: in, notin, =, ==, !=, gt, lt"},
      {"!a=b", "found '=', expected: ',' or 'end of string'"},
      {"!", "unable to parse requirement: found '', expected: identifier"},
      {"a>x",
       "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value "
       "must be an integer"}};
  for (const auto& [text, message] : rows) {
    INFO(text);
    const auto parsed = Selector::parse_labels(text);
    REQUIRE(parsed.has_error());
    CHECK(parsed.error() == message);
  }
  for (const char* text : {"-a=x", "a=-x", "a/b/c", "A.b/c=d", "a=x:y", "a in (x,y*)", "/a",
                           "a="
                           "0123456789012345678901234567890123456789012345678901234567890123"}) {
    INFO(text);
    CHECK(Selector::parse_labels(text).has_error());
  }
}

TEST_CASE("a field selector takes escapes, and says which it does not know") {
  const auto value_of = [](const char* text) {
    const auto parsed = Selector::parse_fields(text);
    return parsed ? (*parsed)[0].path + (parsed->front().equal ? "=" : "!=") + parsed->back().value
                  : parsed.error();
  };
  CHECK(value_of("a=b") == "a=b");
  CHECK(value_of("a==b") == "a=b");
  CHECK(value_of("a!=b") == "a!=b");
  CHECK(value_of("a=b\\,c\\=d\\\\") == "a=b,c=d\\");
  CHECK(value_of("a=") == "a=");
  CHECK(value_of("x=y,a=b") == "x=b");
  CHECK(value_of("a") == "invalid selector: 'a'; can't understand 'a'");
  CHECK(value_of("a=b\\x") == "invalid field selector: invalid escape sequence: \\x");
  CHECK(value_of("a=b=c") == "invalid field selector: unescaped character in value: 61");
  CHECK(value_of("a=b\\") == "invalid field selector: invalid escape sequence: \\");
}

std::string word() {
  return *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("abz019"))));
}

Requirement requirement() {
  Requirement result;
  result.key = word().substr(0, 60);
  result.op = static_cast<Requirement::Operator>(*rc::gen::inRange(0, 8));
  using Op = Requirement::Operator;
  if (result.op == Op::exists || result.op == Op::absent) return result;
  if (result.op == Op::greater || result.op == Op::less) {
    result.bound = *rc::gen::inRange<std::int64_t>(0, 1000);
    result.values.insert(std::to_string(result.bound));
    return result;
  }
  const int values = result.op == Op::in || result.op == Op::not_in ? *rc::gen::inRange(1, 4) : 1;
  for (int i = 0; i < values; ++i)
    result.values.insert(*rc::gen::arbitrary<bool>() ? std::string() : word().substr(0, 60));
  return result;
}

TEST_CASE("what is printed of a selector reads back as the same") {
  const bool holds = rc::check("parse after print is the identity", [] {
    std::vector<Requirement> requirements;
    for (int n = *rc::gen::inRange(0, 5); n > 0; --n) requirements.push_back(requirement());
    const std::string text = Selector::to_text(requirements);
    const auto again = Selector::parse_labels(text);
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->size() == requirements.size());
    for (std::size_t i = 0; i < requirements.size(); ++i) {
      RC_ASSERT((*again)[i].key == requirements[i].key);
      RC_ASSERT((*again)[i].op == requirements[i].op);
      RC_ASSERT((*again)[i].values == requirements[i].values);
      RC_ASSERT((*again)[i].bound == requirements[i].bound);
    }
  });
  CHECK(holds);
}

TEST_CASE("a selector says no to objects of odd shape, and never throws") {
  auto labels = Selector::parse_labels("a=1,b");
  auto fields = Selector::parse_fields("metadata.name=x");
  const Selector selector(*labels, *fields);
  for (const Json& object :
       {Json(), Json(1), Json::array({1}), Json{{"metadata", 3}},
        Json{{"metadata", {{"labels", {1, 2}}, {"name", {{"x", 1}}}}}},
        Json{{"metadata", {{"labels", {{"a", nullptr}, {"b", 1}}}, {"name", "\xff"}}}}}) {
    CHECK_FALSE(selector.matches(object));
  }
}

}  // namespace
}  // namespace racebed::models::tests
