// The historical controller of 2026-08, claim by claim: steps 1 to 9 of notification.md D.2, up to the
// delivery.
#include <catch2/catch.hpp>

#include "tests/subjects/notification_2026_08_stage.hpp"

namespace racebed::experiments::tests {
namespace {

using namespace std::chrono_literals;
using namespace tests::august_2026;
using models::SlackVerdict;

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

}  // namespace racebed::experiments::tests
