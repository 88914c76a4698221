// What a scenario says is what the world does: each row sets values and reads the ledger.
#include <catch2/catch.hpp>

#include "experiments/run/run.hpp"
#include "experiments/scenario/load.hpp"

using namespace racebed;
using namespace racebed::experiments;
using namespace std::chrono_literals;

namespace {

RunResult run(const std::string& scenario, std::vector<Setting> settings) {
  settings.emplace_back("world.slack_tls", "false");
  const Scenario loaded = load_scenario(scenario, settings);
  return execute({loaded, *find_subject(loaded.subject.name), 3});
}

template <class F>
std::vector<Time> times_of(const RunResult& run) {
  std::vector<Time> times;
  for (const models::Fact& fact : run.facts) {
    if (std::holds_alternative<F>(fact.what)) times.push_back(fact.time);
  }
  return times;
}

std::size_t controllers(const RunResult& run) {
  std::size_t count = 0;
  for (const ProcessAccount& account : run.final_state.processes)
    count += account.process.starts_with("controller");
  return count;
}

}  // namespace

TEST_CASE("cycles, and the gap between a deletion and the next creation") {
  const RunResult r = run("create-delete-create", {{"workload.cycles", "4"}, {"workload.gap", "2s"}});
  const auto created = times_of<models::UserCreated>(r);
  const auto deleted = times_of<models::UserDeleted>(r);
  REQUIRE(created.size() == 4);
  REQUIRE(deleted.size() == 3);
  for (std::size_t i = 0; i < deleted.size(); ++i) {
    CHECK(created[i + 1] - deleted[i] >= 2s);
    CHECK(created[i + 1] - deleted[i] < 2200ms);
  }
}

TEST_CASE("count, spacing, replicas, channels") {
  const RunResult r = run("happy-path", {{"workload.count", "3"},
                                         {"workload.spacing", "10s"},
                                         {"workload.channels", R"(["log"])"},
                                         {"world.replicas", "3"}});
  const auto created = times_of<models::UserCreated>(r);
  REQUIRE(created.size() == 3);
  CHECK(created[2] - created[0] >= 20s);
  CHECK(controllers(r) == 3);
  CHECK(times_of<models::Delivered>(r).size() == 3);
  for (const models::Fact& fact : r.facts) {
    if (const auto* delivered = std::get_if<models::Delivered>(&fact.what))
      CHECK(delivered->channel == "log");
  }
}

TEST_CASE("the settling time, and a limit that ends a run before its work is done") {
  const RunResult settled = run("happy-path", {{"chaos", "3s"}, {"settle", "7s"}});
  CHECK(settled.final_state.workload_done);
  CHECK(settled.final_state.end - settled.final_state.begin < 30s);
  const RunResult cut = run("happy-path", {{"world.time_limit", "1s"}});
  CHECK_FALSE(cut.final_state.workload_done);
  CHECK(cut.final_state.end - cut.final_state.begin <= 1s);
  CHECK_FALSE(cut.violated());  // nothing was reached, so nothing is violated
}

TEST_CASE("a fault strikes its target, at its moment, as often as it is listed") {
  const RunResult r = run("leader-kill", {{"faults", R"([
    {"fault": "process-kill", "at": "3s", "target": "controller-1"},
    {"fault": "process-kill", "after": {"event": "delivered", "channel": "slack"}}])"}});
  CHECK(times_of<models::FaultFired>(r).size() == 2);
  std::size_t killed = 0;
  Time begun;
  for (const models::Fact& fact : r.facts) {
    if (std::holds_alternative<models::UserCreated>(fact.what) && begun == Time{}) begun = fact.time;
    const auto* event = std::get_if<models::ProcessEvent>(&fact.what);
    if (event == nullptr || event->what != models::ProcessEvent::What::killed) continue;
    ++killed;
    if (killed == 2) {
      CHECK(fact.actor.process == "controller-1");
      CHECK(fact.time - begun >= 2900ms);
    }
  }
  CHECK(killed == 2);
}

TEST_CASE("power loss is a fault of its own") {
  const RunResult r = run("leader-kill", {{"faults[0].fault", "process-power-loss"}});
  std::size_t lost = 0;
  for (const models::Fact& fact : r.facts) {
    const auto* event = std::get_if<models::ProcessEvent>(&fact.what);
    lost += event != nullptr && event->what == models::ProcessEvent::What::power_lost;
  }
  CHECK(lost == 1);
}
