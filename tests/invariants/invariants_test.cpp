// Each invariant has a planted violation that trips it and a legal twin that does not.
#include <catch2/catch.hpp>

#include "tests/invariants/story.hpp"

using namespace racebed;
using racebed::tests::Story;
using namespace std::chrono_literals;

TEST_CASE("no-duplicate-delivery: the second delivery of one incarnation to one channel") {
  const char* const id = "no-duplicate-delivery";
  const auto twice = [](Story story) {
    return story.create("a", "1").at(1s).delivered("1", "slack").at(2s).delivered("1", "slack");
  };
  CHECK(twice(Story()).judge(id) == "violated");
  CHECK(Story()
            .create("a", "1", {"slack", "console"})
            .at(1s)
            .delivered("1", "slack")
            .delivered("1", "console")
            .judge(id) == "held");
  CHECK(Story()
            .create("a", "1")
            .at(1s)
            .delivered("1", "slack")
            .remove("1")
            .create("a", "2")
            .at(2s)
            .delivered("2", "slack")
            .judge(id) == "held");
  CHECK(Story().create("a", "1").judge(id) == "not reached");
}

TEST_CASE(
    "no-duplicate-delivery: at-least-once allows a second one after a crash or a lost answer, nothing else "
    "does") {
  const char* const id = "no-duplicate-delivery";
  for (const char* guarantee : {"at-least-once", "probe", "at-most-once", "none"}) {
    CAPTURE(guarantee);
    const bool may = std::string(guarantee) == "at-least-once";
    CHECK(Story(guarantee)
              .create("a", "1")
              .at(1s)
              .delivered("1", "slack")
              .killed("controller-0")
              .at(20s)
              .delivered("1", "slack", "controller-1")
              .judge(id) == (may ? "allowed" : "violated"));
    CHECK(Story(guarantee)
              .create("a", "1")
              .at(1s)
              .delivered("1", "slack")
              .answered(0)
              .at(20s)
              .delivered("1", "slack")
              .judge(id) == (may ? "allowed" : "violated"));
    // The dead leader's message arrives after its death.
    CHECK(Story(guarantee)
              .create("a", "1")
              .at(1s)
              .killed("controller-0")
              .at(1100ms)
              .delivered("1", "slack")
              .at(20s)
              .delivered("1", "slack", "controller-1")
              .judge(id) == (may ? "allowed" : "violated"));
    CHECK(Story(guarantee)
              .create("a", "1")
              .at(1s)
              .delivered("1", "slack")
              .at(2s)
              .delivered("1", "slack")
              .judge(id) == "violated");
    CHECK(Story(guarantee)
              .create("a", "1")
              .at(1s)
              .killed("controller-0")
              .at(5min)
              .delivered("1", "slack")
              .at(6min)
              .delivered("1", "slack")
              .judge(id) == "violated");
  }
}

TEST_CASE("no-lost-notification, status-truthful: a file that vanished is no delivery any more") {
  for (const char* const id : {"no-lost-notification", "status-truthful"}) {
    const auto written = [] {
      Story story = Story().create("a", "1", {"file"});
      story.fact({"controller-0", 1}, models::Delivered{"file", "t-1", "/f/1", "", 0, ""});
      return story;
    };
    const std::vector<tests::Attempt> success = {{"file", "success"}};
    CHECK(written().status("1", "Sent", success).judge(id) == "held");
    CHECK(written()
              .fact({"controller-0", 2}, models::Vanished{"file", "t-1", "/f/1"})
              .status("1", "Sent", success)
              .judge(id) == "violated");
    CHECK(written()
              .fact({"controller-0", 2}, models::Vanished{"file", "t-1", "/f/2"})
              .status("1", "Sent", success)
              .judge(id) == "held");
  }
}

TEST_CASE("no-lost-notification: what stays and nobody refused is delivered") {
  const char* const id = "no-lost-notification";
  CHECK(Story().create("a", "1").status("1", "Sent").judge(id) == "violated");
  CHECK(Story().create("a", "1").status("1", "Failed").judge(id) == "violated");
  CHECK(Story().create("a", "1").answered(503).status("1", "Failed").judge(id) == "held");
  // An answer lost after an acceptance refuses nobody.
  CHECK(Story().create("a", "1").answered(0).status("1", "Failed").judge(id) == "held");
  CHECK(Story().create("a", "1").answered(0, "m").status("1", "Failed").judge(id) == "violated");
  CHECK(Story().create("a", "1").answered(503).status("1", "Retrying").judge(id) == "violated");
  CHECK(Story().create("a", "1").delivered("1", "slack").judge(id) == "held");
  CHECK(
      Story().create("a", "1", {"slack", "console"}).delivered("1", "slack").status("1", "Sent").judge(id) ==
      "violated");
  CHECK(Story().create("a", "1", {"email"}).status("1", "Failed").judge(id) == "held");
  CHECK(Story().create("a", "1").remove("1").judge(id) == "not reached");
  CHECK(
      Story("at-most-once").create("a", "1").at(1s).killed("controller-0").status("1", "Failed").judge(id) ==
      "allowed");
  CHECK(Story("at-most-once").create("a", "1").status("1", "Failed").judge(id) == "violated");
  CHECK(Story("probe").create("a", "1").at(1s).killed("controller-0").status("1", "Failed").judge(id) ==
        "violated");
}

