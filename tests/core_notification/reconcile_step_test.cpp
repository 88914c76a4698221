#include <catch2/catch.hpp>

#include "tests/core_notification/step_world.hpp"

namespace racebed::notification::tests {
namespace {

constexpr int kStepsMax = 300;

/// Runs until nothing is left to do, failing in the `at`-th and the `second_at`-th action that is not a wait.
/// Returns how many such actions there were.
int play(StepWorld& world, int at, Failure failure, int second_at = -1,
         Failure second = Failure::crash_after) {
  auto process = std::make_unique<StepProcess>(world);
  int actions = 0;
  for (int step = 0; step < kStepsMax; ++step) {
    const Action action = process->next();
    if (action.kind == Action::Kind::nothing) return actions;
    if (action.kind == Action::Kind::wait) {
      process->perform(action, nullptr);
      continue;
    }
    const bool fails = actions == at || actions == second_at;
    const Failure how = actions == at ? failure : second;
    ++actions;
    if (fails && how == Failure::crash_before) {
      process = std::make_unique<StepProcess>(world);
      continue;
    }
    const bool spoilt = fails && (how == Failure::lost_answer || how == Failure::refused);
    process->perform(action, spoilt ? &how : nullptr);
    world.elapsed += 10ms;
    if (fails && how == Failure::crash_after) process = std::make_unique<StepProcess>(world);
    if (fails && how == Failure::zombie) {
      StepProcess other(world);
      const Action of_other = other.next();
      if (of_other.kind == Action::Kind::write) other.perform(of_other, nullptr);
    }
  }
  FAIL("the notification never ends");
  return actions;
}

void check_story(const StepWorld& world) {
  Phase before = Phase::none;
  for (const Phase phase : world.phases) {
    CHECK(is_legal(before, phase));
    before = phase;
  }
  CHECK(is_terminal(world.status().phase));
  for (const ChannelStatus& channel : world.status().channels) {
    const auto accepted = world.accepted.find(channel.channel);
    if (channel.state == ChannelState::delivered)
      CHECK((accepted != world.accepted.end() && accepted->second > 0));
  }
  for (const Attempt& attempt : world.status().attempts) CHECK(attempt.status != AttemptStatus::pending);
}

bool no_answer_or_crash(Failure failure) {
  return failure == Failure::refused || failure == Failure::zombie;
}

constexpr Failure kFailures[] = {Failure::crash_before, Failure::crash_after, Failure::lost_answer,
                                 Failure::refused, Failure::zombie};

}  // namespace

TEST_CASE("a calm notification: Pending, Sending, Sent, one send, and no write more than needed") {
  for (const auto guarantee : {Guarantee::at_least_once, Guarantee::at_most_once, Guarantee::probe}) {
    StepWorld world;
    world.guarantee = guarantee;
    const int actions = play(world, -1, Failure::refused);
    CHECK(actions == 4);  // Pending, Sending (with the intent), send, Sent
    CHECK(world.accepted["slack"] == 1);
    CHECK(world.phases == std::vector<Phase>{Phase::pending, Phase::sending, Phase::sent});
    const Status status = world.status();
    REQUIRE(status.attempts.size() == 1);
    CHECK(status.attempts[0].number == 1);
    CHECK(status.attempts[0].status == AttemptStatus::success);
    CHECK(status.successful_deliveries() == 1);
    CHECK(status.failed_deliveries() == 0);
    CHECK_FALSE(status.queued_at.empty());
    CHECK_FALSE(status.processing_started_at.empty());
    CHECK_FALSE(status.completion_time.empty());
    CHECK(status.observed_generation == 1);
  }
}

TEST_CASE("probe neither loses nor duplicates, whichever step fails, and the next one too") {
  for (const Failure first : kFailures) {
    for (const Failure second : kFailures) {
      for (int at = 0; at < 12; ++at) {
        for (int then = at + 1; then < at + 8; ++then) {
          StepWorld world;
          INFO("first failure " << static_cast<int>(first) << " at " << at << ", second "
                                << static_cast<int>(second) << " at " << then);
          play(world, at, first, then, second);
          check_story(world);
          CHECK(world.accepted["slack"] == 1);
          CHECK(world.status().phase == Phase::sent);
        }
      }
    }
  }
}

TEST_CASE("at-least-once never loses, and sends twice only where a crash or a lost answer came between") {
  for (const Failure failure : kFailures) {
    for (int at = 0; at < 12; ++at) {
      StepWorld world;
      world.guarantee = Guarantee::at_least_once;
      INFO("failure " << static_cast<int>(failure) << " at " << at);
      play(world, at, failure);
      check_story(world);
      CHECK(world.accepted["slack"] >= 1);
      CHECK(world.accepted["slack"] <= (no_answer_or_crash(failure) ? 1 : 2));
      CHECK(world.status().phase == Phase::sent);
    }
  }
}

TEST_CASE("at-most-once never sends twice, and loses only where a crash or a lost answer came between") {
  for (const Failure failure : kFailures) {
    for (int at = 0; at < 12; ++at) {
      StepWorld world;
      world.guarantee = Guarantee::at_most_once;
      INFO("failure " << static_cast<int>(failure) << " at " << at);
      play(world, at, failure);
      check_story(world);
      CHECK(world.accepted["slack"] <= 1);
      // The second process dies after its decision: with an intent of its own recorded, that is a crash.
      if (failure == Failure::refused) CHECK(world.accepted["slack"] == 1);
    }
  }
}

TEST_CASE("two channels: each gets the message once under probe, whichever step fails") {
  for (const Failure failure : kFailures) {
    for (int at = 0; at < 16; ++at) {
      StepWorld world;
      world.object["spec"]["channels"] = {"slack", "file", "slack"};  // listed twice counts once
      INFO("failure " << static_cast<int>(failure) << " at " << at);
      play(world, at, failure);
      check_story(world);
      CHECK(world.accepted["slack"] == 1);
      CHECK(world.accepted["file"] == 1);
      CHECK(world.status().channels.size() == 2);
    }
  }
}

TEST_CASE("budget: a channel that always refuses is tried maxAttempts times, then the verdict follows") {
  StepWorld world;
  StepProcess process(world);
  const Failure refused = Failure::refused;
  Time last{};
  int sends = 0;
  for (int step = 0; step < 60; ++step) {
    const Action action = process.next();
    if (action.kind == Action::Kind::nothing) break;
    if (action.kind == Action::Kind::send) {
      if (sends > 0) CHECK(world.wall() - last >= 1s * (1 << (sends - 1)));  // the backoff, never shortened
      ++sends;
      last = world.wall();
    }
    process.perform(action, action.kind == Action::Kind::send ? &refused : nullptr);
  }
  CHECK(sends == 3);
  CHECK(world.accepted["slack"] == 0);
  CHECK(world.status().phase == Phase::failed);
  CHECK(world.status().reason == "MaxRetriesExhausted");
  CHECK(world.phases == std::vector<Phase>{Phase::pending, Phase::sending, Phase::retrying, Phase::failed});
}

TEST_CASE("a clock that is set back makes nobody wait for longer than was planned") {
  StepWorld world;
  world.object["spec"]["retryPolicy"]["initialBackoffSeconds"] = 30;
  StepProcess process(world);
  const Failure refused = Failure::refused;
  Action action = process.next();
  while (action.kind != Action::Kind::wait) {
    process.perform(action, action.kind == Action::Kind::send ? &refused : nullptr);
    action = process.next();
  }
  CHECK(action.delay >= 30s);
  CHECK(action.delay <= 34s);
  world.set_back = 1h;
  world.elapsed += 10s;
  action = process.next();
  REQUIRE(action.kind == Action::Kind::wait);
  CHECK(action.delay >= 20s);
  CHECK(action.delay <= 24s);
  // One that comes new waits as long as was planned, from when it came.
  StepProcess successor(world);
  action = successor.next();
  REQUIRE(action.kind == Action::Kind::wait);
  CHECK(action.delay >= 30s);
  CHECK(action.delay <= 34s);
  world.elapsed += 35s;
  CHECK(successor.next().kind != Action::Kind::wait);
}

TEST_CASE("an unsupported channel fails at once, with a record that says so") {
  const kube::Object fresh = StepWorld{}.stored();
  const Memory none;
  const std::map<std::string, ChannelView> no_channels;
  Json sending = fresh.json();
  sending["status"] = {{"phase", "Sending"}};
  const kube::Object object = kube::Object::make(sending);
  const DeliveryConfig config;
  const StepInput input{.object = object,
                        .memory = none,
                        .config = config,
                        .channels = no_channels,
                        .mark = "m",
                        .wall = Time{std::chrono::seconds{1764374400}},
                        .now = Instant{}};
  const Action action = decide(input);
  REQUIRE(action.kind == Action::Kind::write);
  CHECK(action.status.phase == Phase::failed);
  CHECK(action.status.reason == "AllDeliveriesFailed");
  REQUIRE(action.status.attempts.size() == 1);
  CHECK(action.status.attempts[0].status == AttemptStatus::invalid);
}

TEST_CASE("beside other controllers every send has an intent, whatever its guarantee asks for") {
  for (const bool alone : {true, false}) {
    CAPTURE(alone);
    StepWorld world;
    world.guarantee = Guarantee::at_least_once;
    world.object["status"] = {{"phase", "Sending"}, {"observedGeneration", 1}};
    const auto views = world.views();
    const kube::Object object = kube::Object::make(Json(world.object));
    Memory memory;
    memory.observe(read_status(object), world.now());
    const StepInput input{.object = object,
                          .memory = memory,
                          .config = world.config,
                          .channels = views,
                          .mark = "m",
                          .wall = world.wall(),
                          .now = world.now(),
                          .alone = alone};
    const Action action = decide(input);
    CHECK(action.kind == Action::Kind::write);
    const bool has_intent = action.status.find_pending("slack") != nullptr;
    CHECK(has_intent == !alone);
  }
}

TEST_CASE("what must keep a send from starting does") {
  StepWorld world;
  world.guarantee = Guarantee::at_least_once;
  world.object["status"] = {{"phase", "Sending"}, {"observedGeneration", 1}};
  StepProcess process(world);
  process.perform(process.next(), nullptr);  // fills in status.channels, if anything
  const auto decide_with = [&](auto change) {
    Json json = world.object;
    auto views = world.views();
    bool may_send = true;
    change(json, views["slack"], may_send);
    const kube::Object object = kube::Object::make(json);
    Memory memory;
    memory.observe(read_status(object), world.now());
    const StepInput input{.object = object,
                          .memory = memory,
                          .config = world.config,
                          .channels = views,
                          .mark = "m",
                          .wall = world.wall(),
                          .now = world.now(),
                          .may_send = may_send};
    return decide(input).kind;
  };
  using Kind = Action::Kind;
  CHECK(decide_with([](Json&, ChannelView&, bool&) {}) == Kind::send);
  CHECK(decide_with([](Json&, ChannelView&, bool& may_send) { may_send = false; }) == Kind::wait);
  CHECK(decide_with([](Json&, ChannelView& v, bool&) { v.admitted = false; }) == Kind::wait);
  CHECK(decide_with([](Json& o, ChannelView&, bool&) {
          o["metadata"]["deletionTimestamp"] = "2025-11-29T00:00:00Z";
        }) == Kind::nothing);
  CHECK(decide_with([](Json& o, ChannelView&, bool&) { o["status"]["phase"] = "Sent"; }) == Kind::nothing);
  CHECK(decide_with([](Json& o, ChannelView&, bool&) {
          o["status"]["channels"][0]["nextAttemptTime"] = "2025-11-29T00:01:00Z";
        }) == Kind::wait);
}

TEST_CASE("a breaker that opens after the intent was recorded holds the send back, and costs no budget") {
  StepWorld world;
  world.object["status"] = {
      {"phase", "Sending"},
      {"deliveryAttempts",
       {{{"channel", "slack"},
         {"attempt", 1},
         {"status", "pending"},
         {"error", "m"},
         {"timestamp", "2025-11-29T00:00:00Z"}}}},
      {"channels", {{{"channel", "slack"}, {"state", "pending"}, {"attempts", 0}, {"breaker", "open"}}}},
      {"observedGeneration", 1}};
  const auto decide_after = [&](Duration elapsed, bool admitted) {
    const kube::Object object = world.stored();
    Memory memory;
    memory.observe(read_status(object), world.now());
    memory.channels["slack"].intent = {1, world.now()};
    auto views = world.views();
    views["slack"].admitted = admitted;
    views["slack"].breaker = admitted ? "closed" : "open";
    views["slack"].retry_in = 30s;
    const StepInput input{.object = object,
                          .memory = memory,
                          .config = world.config,
                          .channels = views,
                          .mark = "m",
                          .wall = world.wall() + elapsed,
                          .now = world.now() + elapsed};
    return decide(input);
  };
  CHECK(decide_after(1s, true).kind == Action::Kind::send);
  const Action held = decide_after(1s, false);
  CHECK(held.kind == Action::Kind::wait);
  CHECK(held.delay <= world.config.intent_fresh);
  const Action stale = decide_after(7s, false);
  REQUIRE(stale.kind == Action::Kind::write);
  REQUIRE(stale.status.attempts.size() == 1);
  CHECK(stale.status.attempts[0].status == AttemptStatus::failed);
  CHECK(stale.status.channels[0].attempts == 0);
  CHECK(stale.status.channels[0].state == ChannelState::waiting);
}

TEST_CASE("an open breaker costs no budget, and waits no longer than the deadline") {
  StepWorld world;
  world.guarantee = Guarantee::at_least_once;
  world.object["status"] = {{"phase", "Sending"}};
  world.elapsed = 25h;
  const kube::Object object = world.stored();
  Memory memory;
  auto views = world.views();
  views["slack"].admitted = false;
  views["slack"].breaker = "open";
  const StepInput input{.object = object,
                        .memory = memory,
                        .config = world.config,
                        .channels = views,
                        .mark = "m",
                        .wall = world.wall(),
                        .now = world.now()};
  const Action action = decide(input);
  REQUIRE(action.kind == Action::Kind::write);
  CHECK(action.status.phase == Phase::failed);
  CHECK(action.status.attempts.empty());
}

}  // namespace racebed::notification::tests
