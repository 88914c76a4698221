// One scenario, two worlds: what Slack and the other channels took, and how each notification ended, must be
// the same in simulation and on real sockets, where each controller is a process of its own and a kill is
// kill -9.
#include <catch2/catch.hpp>

#include "experiments/live/live_run.hpp"
#include "experiments/scenario/load.hpp"

namespace racebed::tests {
namespace {

using experiments::Setting;

struct Row {
  const char* name;
  const char* scenario;
  std::vector<Setting> settings;
  std::size_t notifications;
};

/// A scenario in both worlds.
struct Both {
  experiments::RunResult simulated;
  experiments::RunResult live;
};

Both run_both(const std::string& name, const std::vector<Setting>& settings,
              const std::string& subject_name = "notification") {
  const experiments::Scenario scenario = experiments::load_scenario(name, settings);
  const experiments::Subject& subject = *experiments::find_subject(subject_name);
  return {experiments::execute({scenario, subject, 7}),
          experiments::execute_live({scenario, subject, std::string(RACEBED_BINARY_DIR) + "/bin/racebed"})};
}

}  // namespace

TEST_CASE("a scenario ends alike in simulation and on real sockets") {
  const std::vector<Row> rows{
      {"a calm day", "happy-path", {}, 5},
      {"every local channel",
       "happy-path",
       {{"workload.channels", R"(["console","slack","file","log"])"}},
       5},
      {"an expired certificate",
       "happy-path",
       {{"world.slack_certificate", "expired"}, {"workload.count", "2"}},
       2},
      {"a certificate of another name",
       "happy-path",
       {{"world.slack_certificate", "wrong-host"}, {"workload.count", "2"}},
       2},
      {"a self-signed certificate",
       "happy-path",
       {{"world.slack_certificate", "self-signed"}, {"workload.count", "2"}},
       2},
      {"an unknown authority",
       "happy-path",
       {{"world.slack_certificate", "unknown-authority"}, {"workload.count", "2"}},
       2},
      {"a webhook", "happy-path", {{"world.slack_api", "webhook"}}, 5},
      {"one name, created and deleted again and again", "create-delete-create", {}, 1},
      {"the leader is killed at a message's acceptance",
       "leader-kill",
       {{"workload.count", "5"}, {"faults[0].after.occurrence", "5"}},
       5},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Both both = run_both(row.scenario, row.settings);
    const experiments::Parity parity = experiments::compare(both.simulated, both.live);
    CHECK(parity.notifications == row.notifications);
    CHECK(parity.messages > 0);
    CHECK(parity.differences == std::vector<std::string>{});
    CHECK_FALSE(both.live.violated());
  }
}

TEST_CASE("a subject that duplicates in simulation does so on real sockets too") {
  const Both both = run_both("create-delete-create", {}, "notification-2025-11");
  CHECK(both.simulated.violated());
  CHECK(both.live.violated());
}

TEST_CASE("two stories that differ are told apart") {
  const auto delivered = [](std::uint64_t number, const char* token) {
    return models::Fact{number, Time{}, {"slack", 1}, models::Delivered{"slack", token, "m", "", 0, ""}};
  };
  experiments::RunResult one, other;
  one.facts = {delivered(1, "n-0")};
  other.facts = {delivered(1, "n-0"), delivered(2, "n-0"), delivered(3, "n-1")};
  const experiments::Parity parity = experiments::compare(one, other);
  CHECK(parity.differences ==
        std::vector<std::string>{"n-0: messages to slack: 1 in the simulation, 2 live", "n-1: only live"});
  CHECK(experiments::compare(other, other).differences.empty());
}

}  // namespace racebed::tests