TEST_CASE("no-delivery-after-delete: a send that began before the deletion may arrive, a later one may not") {
  const char* const id = "no-delivery-after-delete";
  CHECK(Story()
            .create("a", "1")
            .at(1s)
            .reads("1")
            .at(2s)
            .remove("1")
            .at(3s)
            .delivered("1", "slack")
            .judge(id) == "held");
  CHECK(Story()
            .create("a", "1")
            .at(1s)
            .reads("1")
            .at(2s)
            .remove("1")
            .at(30s)
            .delivered("1", "slack")
            .judge(id) == "violated");
  CHECK(Story().create("a", "1").at(2s).remove("1").at(3s).delivered("1", "slack").judge(id) == "violated");
  // A look by another process, or at another incarnation, is no look.
  CHECK(Story()
            .create("a", "1")
            .at(1s)
            .reads("1", "controller-1")
            .at(2s)
            .remove("1")
            .at(3s)
            .delivered("1", "slack")
            .judge(id) == "violated");
  // A write of its own is as good as a read.
  CHECK(Story()
            .create("a", "1")
            .at(1s)
            .status("1", "Sending")
            .at(2s)
            .remove("1")
            .at(3s)
            .delivered("1", "slack")
            .judge(id) == "held");
  CHECK(Story().create("a", "1").at(1s).delivered("1", "slack").at(2s).remove("1").judge(id) ==
        "not reached");
}

TEST_CASE(
    "no-cross-incarnation-status: attempts from before the creation, successes that only the predecessor "
    "had") {
  const char* const id = "no-cross-incarnation-status";
  const auto next = [] {
    return Story().create("a", "1").at(5s).delivered("1", "slack").at(10s).remove("1").create("a", "2");
  };
  CHECK(next().at(11s).status("2", "Sent", {{"slack", "success", 10500ms}}).judge(id) == "violated");
  CHECK(next().at(11s).status("2", "Sending", {{"slack", "failed", 8s}}).judge(id) == "violated");
  CHECK(next().at(11s).status("2", "Sending", {{"slack", "failed", 11s}}).judge(id) == "held");
  CHECK(next().at(11s).delivered("2", "slack").status("2", "Sent", {{"slack", "success", 11s}}).judge(id) ==
        "held");
  // Times are whole seconds: an attempt of the creation's own second is no proof.
  CHECK(Story()
            .create("a", "1")
            .at(10s)
            .remove("1")
            .at(10900ms)
            .create("a", "2")
            .at(10950ms)
            .delivered("2", "slack")
            .status("2", "Sent", {{"slack", "success", 10950ms}})
            .judge(id) == "held");
  CHECK(Story().create("a", "1").at(1s).status("1", "Sent", {{"slack", "success", 1s}}).judge(id) ==
        "not reached");
}

TEST_CASE("status-truthful: no success without a delivery, no send without a record") {
  const char* const id = "status-truthful";
  CHECK(Story().create("a", "1").at(1s).status("1", "Sent", {{"slack", "success", 1s}}).judge(id) ==
        "violated");
  CHECK(Story()
            .create("a", "1")
            .at(1s)
            .delivered("1", "slack")
            .status("1", "Sent", {{"slack", "success", 1s}})
            .judge(id) == "held");
  CHECK(Story()
            .create("a", "1")
            .at(1s)
            .delivered("1", "slack")
            .delivered("1", "slack")
            .status("1", "Sent", {{"slack", "success", 1s}})
            .judge(id) == "violated");
  CHECK(Story()
            .create("a", "1")
            .at(1s)
            .delivered("1", "slack")
            .status("1", "Failed", {{"slack", "failed", 1s}})
            .judge(id) == "violated");
  CHECK(Story("at-least-once")
            .create("a", "1")
            .at(1s)
            .delivered("1", "slack")
            .killed("controller-0")
            .at(20s)
            .delivered("1", "slack")
            .status("1", "Sent", {{"slack", "success", 20s}})
            .judge(id) == "allowed");
  CHECK(Story("probe")
            .create("a", "1")
            .at(1s)
            .delivered("1", "slack")
            .killed("controller-0")
            .at(20s)
            .delivered("1", "slack")
            .status("1", "Sent", {{"slack", "success", 20s}})
            .judge(id) == "violated");
  CHECK(Story().create("a", "1").status("1", "Pending").judge(id) == "not reached");
}

