// The historical algorithm, claim by claim: every numbered step of notification.md D.1, and the two things
// that its users saw.
#include "experiments/subjects/notification_2025_11.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/subjects/fake_cluster.hpp"

namespace racebed::experiments::tests {
namespace {

using namespace std::chrono_literals;

const Json kTwoTries = {{"maxAttempts", 2}, {"initialBackoffSeconds", 30}};

ErrorCode broken_pipe() {
  return make_error_code(boost::system::errc::broken_pipe);
}

void play(Duration duration, const std::function<void(Stage&)>& arrange,
          const std::function<void(Stage&)>& check) {
  tests::play(notification_2025_11(), duration, arrange, check);
}

/// A replica that finds one notification, in a watch that tells nothing new, and no time to retry.
void play_once(Json object, const std::function<void(Stage&)>& check,
               std::deque<ErrorCode> console_errors = {}) {
  play(
      20s,
      [&](Stage& stage) {
        stage.cluster.put("a", std::move(object));
        stage.cluster.watch_frozen = true;
        stage.console_errors = std::move(console_errors);
      },
      check);
}

}  // namespace

TEST_CASE("a calm delivery: Pending, Sending, one attempt, Sent") {
  play(
      1min, [](Stage& stage) { stage.cluster.put("a", notification({"console"})); },
      [](Stage& stage) {
        CHECK(stage.console ==
              std::vector<std::string>{"[high] [simple] disk full [token:t-1]\non node 7\n"});
        const Json& status = stage.cluster.status("a");
        CHECK(status["phase"] == "Sent");
        CHECK(status["message"] == "Successfully delivered to 1 channel(s)");
        REQUIRE(status["deliveryAttempts"].size() == 1);
        CHECK(status["deliveryAttempts"][0]["attempt"] == 0);  // never set by the original
        CHECK(status["deliveryAttempts"][0]["timestamp"] == "2025-11-29T00:00:00Z");
        CHECK_FALSE(status.contains("observedGeneration"));
        CHECK(stage.audit.size() == 1);
      });
}

TEST_CASE("step 1: what the cache does not know is done, without a write") {
  play(
      10s,
      [](Stage& stage) {
        stage.cluster.put("a", notification({"console"}, {}, status_of("Sent")));
        stage.kernel.call_at(stage.kernel.world(), stage.kernel.now() + 1s,
                             [&stage] { stage.cluster.remove("a"); });
      },
      [](Stage& stage) { CHECK(stage.cluster.story() == ""); });
}

TEST_CASE("step 2: a new one becomes Pending with nothing counted, and comes again at once") {
  play(
      4ms, [](Stage& stage) { stage.cluster.put("a", notification({"console"})); },
      [](Stage& stage) {
        CHECK(stage.cluster.story() == "3ms put a Pending Initialized, 0 attempts -> 200\n");
        const Json& status = stage.cluster.status("a");
        CHECK(status["deliveryAttempts"] == Json::array());
        CHECK(status["successfulDeliveries"] == 0);
        CHECK(status["failedDeliveries"] == 0);
        CHECK(stage.console.empty());
      });
}

TEST_CASE("step 3: Sent and a Failed that is complete are final; PartiallySent never is") {
  Json complete = status_of("Failed");
  complete["completionTime"] = "2025-11-29T00:00:00Z";
  Json partial = status_of("PartiallySent");
  partial["completionTime"] = "2025-11-29T00:00:00Z";
  const std::vector<std::tuple<const char*, Json, std::size_t>> table = {
      {"Sent", status_of("Sent"), 0},
      {"Failed, complete", complete, 0},
      {"Failed, not complete", status_of("Failed"), 1},
      {"PartiallySent, complete", partial, 1},
      {"Sending", status_of("Sending"), 1}};
  for (const auto& [name, status, deliveries] : table) {
    CAPTURE(name);
    play_once(notification({"console"}, {}, status),
              [&](Stage& stage) { CHECK(stage.console.size() == deliveries); });
  }
}

TEST_CASE("step 4: Pending becomes Sending before anything is delivered") {
  play(
      10s, [](Stage& stage) { stage.cluster.put("a", notification({"console"}, {}, status_of("Pending"))); },
      [](Stage& stage) {
        CHECK(
            stage.cluster.story().starts_with("3ms put a Sending ProcessingDeliveries, 0 attempts -> 200\n"
                                              "4ms console takes it\n"));
      });
}

TEST_CASE("step 5: both second looks are at the cache, so what another replica has sent goes out again") {
  // The write of Sending commits at 3 ms and is answered at 4 ms; the other replica is done in between.
  for (const auto& [lag, sent] : {std::pair<Duration, std::size_t>{0ms, 0}, {50ms, 1}}) {
    CAPTURE(lag / 1ms);
    play(
        6ms,
        [&, lag = lag](Stage& stage) {
          stage.cluster.put("a", notification({"console"}, {}, status_of("Pending")));
          stage.cluster.watch_lag = lag;
          stage.kernel.call_at(stage.kernel.world(), stage.kernel.now() + 3500us, [&stage] {
            stage.cluster.put(
                "a", notification({"console"}, {}, status_of("Sent", {attempt("console", "success")})));
          });
        },
        [sent = sent](Stage& stage) { CHECK(stage.console.size() == sent); });
  }
}

TEST_CASE("step 6: which channels are tried") {
  struct Row {
    const char* name;
    std::vector<Json> attempts;
    std::vector<std::string> channels;
    std::size_t console_calls;
    std::size_t attempts_after;
  };
  const Json good = attempt("console", "success");
  const Json bad = attempt("console", "failed", "broken pipe");
  const Json for_good = attempt("console", "failed", "slack said: permanent failure: 404");
  const Json other = attempt("email", "failed", "permanent failure: unsupported channel: email");
  for (const Row& row : std::vector<Row>{
           {"never tried", {}, {"console"}, 1, 1},
           {"has succeeded", {good}, {"console"}, 0, 1},
           {"succeeded after a failure", {bad, good}, {"console"}, 0, 2},
           {"failed once of two", {bad}, {"console"}, 1, 2},
           {"failed as often as allowed", {bad, bad}, {"console"}, 0, 2},
           {"failed for good, by the text", {for_good}, {"console"}, 0, 1},
           {"another channel failed for good", {other}, {"email", "console"}, 1, 2},
           {"an unsupported channel is an attempt and a permanent failure", {}, {"email"}, 0, 1},
           {"a channel listed twice is delivered once", {}, {"console", "console"}, 1, 1},
       }) {
    CAPTURE(row.name);
    play_once(notification(row.channels, kTwoTries, status_of("Sending", row.attempts)), [&](Stage& stage) {
      CHECK(stage.console_calls.size() == row.console_calls);
      CHECK(stage.cluster.status("a")["deliveryAttempts"].size() == row.attempts_after);
    });
  }
}

TEST_CASE("step 6: the write after an attempt is tried once, and its failure is logged and forgotten") {
  play(
      10s,
      [](Stage& stage) {
        stage.cluster.put("a", notification({"console"}, {}, status_of("Sending")));
        stage.cluster.watch_frozen = true;
        stage.cluster.refusals = {409};
      },
      [](Stage& stage) {
        CHECK(stage.cluster.story() ==
              "2ms console takes it\n"
              "3ms put a Sending Before, 1 attempts -> 409\n"
              "5ms put a Sent AllDeliveriesSucceeded, 1 attempts -> 200\n");
        REQUIRE(stage.logs.size() == 1);
        CHECK(stage.logs[0].find("failed to update status") != std::string::npos);
      });
}

TEST_CASE("step 7: the decision") {
  struct Row {
    const char* name;
    std::vector<std::string> channels;
    std::int64_t max_attempts;
    bool console_fails;
    std::string phase, reason, message;
    bool complete;
  };
  for (const Row& row : std::vector<Row>{
           {"all",
            {"console"},
            3,
            false,
            "Sent",
            "AllDeliveriesSucceeded",
            "Successfully delivered to 1 channel(s)",
            true},
           {"some, tries left",
            {"console", "email"},
            3,
            false,
            "PartiallySent",
            "PartialDeliveryFailure",
            "1 of 2 deliveries succeeded (attempt 1/3)",
            false},
           {"some, no try left",
            {"console", "email"},
            1,
            false,
            "PartiallySent",
            "PartialDeliveryFailure",
            "1 of 2 deliveries succeeded (attempt 1/1)",
            true},
           {"none, tries left",
            {"console"},
            3,
            true,
            "Failed",
            "AllDeliveriesFailed",
            "All 1 deliveries failed (attempt 1/3)",
            false},
           {"none, no try left",
            {"console"},
            1,
            true,
            "Failed",
            "MaxRetriesExceeded",
            "All 1 deliveries failed (attempt 1/1)",
            true},
       }) {
    CAPTURE(row.name);
    const Json policy = {{"maxAttempts", row.max_attempts}, {"initialBackoffSeconds", 30}};
    play_once(
        notification(row.channels, policy, status_of("Sending")),
        [&](Stage& stage) {
          const Json& status = stage.cluster.status("a");
          CHECK(status["phase"] == row.phase);
          CHECK(status["reason"] == row.reason);
          CHECK(status["message"] == row.message);
          CHECK(status.contains("completionTime") == row.complete);
        },
        row.console_fails ? std::deque<ErrorCode>(9, broken_pipe()) : std::deque<ErrorCode>());
  }
}

TEST_CASE("step 7: without a wake-up the next try waits initial * multiplier^attempts, within 10 % and max") {
  struct Row {
    std::int64_t initial, multiplier, max;
    std::size_t failed_before;
    Duration least, most;
  };
  for (const Row& row : std::vector<Row>{
           {30, 2, 480, 0, 54s, 66s},
           {30, 2, 480, 1, 108s, 132s},
           {30, 2, 480, 3, 432s, 480s},
           {30, 1, 480, 2, 30s, 33s},
           {1, 10, 3600, 2, 900s, 1100s},
           {300, 2, 60, 0, 60s, 60s},  // an initial above the maximum is the maximum
       }) {
    CAPTURE(row.initial, row.multiplier, row.max, row.failed_before);
    const Json policy = {{"maxAttempts", 10},
                         {"initialBackoffSeconds", row.initial},
                         {"backoffMultiplier", row.multiplier},
                         {"maxBackoffSeconds", row.max}};
    const std::vector<Json> failures(row.failed_before, attempt("console", "failed", "broken pipe"));
    play(
        30min,
        [&](Stage& stage) {
          stage.cluster.put("a", notification({"console"}, policy, status_of("Failed", failures)));
          stage.cluster.watch_frozen = true;
          stage.console_errors = {broken_pipe()};
        },
        [&](Stage& stage) {
          REQUIRE(stage.console_calls.size() >= 2);
          const Duration waited = stage.console_calls[1] - stage.console_calls[0];
          CHECK(waited >= row.least);
          CHECK(waited <= row.most + 1s);  // and the writes in between
        });
  }
}

TEST_CASE("step 8: a conflict is answered with the cached latest and one's own status over it") {
  play(
      5ms,
      [](Stage& stage) {
        stage.cluster.put("a", notification({"console"}));
        stage.cluster.before_status_write = [&stage] {
          stage.cluster.put(
              "a", notification({"console"}, {}, status_of("Sent", {attempt("console", "success")})));
        };
      },
      [](Stage& stage) {
        // The other's attempt and phase are gone without a trace.
        CHECK(stage.cluster.story() ==
              "3ms put a Pending Initialized, 0 attempts -> 409\n"
              "5ms put a Pending Initialized, 0 attempts -> 200\n");
        CHECK(stage.cluster.status("a")["deliveryAttempts"] == Json::array());
      });
}

TEST_CASE(
    "step 8: after three conflicts in a row the reconcile fails and is tried again, 5 ms later at first") {
  play(
      16ms,
      [](Stage& stage) {
        stage.cluster.put("a", notification({"console"}));
        stage.cluster.refusals = {409, 409, 409, 409, 409, 409};
      },
      [](Stage& stage) {
        CHECK(stage.cluster.story() ==
              "3ms put a Pending Initialized, 0 attempts -> 409\n"
              "5ms put a Pending Initialized, 0 attempts -> 409\n"
              "7ms put a Pending Initialized, 0 attempts -> 409\n"
              "14ms put a Pending Initialized, 0 attempts -> 409\n"
              "16ms put a Pending Initialized, 0 attempts -> 409\n");
        bool said = false;
        for (const std::string& line : stage.logs)
          said |= line.find("failed to update status after 3 retries") != std::string::npos;
        CHECK(said);
      });
}

TEST_CASE("step 8: an error other than a conflict is not tried again by the helper") {
  play(
      5ms,
      [](Stage& stage) {
        stage.cluster.put("a", notification({"console"}));
        stage.cluster.refusals = {500};
      },
      [](Stage& stage) {
        CHECK(stage.cluster.story() == "3ms put a Pending Initialized, 0 attempts -> 500\n");
      });
}

TEST_CASE("an object that it cannot read is an error that is retried, not the end of the process") {
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

TEST_CASE("what users saw: five attempts within 150 ms where the policy says 90 s") {
  play(
      10min,
      [](Stage& stage) {
        const Json policy = {{"maxAttempts", 5}, {"initialBackoffSeconds", 30}};
        stage.cluster.put("a", notification({"console"}, policy));
        stage.console_errors.assign(100, broken_pipe());
      },
      [](Stage& stage) {
        // Each status write of its own comes back as a watch event and wakes it.
        REQUIRE(stage.console_calls.size() == 5);
        CHECK(stage.console_calls.back() - stage.console_calls.front() < 150ms);
        CHECK(stage.cluster.status("a")["phase"] == "Failed");
        CHECK(stage.cluster.status("a")["reason"] == "MaxRetriesExceeded");
        CHECK(stage.cluster.status("a").contains("completionTime"));
      });
}

TEST_CASE("what users saw: a message goes out twice while the status shows one attempt") {
  play(
      1min,
      [](Stage& stage) {
        stage.cluster.put("a", notification({"console"}));
        stage.cluster.watch_lag = 20ms;
      },
      [](Stage& stage) {
        CHECK(stage.console.size() > 1);
        const Json& status = stage.cluster.status("a");
        CHECK(status["phase"] == "Sent");
        CHECK(status["totalAttempts"] == 1);
        CHECK(status["deliveryAttempts"].size() == 1);
      });
}

TEST_CASE("what users saw: the status of one incarnation is written onto the next") {
  play(
      40ms,
      [](Stage& stage) {
        stage.cluster.put("a", notification({"console"}, {}, status_of("Sending")));
        stage.cluster.refusals = {409};  // the attempt's record
        stage.cluster.before_status_write = [&stage] {
          stage.cluster.remove("a");
          stage.cluster.put("a", notification({"console"}));
        };
      },
      [](Stage& stage) {
        // The second incarnation was never sent and says that it was.
        CHECK(stage.console.size() == 1);
        CHECK(stage.cluster.notification("a")["metadata"]["uid"] == "uid-2");
        CHECK(stage.cluster.status("a")["phase"] == "Sent");
      });
}

TEST_CASE("leader election is client-go's, off by default in the original, and the lease is not given back") {
  play(
      5s,
      [](Stage& stage) {
        stage.options.leader_election = true;
        stage.cluster.put("a", notification({"console"}));
      },
      [](Stage& stage) {
        CHECK(stage.console.size() == 1);
        bool found = false;
        for (const auto& [path, object] : stage.cluster.objects()) {
          if (!path.ends_with("/leases/notification.kubernaut.ai")) continue;
          found = true;
          CHECK(object["spec"]["holderIdentity"] == "replica-0_1");
          CHECK(object["spec"]["leaseDurationSeconds"] == 15);
        }
        CHECK(found);
      });
  play(
      5s, [](Stage& stage) { stage.cluster.put("a", notification({"console"})); },
      [](Stage& stage) { CHECK(stage.cluster.objects().size() == 1); });
}

TEST_CASE("subjects are found by name") {
  CHECK(find_subject("notification-2025-11") == &notification_2025_11());
  CHECK(find_subject("no-such-subject") == nullptr);
  for (const Subject* subject : subjects()) {
    CHECK(find_subject(subject->name()) == subject);
    CHECK_FALSE(subject->description().empty());
  }
}

}  // namespace racebed::experiments::tests
