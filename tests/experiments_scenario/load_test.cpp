// Wrong input is one line that says what, where and what was expected; right input is what it says.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "experiments/scenario/load.hpp"

using namespace racebed;
using namespace racebed::experiments;
using namespace std::chrono_literals;

namespace {

/// The message about it; empty if it is accepted.
std::string refusal(const std::string& text, const std::vector<Setting>& settings = {}) {
  try {
    parse_scenario("x", text, "x.json", settings);
    return {};
  } catch (const InputError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("what is wrong in a file is named by line and column, or by path, with what was expected") {
  struct Row {
    std::string text;
    std::string message;
  };
  const Row rows[] = {
      {"{\n  \"title\": \"a\",\n  \"world\": {,}\n}", "x.json:3:13: malformed JSON: "},
      {"", "x.json:1:1: malformed JSON: "},
      {"{\"title\": \"\xff\"}", "x.json:1:12: malformed JSON: "},
      {"{\n\"settle\": 1e400}", "x.json:2:11: malformed JSON: 1e400 is too large a number"},
      {std::string(40, '[') + std::string(40, ']'), "x.json: nested more than 32 deep, expected a scenario"},
      {"[]", "x.json: the file: found [], expected an object"},
      {R"({"wrold": {}})", "x.json: wrold: unknown key, expected \"world\"?"},
      {R"({"workload": {"speed": 1}})", "x.json: workload.speed: unknown key, expected one of kind, count, "},
      {R"({"world": {"replicas": 0}})", "x.json: world.replicas: found 0, expected an integer from 1 to 16"},
      {R"({"world": {"replicas": 1.5}})", "x.json: world.replicas: found 1.5, expected an integer"},
      {R"({"world": {"replicas": -1}})", "x.json: world.replicas: found -1, expected an integer"},
      {R"({"world": {"slack_tls": "yes"}})",
       "x.json: world.slack_tls: found \"yes\", expected true or false"},
      {R"({"world": {"slack_certificate": "bad"}})",
       "x.json: world.slack_certificate: found \"bad\", expected one of good, expired, "},
      {R"({"settle": "10"})", "x.json: settle: found \"10\", expected a duration such as \"150ms\""},
      {R"({"settle": null})", "x.json: settle: found null, expected a duration"},
      {R"({"world": {"watch_lag": {"min": "2s", "max": "1s"}}})", "expected min (2s) not above max (1s)"},
      {R"({"world": {"watch_lag": {"min": "70ms"}}})", "expected min (70ms) not above max (50ms)"},
      {R"({"world": {"watch_lag": {"mni": "2s"}}})",
       "x.json: world.watch_lag.mni: unknown key, expected \"min\"?"},
      {R"({"workload": {"channels": []}})", "x.json: workload.channels: found [], expected an array with"},
      {R"({"workload": {"channels": ["slack", "fax"]}})",
       "x.json: workload.channels[1]: found \"fax\", expected one of console, slack"},
      {R"({"faults": [{}]})", "x.json: faults[0].fault: found nothing, expected the id of a fault"},
      {R"({"faults": [{"fault": "process-kil"}]})",
       "x.json: faults[0].fault: found \"process-kil\", expected \"process-kill\"?"},
      {R"({"faults": [{"fault": "process-kill", "target": "controller-1"}]})",
       "x.json: faults[0].target: found \"controller-1\", expected leader, follower, any-controller"},
      {R"({"faults": [{"fault": "tls-expired", "target": "leader"}]})",
       "x.json: faults[0].target: found \"leader\", expected slack"},
      {R"({"faults": [{"fault": "user-deletes", "target": "user"}]})",
       "x.json: faults[0].target: found \"user\", expected none"},
      {R"({"faults": [{"fault": "net-refused", "to": "mars"}]})",
       "x.json: faults[0].to: found \"mars\", expected slack, apiservers"},
      {R"({"faults": [{"fault": "process-kill", "for": "3s"}]})",
       "x.json: faults[0].for: found 3s, expected nothing: process-kill happens once"},
      {R"({"faults": [{"fault": "http-status", "with": {"status": 99}}]})",
       "x.json: faults[0].with.status: found 99, expected an integer from 300 to 599"},
      {R"({"faults": [{"fault": "http-status", "with": {"status": {"min": 500, "max": 400}}}]})",
       "expected min not above max"},
      {R"({"faults": [{"fault": "http-status", "with": {"statu": 500}}]})",
       "x.json: faults[0].with.statu: found a parameter that http-status does not have, expected one of "
       "status"},
      {R"({"faults": [{"fault": "net-latency", "with": {"delay": 5}}]})",
       "x.json: faults[0].with.delay: found 5, expected a duration of at most 10m"},
      {R"({"faults": [{"fault": "net-reset", "with": {"when": "never"}}]})",
       "x.json: faults[0].with.when: found \"never\", expected one of during, before, after"},
      {R"({"faults": [{"fault": "process-kill", "after": {"event": "slept"}}]})",
       "x.json: faults[0].after.event: found \"slept\", expected one of committed"},
      {R"({"faults": [{"fault": "process-kill", "after": {"all": [{"process": "user"}]}}]})",
       "x.json: faults[0].after.all[0].event: found nothing, expected the kind of a fact"},
      {R"({"faults": [{"fault": "process-kill", "after": {"event": "delivered", "any": [{"event": "answered"}]}}]})",
       "x.json: faults[0].after.event: found delivered, expected either event, or all or any"},
      {R"({"faults": [{"fault": "process-kill", "after": {"event": "committed", "change": {"path": "x"}}}]})",
       "x.json: faults[0].after.change.path: found \"x\", expected a path such as /status/phase"},
      {R"({"faults": [{"fault": "process-kill", "after": {"event": "delivered", "occurrence": 0}}]})",
       "x.json: faults[0].after.occurrence: found 0, expected an integer from 1"},
      {R"({"moment": {"event": "committed", "change": {"path": "~"}}})",
       "x.json: moment.change.path: found \"~\", expected a path"},
      {R"({"invariants": ["no-orphans"]})",
       "x.json: invariants[0]: found \"no-orphans\", expected an object"},
      {R"({"a\nb": 1})", "x.json: a b: unknown key"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK_THAT(refusal(row.text), Catch::Matchers::Contains(row.message));
  }
}

TEST_CASE("--set goes through the same table, reaches every place and makes what is absent") {
  const Scenario scenario = parse_scenario("x", R"({"faults": [{"fault": "process-kill"}]})", "x.json",
                                           {{"world.replicas", "3"},
                                            {"world.watch_lag.max", "2s"},
                                            {"world.api_latency", "5ms"},
                                            {"workload.channels", R"(["log", "file"])"},
                                            {"faults[0].target", "controller-2"},
                                            {"faults[1].fault", "tls-expired"},
                                            {"title", "no JSON, so a text"}});
  CHECK(scenario.world.replicas == 3);
  CHECK(scenario.world.watch_lag.min == 0s);
  CHECK(scenario.world.watch_lag.max == 2s);
  CHECK(scenario.world.api_latency.min == 5ms);
  CHECK(scenario.world.api_latency.max == 5ms);
  CHECK(scenario.workload.channels == std::vector<std::string>{"log", "file"});
  REQUIRE(scenario.faults.size() == 2);
  CHECK(scenario.faults[0].fault == "process-kill");
  CHECK(scenario.faults[0].target == "controller-2");
  CHECK(scenario.faults[1].fault == "tls-expired");
  CHECK(scenario.title == "no JSON, so a text");
}

TEST_CASE("a setting that leads nowhere is refused, however odd its path") {
  for (const char* path :
       {"", ".", "a..b", "world.", "[", "faults[0]at", "faults[1].at", "faults[4000000000].at",
        "faults[99999999999999999999].at", "title.x", "faults.at", "world[0]"}) {
    CAPTURE(path);
    CHECK_FALSE(refusal(R"({"title": "t", "world": {}, "faults": []})", {{path, "drawn"}}).empty());
  }
  CHECK(refusal("{}", {{"settle", "\xff"}}) == "--set settle: found \"\uFFFD\", expected UTF-8");
  CHECK_THAT(refusal("{}", {{"title", "\xff"}}), Catch::Matchers::Contains("expected UTF-8"));
  CHECK_THAT(refusal("{}", {{"\xff", "1"}}), Catch::Matchers::Contains("expected UTF-8"));
  CHECK_THAT(refusal("{}", {{"settle", std::string(100'000, '[')}}),
             Catch::Matchers::Contains("--set: nested more than 32 deep"));
  std::string deep = "a";
  for (int i = 0; i < 30'000; ++i) deep += ".a";
  CHECK_THAT(refusal("{}", {{deep, "1"}}), Catch::Matchers::Contains("no such place"));
}

TEST_CASE("what is shown of a value is cut between characters, and whatever was typed the message is UTF-8") {
  const std::string umlauts = "\"" + std::string(38, 'a') + "\u00e4\u00e4\u00e4\"";
  CHECK_THAT(refusal(R"({"settle": )" + umlauts + "}"),
             Catch::Matchers::Contains("found \"" + std::string(38, 'a') + "..., expected a duration"));
  for (const std::string& text :
       {std::string("{\"a\xff\": 1}"), std::string("\xff"), std::string("{\"\xc3")}) {
    CAPTURE(text);
    CHECK_NOTHROW(nlohmann::json(refusal(text)).dump());
  }
}

TEST_CASE("durations are exact, with a unit, and no more than a year") {
  struct Row {
    const char* text;
    std::optional<Duration> value;
  };
  const Row rows[] = {
      {"0s", Duration{0}},   {"250us", 250us},
      {"150ms", 150ms},      {"30s", 30s},
      {"5m", 5min},          {"2h", 2h},
      {"8784h", 8784h},      {"8785h", std::nullopt},
      {"", std::nullopt},    {"5", std::nullopt},
      {"s", std::nullopt},   {"-1s", std::nullopt},
      {"+1s", std::nullopt}, {"1.5s", std::nullopt},
      {"1 s", std::nullopt}, {"1S", std::nullopt},
      {"1ns", std::nullopt}, {"1s ", std::nullopt},
      {" 1s", std::nullopt}, {"9223372036854775808s", std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(parse_duration(row.text) == row.value);
  }
  CHECK(rc::check("printed and read back, a duration is the same", [] {
    const Duration duration =
        std::chrono::microseconds{*rc::gen::inRange<std::int64_t>(0, 31'536'000'000'000)};
    RC_ASSERT(parse_duration(duration_text(duration)) == duration);
  }));
}

TEST_CASE("a damaged scenario file is read, or refused in one line; nothing else happens") {
  CHECK(rc::check([] {
    std::string text = expanded(load_scenario(*rc::gen::elementOf(scenario_names()))).dump(1);
    const auto edits = *rc::gen::inRange(1, 4);
    for (int i = 0; i < edits; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      const auto length = *rc::gen::inRange<std::size_t>(0, 12);
      text.replace(at, length, *rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
    }
    const std::string message = refusal(text);
    RC_ASSERT(message.find('\n') == std::string::npos);
  }));
}
