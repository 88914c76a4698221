// The historical controller of 2026-08, claim by claim: every numbered step of notification.md D.2.
#include "experiments/subjects/notification_2026_08.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <set>

#include "tests/subjects/fake_cluster.hpp"

namespace racebed::experiments::tests {
namespace {

using namespace std::chrono_literals;
using models::SlackVerdict;

const Json kTwoTries = {{"maxAttempts", 2}, {"initialBackoffSeconds", 30}};

void play(Duration duration, const std::function<void(Stage&)>& arrange,
          const std::function<void(Stage&)>& check) {
  tests::play(notification_2026_08(), duration, arrange, check);
}

/// A replica that finds one notification, in a watch that tells nothing new.
void play_frozen(Duration duration, Json object, const std::function<void(Stage&)>& arrange,
                 const std::function<void(Stage&)>& check) {
  play(
      duration,
      [&](Stage& stage) {
        stage.cluster.put("a", std::move(object));
        stage.cluster.watch_frozen = true;
        if (arrange) arrange(stage);
      },
      check);
}

SlackVerdict refuse(int status, std::string location = {}) {
  SlackVerdict verdict;
  verdict.outcome = SlackVerdict::Outcome::refuse;
  verdict.status = status;
  verdict.location = std::move(location);
  return verdict;
}

/// An attempt as the controller writes it.
Json made(const char* channel, int number, const char* status, const char* timestamp,
          const char* error = nullptr) {
  Json json = attempt(channel, status, error);
  json["attempt"] = number;
  json["timestamp"] = timestamp;
  return json;
}

/// Reasons of Kubernetes Events, with their counts.
std::map<std::string, int> events_of(const Stage& stage) {
  std::map<std::string, int> reasons;
  for (const auto& [path, object] : stage.cluster.objects()) {
    if (path.find("/events/") != std::string::npos)
      reasons[object.at("reason").get<std::string>()] += object.value("count", 1);
  }
  return reasons;
}

std::vector<std::string> audited(const Stage& stage) {
  std::vector<std::string> all;
  for (const Json& record : stage.audit)
    all.push_back(record.at("event").get<std::string>() + " " + record.value("channel", ""));
  return all;
}

}  // namespace

TEST_CASE("2026-08: a calm delivery goes Pending, Sending, Sent, one attempt for each channel") {
  play(
      1min,
      [](Stage& stage) {
        stage.with_slack = true;
        stage.cluster.put("a", notification({"console", "slack"}));
      },
      [](Stage& stage) {
        CHECK(stage.console ==
              std::vector<std::string>{"[high] [simple] disk full [token:t-1]\non node 7\n"});
        CHECK(stage.slack_accepted == 1);
        const Json& status = stage.cluster.status("a");
        CHECK(status["phase"] == "Sent");
        CHECK(status["reason"] == "AllDeliveriesSucceeded");
        CHECK(status["message"] == "Successfully delivered to 2 channel(s)");
        CHECK(status["totalAttempts"] == 2);
        CHECK(status["successfulDeliveries"] == 2);
        CHECK(status["failedDeliveries"] == 0);
        CHECK(status["observedGeneration"] == 1);
        for (const char* time : {"queuedAt", "processingStartedAt", "completionTime"})
          CHECK(status[time] == "2025-11-29T00:00:00Z");
        REQUIRE(status["deliveryAttempts"].size() == 2);
        CHECK(status["deliveryAttempts"][1]["channel"] == "slack");
        CHECK(status["deliveryAttempts"][1]["attempt"] == 1);
        CHECK(status["deliveryAttempts"][1]["timestamp"] == "2025-11-29T00:00:00Z");
        CHECK(status["deliveryAttempts"][1]["durationSeconds"] > 0);
        CHECK(status["conditions"].size() == 2);
        CHECK(audited(stage) == std::vector<std::string>{"notification.message.sent console",
                                                         "notification.message.sent slack",
                                                         "notification.message.acknowledged "});
      });
}

TEST_CASE("2026-08 step 1: what the cache does not know is done; its audit keys are dropped with it") {
  play(
      1min,
      [](Stage& stage) {
        stage.cluster.put("a", notification({"console"}));
        stage.kernel.call_at(stage.kernel.world(), stage.kernel.now() + 10s,
                             [&stage] { stage.cluster.remove("a"); });
        stage.kernel.call_at(stage.kernel.world(), stage.kernel.now() + 20s,
                             [&stage] { stage.cluster.put("a", notification({"console"})); });
      },
      [](Stage& stage) {
        CHECK(stage.console.size() == 2);
        CHECK(stage.audit.size() == 4);
        CHECK(events_of(stage)["ReconcileStarted"] > 2);  // every run of both
      });
}

TEST_CASE("2026-08 steps 2 and 4: a terminal phase stops, with attempts or without") {
  for (const char* phase : {"Sent", "PartiallySent", "Failed"}) {
    for (const bool with_attempts : {false, true}) {
      CAPTURE(phase, with_attempts);
      std::vector<Json> attempts;
      if (with_attempts) attempts.push_back(attempt("console", "failed", "e"));
      Json status = status_of(phase, attempts);
      status["observedGeneration"] = 1;
      play_frozen(1min, notification({"console"}, {}, status), nullptr, [](Stage& stage) {
        CHECK(stage.console.empty());
        CHECK(stage.cluster.story().empty());
      });
    }
  }
}

TEST_CASE("2026-08 step 3: a new one becomes Pending and comes again, rate limited") {
  play(
      5ms, [](Stage& stage) { stage.cluster.put("a", notification({"console"})); },
      [](Stage& stage) {
        CHECK(stage.cluster.story().starts_with("3ms put a Pending Initialized, 0 attempts -> 200\n"));
        CHECK(stage.cluster.status("a")["message"] == "Notification request received");
        CHECK(stage.console.empty());
      });
}

TEST_CASE(
    "2026-08 step 3: an initialisation that somebody else has done is passed over, and the run goes on") {
  // Its own write comes back late: the second run still sees no phase, and reads Pending.
  play(
      1s,
      [](Stage& stage) {
        stage.cluster.put("a", notification({"console"}));
        stage.cluster.watch_lag = 500ms;
      },
      [](Stage& stage) {
        CHECK(stage.cluster.story() ==
              "3ms put a Pending Initialized, 0 attempts -> 200\n"
              "14ms put a Sending ProcessingDeliveries, 0 attempts -> 200\n"
              "17ms console takes it\n"
              "20ms put a Sent AllDeliveriesSucceeded, 1 attempts -> 200\n");
      });
}

TEST_CASE("2026-08 step 3: any other failure to initialise is an error that is tried again") {
  play(
      1s,
      [](Stage& stage) {
        stage.cluster.put("a", notification({"console"}));
        stage.cluster.before_status_write = [&stage] {
          stage.cluster.put("a", notification({"console"}, {}, status_of("Failed")));
        };
      },
      [](Stage& stage) {
        CHECK(stage.cluster.story() == "3ms put a Pending Initialized, 0 attempts -> 409\n");
        CHECK(stage.console.empty());
      });
}

TEST_CASE("2026-08 step 5: only Retrying waits for the backoff of its last failed attempt") {
  struct Row {
    const char* phase;
    std::vector<Json> attempts;
    Duration least, most;  // when Slack is asked
  };
  const Json first = made("slack", 1, "failed", "2025-11-29T00:00:00Z", "e");
  const Json second = made("slack", 2, "failed", "2025-11-29T00:00:00Z", "e");
  const Json good = made("console", 1, "success", "2025-11-29T00:00:00Z");
  for (const Row& row : std::vector<Row>{{"Retrying", {good, first}, 30s, 34s},
                                         {"Retrying", {good, first, second}, 54s, 67s},
                                         {"Retrying", {good, second, first}, 30s, 34s},  // last in the list
                                         {"Sending", {good, first}, 0s, 1s},
                                         {"Retrying", {good}, 0s, 1s}}) {
    CAPTURE(row.phase, row.attempts.size());
    play_frozen(
        2min, notification({"console", "slack"}, {}, status_of(row.phase, row.attempts)),
        [](Stage& stage) { stage.with_slack = true; },
        [&](Stage& stage) {
          REQUIRE(stage.slack_posts.size() == 1);
          CHECK(stage.slack_posts[0] >= row.least);
          CHECK(stage.slack_posts[0] <= row.most);
          CHECK(stage.cluster.status("a")["phase"] == "Sent");
        });
  }
}

TEST_CASE("2026-08 step 6: Pending becomes Sending before anything is delivered") {
  play_frozen(1s, notification({"console"}, {}, status_of("Pending")), nullptr, [](Stage& stage) {
    CHECK(
        stage.cluster.story().starts_with("3ms put a Sending ProcessingDeliveries, 0 attempts -> 200\n"
                                          "6ms console takes it\n"));
    CHECK(events_of(stage)["PhaseTransition"] == 1);
  });
}

TEST_CASE("2026-08 step 7: the second look is at the server itself") {
  play_frozen(
      1s, notification({"console"}, {}, status_of("Sending")),
      [](Stage& stage) {
        stage.kernel.call_at(stage.kernel.world(), stage.kernel.now() + 500us, [&stage] {
          stage.cluster.put(
              "a", notification({"console"}, {}, status_of("Sent", {attempt("console", "success")})));
        });
      },
      [](Stage& stage) {
        CHECK(stage.console.empty());
        CHECK(stage.cluster.story().empty());
      });
}

TEST_CASE("2026-08 step 8: the list of channels is taken as it stands") {
  play_frozen(1s, notification({"console", "console"}, {}, status_of("Sending")), nullptr, [](Stage& stage) {
    CHECK(stage.console.size() == 1);
    CHECK(stage.cluster.status("a")["phase"] == "PartiallySent");
    CHECK(stage.cluster.status("a")["message"] == "Delivered to 1/2 channel(s), others failed");
    CHECK(stage.cluster.status("a")["conditions"][0]["type"] == "RoutingResolved");
  });
}

TEST_CASE("2026-08 step 9: which channels are tried, and with which number") {
  const Json good = made("console", 1, "success", "2025-11-29T00:00:00Z");
  const Json bad = made("slack", 1, "failed", "2025-11-28T00:00:00Z", "EOF");
  const Json for_good =
      made("slack", 1, "failed", "2025-11-28T00:00:00Z", "it was a permanent failure, they say");
  struct Row {
    const char* name;
    std::vector<std::string> channels;
    std::vector<Json> recorded;
    std::size_t posts;
    std::size_t console;
    int last_number;
    const char* phase;
  };
  for (const Row& row : std::vector<Row>{
           {"never tried", {"slack"}, {}, 1, 0, 1, "Sent"},
           {"9a: recorded as a success", {"console", "slack"}, {good}, 1, 0, 1, "Sent"},
           {"9b: permanent by its text", {"console", "slack"}, {for_good}, 0, 1, 1, "PartiallySent"},
           {"9c: one try left", {"slack"}, {bad}, 1, 0, 2, "Sent"},
           {"9c: none left", {"slack"}, {bad, bad}, 0, 0, 1, "Failed"},
       }) {
    CAPTURE(row.name);
    play_frozen(
        1s,
        notification(row.channels, kTwoTries,
                     [&] {
                       Json status = status_of("Sending", row.recorded);
                       status["failedDeliveries"] = row.recorded.empty() ? 0 : 1;
                       return status;
                     }()),
        [](Stage& stage) { stage.with_slack = true; },
        [&](Stage& stage) {
          CHECK(stage.slack_posts.size() == row.posts);
          CHECK(stage.console.size() == row.console);
          const Json& status = stage.cluster.status("a");
          CHECK(status["deliveryAttempts"].back()["attempt"] == row.last_number);
          CHECK(status["phase"] == row.phase);
        });
  }
}

TEST_CASE("2026-08 step 9: a channel that is not registered fails for good; the next run says so") {
  play(
      10min, [](Stage& stage) { stage.cluster.put("a", notification({"email"})); },
      [](Stage& stage) {
        const Json& status = stage.cluster.status("a");
        CHECK(status["deliveryAttempts"].size() == 1);
        CHECK(status["deliveryAttempts"][0]["error"] == "permanent failure: channel not registered: email");
        CHECK(status["phase"] == "Failed");
        CHECK(status["reason"] == "AllDeliveriesFailed");
      });
}

TEST_CASE("2026-08 step 9d: an open breaker makes failed attempts, for every notification on the channel") {
  play(
      20s,
      [](Stage& stage) {
        stage.with_slack = true;
        stage.slack_verdicts.assign(100, refuse(503));
        for (const char* name : {"a", "b", "c", "d"})
          stage.cluster.put(name, notification({"slack"}, {}, status_of("Sending")));
        stage.cluster.watch_frozen = true;
      },
      [](Stage& stage) {
        CHECK(stage.slack_posts.size() == 3);
        const Json& status = stage.cluster.status("d");
        CHECK(status["phase"] == "Sending");
        CHECK(status["deliveryAttempts"][0]["error"] ==
              "slack circuit breaker is open (too many failures, preventing cascading failures)");
        CHECK(events_of(stage)["CircuitBreakerOpen"] == 1);
      });
}

TEST_CASE("2026-08 step 9e: redirects are followed as Go's client follows them") {
  const std::string there = "/services/T0RACE/B0RACE/f4k3s3cr3t";
  struct Row {
    int status;
    std::size_t posts;
    std::size_t accepted;
  };
  for (const Row& row : std::vector<Row>{{301, 1, 0}, {302, 1, 0}, {303, 1, 0}, {307, 2, 1}, {308, 2, 1}}) {
    CAPTURE(row.status);
    play_frozen(
        1s, notification({"slack"}, kTwoTries, status_of("Sending")),
        [&](Stage& stage) {
          stage.with_slack = true;
          stage.slack_verdicts = {refuse(row.status, there)};
        },
        [&](Stage& stage) {
          CHECK(stage.slack_posts.size() == row.posts);
          CHECK(stage.slack_accepted == row.accepted);
        });
  }
}

TEST_CASE("2026-08 step 9e: one time-out of 10 s covers a delivery, and its text names the URL") {
  play_frozen(
      20s, notification({"slack"}, {}, status_of("Sending")),
      [](Stage& stage) {
        stage.with_slack = true;
        SlackVerdict slow;
        slow.before_answer = 1min;
        stage.slack_verdicts = {slow};
      },
      [](Stage& stage) {
        const Json& recorded = stage.cluster.status("a")["deliveryAttempts"][0];
        CHECK(recorded["error"] ==
              "slack webhook request failed: Post "
              "\"http://hooks.slack.example:443/services/T0RACE/B0RACE/f4k3s3cr3t\": context deadline "
              "exceeded (Client.Timeout exceeded while awaiting headers)");
        CHECK(recorded["durationSeconds"] == 10.0);
        CHECK(stage.slack_accepted == 1);
      });
}

TEST_CASE("2026-08 step 10: a phase that is Pending after the loop is written as Sending first") {
  play_frozen(
      1s, notification({"console"}, {}, status_of("Sending")),
      [](Stage& stage) {
        stage.kernel.call_at(stage.kernel.world(), stage.kernel.now() + 500us, [&stage] {
          stage.cluster.put("a", notification({"console"}, {}, status_of("Pending")));
        });
      },
      [](Stage& stage) {
        CHECK(stage.cluster.story() ==
              "2ms console takes it\n"
              "5ms put a Sending ProcessingDeliveries, 0 attempts -> 200\n"
              "9ms put a Sent AllDeliveriesSucceeded, 1 attempts -> 200\n");
      });
}

TEST_CASE(
    "2026-08 step 11: none succeeded: the phase stays Sending, and the wait is counted from the attempts") {
  play_frozen(
      10min, notification({"slack"}, {}, status_of("Sending")),
      [](Stage& stage) {
        stage.with_slack = true;
        stage.slack_verdicts.assign(2, refuse(500));
      },
      [](Stage& stage) {
        REQUIRE(stage.slack_posts.size() == 3);
        CHECK(stage.slack_posts[1] - stage.slack_posts[0] >= 30s);
        CHECK(stage.slack_posts[1] - stage.slack_posts[0] <= 34s);
        CHECK(stage.slack_posts[2] - stage.slack_posts[1] >= 54s);
        CHECK(stage.slack_posts[2] - stage.slack_posts[1] <= 67s);
        CHECK(stage.cluster.story().find("put a Sending Before, 2 attempts -> 200\n") != std::string::npos);
        CHECK(stage.cluster.status("a")["phase"] == "Sent");
      });
}

TEST_CASE("2026-08 step 11: part, then Retrying, then the rest: Sent") {
  play(
      10min,
      [](Stage& stage) {
        stage.cluster.put("a", notification({"console", "slack"}));
        stage.with_slack = true;
        stage.slack_verdicts.assign(2, refuse(503));
      },
      [](Stage& stage) {
        CHECK(stage.console.size() == 1);
        REQUIRE(stage.slack_posts.size() == 3);
        CHECK(stage.slack_posts[1] - stage.slack_posts[0] >= 29s);
        CHECK(stage.slack_posts[2] - stage.slack_posts[1] >= 53s);
        CHECK(stage.cluster.story().find("Retrying PartialFailureRetrying, 2 attempts -> 200") !=
              std::string::npos);
        const Json& status = stage.cluster.status("a");
        CHECK(status["phase"] == "Sent");
        CHECK(status["totalAttempts"] == 4);
        CHECK(status["deliveryAttempts"][3]["attempt"] == 3);
        CHECK(events_of(stage)["NotificationRetrying"] == 2);
      });
}

TEST_CASE("2026-08 step 11: the first wait of Retrying is the initial one, without jitter") {
  play_frozen(
      1s, notification({"console", "slack"}, {}, status_of("Sending")),
      [](Stage& stage) {
        stage.with_slack = true;
        stage.slack_verdicts = {refuse(503)};
      },
      [](Stage& stage) {
        CHECK(stage.cluster.status("a")["message"] ==
              "Delivered to 0/2 channel(s), retrying failed channels with backoff 30s");
      });
}

TEST_CASE("2026-08 step 11: exhausted: PartiallySent with something delivered, Failed without") {
  for (const bool with_console : {true, false}) {
    CAPTURE(with_console);
    const std::vector<std::string> channels =
        with_console ? std::vector<std::string>{"console", "slack"} : std::vector<std::string>{"slack"};
    play_frozen(
        1h, notification(channels, kTwoTries, status_of("Sending")),
        [](Stage& stage) {
          stage.with_slack = true;
          stage.slack_verdicts.assign(100, refuse(503));
        },
        [&](Stage& stage) {
          CHECK(stage.slack_posts.size() == 2);
          const Json& status = stage.cluster.status("a");
          CHECK(status["phase"] == (with_console ? "PartiallySent" : "Failed"));
          CHECK(status["reason"] == (with_console ? "PartialDeliverySuccess" : "MaxRetriesExhausted"));
          CHECK(status["failedDeliveries"] == 1);
          CHECK(status.contains("completionTime"));
          CHECK(audited(stage).back() ==
                (with_console ? "notification.message.failed slack" : "notification.message.escalated "));
        });
  }
}

TEST_CASE("2026-08 step 12: a conflict is answered with a fresh read and the same decision, five times") {
  play_frozen(
      1s, notification({"console"}, {}, status_of("Sending")),
      [](Stage& stage) {
        stage.cluster.refusals = {409, 409};
        stage.cluster.before_status_write = [&stage] {
          Json other = notification({"console"}, {}, status_of("Sending"));
          other["status"]["queuedAt"] = "2025-11-28T00:00:00Z";
          stage.cluster.put("a", std::move(other));
        };
      },
      [](Stage& stage) {
        CHECK(stage.cluster.story() ==
              "2ms console takes it\n"
              "5ms put a Sent AllDeliveriesSucceeded, 1 attempts -> 409\n"
              "19ms put a Sent AllDeliveriesSucceeded, 1 attempts -> 409\n"
              "33ms put a Sent AllDeliveriesSucceeded, 1 attempts -> 200\n");
        CHECK(stage.cluster.status("a")["queuedAt"] == "2025-11-28T00:00:00Z");
        CHECK(stage.console.size() == 1);
      });
  play_frozen(
      70ms, notification({"console"}, {}, status_of("Sending")),
      [](Stage& stage) { stage.cluster.refusals.assign(5, 409); },
      [](Stage& stage) {
        std::size_t refused = 0;
        for (auto at = stage.cluster.story().find("409"); at != std::string::npos;
             at = stage.cluster.story().find("409", at + 1))
          ++refused;
        CHECK(refused == 5);
        bool said = false;
        for (const std::string& line : stage.logs)
          said |= line.find("failed to atomically update status") != std::string::npos;
        CHECK(said);
      });
}

TEST_CASE("2026-08 step 12: what the fresh read shows may forbid the transition") {
  play_frozen(
      20ms, notification({"console"}, {}, status_of("Sending")),
      [](Stage& stage) {
        stage.cluster.before_status_write = [&stage] {
          stage.cluster.put("a", notification({"console"}, {}, status_of("Failed")));
        };
      },
      [](Stage& stage) {
        CHECK(stage.cluster.status("a")["phase"] == "Failed");
        bool said = false;
        for (const std::string& line : stage.logs)
          said |= line.find("invalid phase transition from Failed to Sent") != std::string::npos;
        CHECK(said);
      });
}

TEST_CASE("2026-08 step 13: a success is remembered until a write of it has gone through, and no longer") {
  play_frozen(
      10s, notification({"console", "slack"}, kTwoTries, status_of("Sending")),
      [](Stage& stage) {
        stage.with_slack = true;
        stage.cluster.refusals = {500};
      },
      [](Stage& stage) {
        // The write that carries the attempts fails; the next run finds both channels in the success set.
        CHECK(stage.console.size() == 1);
        CHECK(stage.slack_posts.size() == 1);
        const Json& status = stage.cluster.status("a");
        CHECK(status["phase"] == "Failed");
        CHECK(status["totalAttempts"] == 0);
      });
  play(
      1s,
      [](Stage& stage) {
        stage.cluster.put("a", notification({"console"}, {}, status_of("Sending")));
        stage.kernel.call_at(stage.kernel.world(), stage.kernel.now() + 500ms, [&stage] {
          stage.cluster.put("a", notification({"console"}, {}, status_of("Sending")));  // the same UID
        });
      },
      [](Stage& stage) { CHECK(stage.console.size() == 2); });
}

TEST_CASE("2026-08: audit records reach the sink in batches, a second apart at most, and not after a kill") {
  for (const auto& [duration, records] : {std::pair<Duration, std::size_t>{990ms, 0}, {1010ms, 2}}) {
    play_frozen(duration, notification({"console"}, {}, status_of("Sending")), nullptr,
                [records = records](Stage& stage) {
                  CHECK(stage.console.size() == 1);
                  CHECK(stage.audit.size() == records);
                });
  }
}

TEST_CASE("2026-08: file and log are written whole, a failing console is not noticed") {
  play_frozen(
      1s, notification({"file", "log", "console"}, {}, status_of("Sending")),
      [](Stage& stage) {
        stage.with_slack = true;  // brings the disks
        stage.console_errors = {make_error_code(boost::system::errc::broken_pipe)};
      },
      [](Stage& stage) { CHECK(stage.cluster.status("a")["phase"] == "Sent"); });
}

TEST_CASE("2026-08: one worker unless the scenario names a number, then that many") {
  for (const auto& [workers, at_once] : {std::pair<std::uint64_t, std::size_t>{0, 1}, {5, 3}}) {
    CAPTURE(workers);
    play(
        5s,
        [workers = workers](Stage& stage) {
          stage.options.workers = workers;
          stage.with_slack = true;
          SlackVerdict slow;
          slow.before_answer = 1min;
          stage.slack_verdicts.assign(3, slow);
          for (const char* name : {"a", "b", "c"})
            stage.cluster.put(name, notification({"slack"}, {}, status_of("Sending")));
        },
        [at_once = at_once](Stage& stage) { CHECK(stage.slack_posts.size() == at_once); });
  }
}

TEST_CASE("2026-08: the lease is client-go's and is not given back; metrics are published") {
  std::function<std::string()> page;
  std::string shown;
  play(
      5s,
      [&](Stage& stage) {
        stage.options.leader_election = true;
        stage.cluster.put("a", notification({"console"}));
        stage.before_start = [&](SubjectEnvironment& environment) {
          environment.metrics_page = [&](std::function<std::string()> given) { page = std::move(given); };
        };
        stage.kernel.call_at(stage.kernel.world(), stage.kernel.now() + 4s, [&] { shown = page(); });
      },
      [&](Stage& stage) {
        CHECK(stage.console.size() == 1);
        bool found = false;
        for (const auto& [path, object] : stage.cluster.objects()) {
          if (!path.ends_with("/leases/notification.kubernaut.ai")) continue;
          found = true;
          CHECK(object["spec"]["holderIdentity"] == "replica-0_1");
        }
        CHECK(found);
        CHECK(shown.find("kubernaut_notification_reconciler_active{phase=\"Sent\"} 1") != std::string::npos);
      });
}

TEST_CASE("2026-08: an object that it cannot read is an error that is retried, not the end of the process") {
  play(
      1s,
      [](Stage& stage) {
        Json broken = notification({"console"}, {}, status_of("Sending"));
        broken["spec"]["channels"] = Json::array({7});
        stage.cluster.put("a", std::move(broken));
        stage.cluster.put("b", notification({"console"}));
      },
      [](Stage& stage) {
        std::size_t panics = 0;
        for (const std::string& line : stage.logs) panics += line.find("[recovered]") != std::string::npos;
        CHECK(panics > 1);
        CHECK(stage.cluster.status("b")["phase"] == "Sent");
      });
}

}  // namespace racebed::experiments::tests
