// The historical controller of 2026-08, claim by claim: steps 10 to 13 of notification.md D.2, what becomes
// of a delivery, and the process around it.
#include <catch2/catch.hpp>

#include "tests/subjects/notification_2026_08_stage.hpp"

namespace racebed::experiments::tests {
namespace {

using namespace std::chrono_literals;
using namespace tests::august_2026;
using models::SlackVerdict;

}  // namespace

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

TEST_CASE("2026-08: a batch of audit records is tried three times, 1 s and 2 s apart, then dropped") {
  for (const auto& [failures, records] : {std::pair<int, std::size_t>{2, 2}, {3, 0}}) {
    CAPTURE(failures);
    std::vector<Duration> tries;
    play_frozen(
        10s, notification({"console"}, {}, status_of("Sending")),
        [&, failures = failures](Stage& stage) {
          stage.before_start = [&, failures](SubjectEnvironment& environment) {
            environment.audit = [&, failures](const std::vector<Json>& batch) {
              tries.push_back(stage.cluster.since_begin());
              if (tries.size() <= static_cast<std::size_t>(failures))
                return make_error_code(boost::system::errc::connection_refused);
              stage.audit.insert(stage.audit.end(), batch.begin(), batch.end());
              return ErrorCode();
            };
          };
        },
        [&, records = records](Stage& stage) {
          CHECK(stage.audit.size() == records);
          REQUIRE(tries.size() == 3);
          CHECK(tries[1] - tries[0] == 1s);
          CHECK(tries[2] - tries[1] == 2s);
        });
  }
}

TEST_CASE("2026-08: a full audit buffer drops records, and nothing but the log says so") {
  int calls = 0;
  play(
      10s,
      [&](Stage& stage) {
        stage.options.audit_buffer = 1;
        stage.cluster.put("a", notification({"console"}, {}, status_of("Sending")));
        stage.before_start = [&](SubjectEnvironment& environment) {
          environment.audit = [&](const std::vector<Json>& batch) {
            if (++calls < 3) return make_error_code(boost::system::errc::connection_refused);
            stage.audit.insert(stage.audit.end(), batch.begin(), batch.end());
            return ErrorCode();
          };
        };
        // While the writer waits between two tries, nobody empties the buffer.
        stage.kernel.call_at(stage.kernel.world(), stage.kernel.now() + 1500ms, [&stage] {
          stage.cluster.put("b", notification({"console"}, {}, status_of("Sending")));
        });
      },
      [](Stage& stage) {
        CHECK(stage.cluster.status("b")["phase"] == "Sent");
        CHECK(stage.audit.size() == 3);
        bool said = false;
        for (const std::string& line : stage.logs)
          said |= line.find("failed to buffer audit event") != std::string::npos;
        CHECK(said);
      });
}

TEST_CASE("2026-08 step 9: a record that cannot be made aborts the loop, and its attempts are lost") {
  play_frozen(
      200ms, notification({"console", "slack"}, kTwoTries, status_of("Sending")),
      [](Stage& stage) {
        stage.with_slack = true;
        stage.before_start = [](SubjectEnvironment& environment) {
          environment.audit_check = [](const Json& record) {
            return record.at("event") == "notification.message.sent"
                       ? make_error_code(boost::system::errc::invalid_argument)
                       : ErrorCode();
          };
        };
      },
      [](Stage& stage) {
        // The console has it; the loop ends there. Then the console counts as done, and Slack is next.
        CHECK(stage.console.size() == 1);
        CHECK(stage.slack_posts.size() == 1);
        CHECK(stage.cluster.status("a")["phase"] == "Failed");
        CHECK(stage.cluster.status("a").value("deliveryAttempts", Json::array()).empty());
      });
}

TEST_CASE(
    "2026-08: SIGTERM cancels a send under way; nothing of it is written, and the audit calls it failed") {
  std::function<void()> end;
  play(
      5s,
      [&](Stage& stage) {
        stage.with_slack = true;
        stage.is_terminated = true;
        SlackVerdict slow;
        slow.before_acceptance = 2s;
        stage.slack_verdicts.assign(1, slow);
        stage.cluster.put("a", notification({"slack"}, {}, status_of("Sending")));
        stage.before_start = [&](SubjectEnvironment& environment) {
          environment.on_terminate = [&](std::function<void()> given) {
            if (given) end = std::move(given);
          };
        };
        stage.kernel.call_at(stage.kernel.world(), stage.kernel.now() + 1s, [&] { end(); });
      },
      [](Stage& stage) {
        CHECK(stage.slack_posts.size() == 1);
        CHECK(stage.cluster.status("a")["phase"] == "Sending");
        CHECK(audited(stage) == std::vector<std::string>{"notification.message.failed slack"});
        CHECK(stage.audit.front().at("error").get<std::string>().ends_with("context canceled"));
      });
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

TEST_CASE("2026-08: the same run twice is the same to the last bit") {
  std::vector<sim::RunHash> hashes;
  for (int i = 0; i < 2; ++i) {
    play(
        10min,
        [](Stage& stage) {
          stage.options.leader_election = true;
          stage.options.workers = 5;
          stage.with_slack = true;
          stage.slack_verdicts.assign(7, refuse(503));
          for (const char* name : {"a", "b", "c", "d", "e"})
            stage.cluster.put(name, notification({"console", "slack", "file"}));
        },
        [&](Stage& stage) { hashes.push_back(stage.kernel.hash()); });
  }
  CHECK(hashes[0] == hashes[1]);
}

TEST_CASE("2026-08: what leaves is cleaned, what is kept is not") {
  play(
      1min,
      [](Stage& stage) {
        Json secret = notification({"console"});
        secret["spec"]["body"] = "password=Wint3r";
        stage.cluster.put("a", std::move(secret));
      },
      [](Stage& stage) {
        REQUIRE(stage.console.size() == 1);
        CHECK(stage.console[0].ends_with("password=[REDACTED]\n"));
        CHECK(stage.cluster.notification("a")["spec"]["body"] == "password=Wint3r");
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
