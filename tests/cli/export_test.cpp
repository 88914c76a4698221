// What `racebed run` writes beside its verdict, by the rules of the formats.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/cli/program.hpp"

using namespace racebed::tests;
using Json = nlohmann::json;

TEST_CASE("--trace: a JSON object a line, events in order, each cause before its effect") {
  const TemporaryFolder folder;
  REQUIRE(run_program("run leader-kill --seed 3 --trace trace.jsonl", folder.path()).status == 0);
  std::istringstream in(folder.read("trace.jsonl"));
  std::map<std::uint64_t, std::string> times;  // by event
  std::set<std::string> processes;
  std::size_t caused = 0;
  std::string now;
  for (std::string line; std::getline(in, line);) {
    const Json event = Json::parse(line);
    REQUIRE(event.size() == 7);
    for (const char* text : {"time", "process", "kind", "fields"}) REQUIRE(event.at(text).is_string());
    for (const char* number : {"number", "cause", "task"}) REQUIRE(event.at(number).is_number_unsigned());
    const std::uint64_t number = event.at("number");
    REQUIRE((times.empty() || number > times.rbegin()->first));
    REQUIRE(event.at("time") >= now);  // RFC 3339, to the microsecond: texts are in the order of times
    now = event.at("time");
    CHECK(now.size() == std::string_view("2025-11-29T00:00:00.000000Z").size());
    if (const std::uint64_t cause = event.at("cause"); cause != 0) {
      ++caused;
      REQUIRE(times.contains(cause));
    }
    times[number] = now;
    processes.insert(event.at("process"));
  }
  CHECK(times.size() > 500);
  CHECK(caused > 100);
  CHECK(std::count_if(processes.begin(), processes.end(),
                      [](const std::string& name) { return name.starts_with("controller-"); }) >= 2);
}

TEST_CASE("--shiviz: two lines an event, host and clock as ShiViz splits them; nobody knows the future") {
  const TemporaryFolder folder;
  REQUIRE(run_program("run leader-kill --seed 3 --shiviz run.log", folder.path()).status == 0);
  std::istringstream in(folder.read("run.log"));
  std::map<std::string, std::uint64_t> happened;  // events of each host so far
  std::map<std::string, Json> clocks;             // of each host's last event
  std::size_t learnt = 0;
  for (std::string words, line; std::getline(in, words);) {
    REQUIRE(std::getline(in, line));
    // (?<event>.*)\n(?<host>\S*) (?<clock>{.*})
    const std::size_t space = line.find(' ');
    REQUIRE(space != std::string::npos);
    const std::string host = line.substr(0, space);
    REQUIRE(host.find_first_of(" \t") == std::string::npos);
    REQUIRE(line.at(space + 1) == '{');
    const Json clock = Json::parse(line.substr(space + 1));
    REQUIRE(clock.at(host) == ++happened[host]);
    for (const auto& [other, count] : clock.items()) {
      REQUIRE(count.is_number_unsigned());
      REQUIRE(count <= happened[other]);
      const Json& before = clocks[host];
      if (other == host || !before.is_object() || before.value(other, 0U) == count) continue;
      ++learnt;
      REQUIRE(count > before.value(other, 0U));
    }
    clocks[host] = clock;
  }
  CHECK(happened.size() >= 4);
  CHECK(learnt > 50);
}
