#include "sweep/portrait.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "experiments/scenario/load.hpp"

using namespace racebed;
using evidence::Portrait;

namespace {

Portrait portrait(const char* scenario, const char* subject, std::uint64_t seed,
                  const std::vector<experiments::Setting>& settings = {}) {
  return sweep::portray(experiments::load_scenario(scenario, settings), *experiments::find_subject(subject),
                        seed);
}

std::size_t events(const Portrait& portrait, const std::string& kind) {
  return static_cast<std::size_t>(std::count_if(portrait.events.begin(), portrait.events.end(),
                                                [&](const auto& event) { return event.kind == kind; }));
}

}  // namespace

TEST_CASE("a portrait of a leader's death: who was there, what was sent, who died, who led next") {
  const Portrait shown = portrait("leader-kill", "notification", 3);
  CHECK(shown.lanes ==
        std::vector<std::string>{"world", "user", "controller-0", "controller-1", "API server", "slack"});
  CHECK(events(shown, "created") == 20);
  CHECK(events(shown, "killed") == 1);
  CHECK(events(shown, "fault") == 1);
  CHECK(events(shown, "lease") >= 2);
  CHECK(events(shown, "accepted") == 20);
  CHECK(events(shown, "violated") == 0);
  CHECK(std::is_sorted(shown.events.begin(), shown.events.end(),
                       [](const auto& a, const auto& b) { return a.at_us < b.at_us; }));
  for (const Portrait::Series& series : shown.series) {
    CAPTURE(series.name, series.process);
    CHECK(!series.points.empty());
    CHECK(series.points.size() <= sweep::Looks::kPointsMax + 1);
  }
}

TEST_CASE("a portrait marks each violation") {
  const Portrait shown = portrait("create-delete-create", "notification-2025-11", 7);
  CHECK(events(shown, "violated") > 0);
}

TEST_CASE("what the declared guarantee allows is marked as no violation") {
  CHECK(events(portrait("leader-kill", "notification", 3, {{"subject.guarantee", "at-least-once"}}),
               "violated") == 0);
}

TEST_CASE("a portrait of much keeps what is rare") {
  const Portrait shown = portrait("load-100-slack", "notification", 0, {{"workload.count", "400"}});
  CHECK(shown.events.size() + shown.messages.size() == sweep::kMarksMax);
  CHECK(events(shown, "phase") == 2);
}

TEST_CASE("a portrait is a function of the seed, and looking at a run does not change it") {
  CHECK(portrait("leader-kill", "notification", 5) == portrait("leader-kill", "notification", 5));
  const experiments::Scenario scenario = experiments::load_scenario("leader-kill");
  const experiments::Subject& subject = *experiments::find_subject("notification");
  experiments::RunSpec looked{scenario, subject, 5};
  sweep::Looks looks;
  looked.look = [&](Time now, const sim::Process& process) { looks.look(now, process); };
  CHECK(experiments::execute(std::move(looked)).hash.total().text() ==
        experiments::execute({scenario, subject, 5}).hash.total().text());
}