TEST_CASE("legal-phase-transitions: the edges of the specification and no others") {
  const char* const id = "legal-phase-transitions";
  const auto path = [&](std::vector<const char*> phases) {
    Story story;
    story.create("a", "1");
    for (const char* phase : phases) story.status("1", phase);
    return story.judge(id);
  };
  CHECK(path({"Pending", "Sending", "Sent"}) == "held");
  CHECK(path({"Pending", "Sending", "Retrying", "Sent"}) == "held");
  CHECK(path({"Pending", "Sending", "Retrying", "Retrying", "PartiallySent"}) == "held");
  CHECK(path({"Pending", "Sending", "Failed"}) == "held");
  CHECK(path({"Sent"}) == "violated");
  CHECK(path({"Pending", "Sent"}) == "violated");
  CHECK(path({"Pending", "Sending", "Sent", "Sending"}) == "violated");
  CHECK(path({"Pending", "Sending", "Failed", "Sent"}) == "violated");
  CHECK(path({"Pending", "Sending", "PartiallySent", "Sent"}) == "violated");
  CHECK(path({}) == "not reached");
}

TEST_CASE("terminal-within: finished two minutes after its creation, if it lives that long") {
  const char* const id = "terminal-within";
  CHECK(Story().create("a", "1").at(119s).status("1", "Sent").judge(id) == "held");
  CHECK(Story().create("a", "1").at(121s).status("1", "Sent").judge(id) == "violated");
  CHECK(Story().create("a", "1").at(10s).status("1", "Retrying").judge(id) == "violated");
  CHECK(Story().create("a", "1").judge(id, 1min) == "not reached");
  CHECK(Story().create("a", "1").at(1min).remove("1").judge(id) == "not reached");
}

TEST_CASE("single-effective-leader: nobody acts once another has the lease") {
  const char* const id = "single-effective-leader";
  const auto two = [] {
    return Story().create("a", "1").lease("controller-0_1").at(20s).lease("controller-1_1");
  };
  CHECK(two().at(21s).delivered("1", "slack", "controller-0").judge(id) == "violated");
  CHECK(two().at(21s).status("1", "Sending", {}, "controller-0").judge(id) == "violated");
  CHECK(two().at(21s).delivered("1", "slack", "controller-1").judge(id) == "held");
  CHECK(Story().create("a", "1").lease("controller-0_1").at(1s).delivered("1", "slack").judge(id) == "held");
  // A lease that was given back is nobody else's yet.
  CHECK(Story()
            .create("a", "1")
            .lease("controller-0_1")
            .at(1s)
            .lease("")
            .at(2s)
            .delivered("1", "slack")
            .judge(id) == "held");
  // controller-1 is not controller-10.
  CHECK(Story()
            .create("a", "1")
            .lease("controller-10_1")
            .at(1s)
            .delivered("1", "slack", "controller-1")
            .judge(id) == "violated");
  CHECK(Story().create("a", "1").at(1s).delivered("1", "slack").judge(id) == "not reached");
}

TEST_CASE("failover-within: another holder 30 s after the leader's death") {
  const char* const id = "failover-within";
  const auto dead = [] { return Story().lease("controller-0_1").at(10s).killed("controller-0"); };
  CHECK(dead().at(40s).lease("controller-1_1").judge(id) == "held");
  CHECK(dead().at(41s).lease("controller-1_1").judge(id) == "violated");
  CHECK(dead().judge(id) == "violated");
  CHECK(dead().judge(id, 30s) == "held");  // too early to tell against it
  CHECK(Story().lease("controller-0_1").at(10s).killed("controller-1").judge(id) == "not reached");
}

TEST_CASE("no-orphans: what a user deleted is gone five seconds later") {
  const char* const id = "no-orphans";
  CHECK(Story().create("a", "1").at(1s).user_deleted("1").judge(id) == "violated");
  CHECK(Story().create("a", "1").at(1s).remove("1").user_deleted("1").judge(id) == "held");
  CHECK(Story().create("a", "1").at(1s).user_deleted("1").judge(id, 4s) == "held");
  CHECK(Story().create("a", "1").judge(id) == "not reached");
}

TEST_CASE("resources-return-to-baseline: tasks and sockets at the end are what they were before the work") {
  const char* const id = "resources-return-to-baseline";
  CHECK(Story().holds_at_end("controller-0", 5, 0).judge(id) == "held");
  CHECK(Story().holds_at_end("controller-0", 60, 0).judge(id) == "violated");
  CHECK(Story().holds_at_end("controller-0", 5, 1).judge(id) == "violated");
  CHECK(Story().holds_at_end("slack", 60, 9).judge(id) == "not reached");
  CHECK(Story().judge(id) == "not reached");
}
