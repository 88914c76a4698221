#include "sim/kernel.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <catch2/catch.hpp>

#include "runtime/event.hpp"
#include "runtime/task_group.hpp"
#include "sim/completion.hpp"
#include "tests/support/world.hpp"

using namespace racebed;
using namespace std::chrono_literals;

namespace {

/// A line for each thing that happened: "12ms a: text".
struct Story {
  explicit Story(sim::Kernel& k) : kernel(k), begin(k.now()) {}
  void operator()(std::string_view who, std::string_view what) {
    text += fmt::format("{}ms {}: {}\n",
                        std::chrono::duration_cast<std::chrono::milliseconds>(kernel.now() - begin).count(),
                        who, what);
  }
  sim::Kernel& kernel;
  Time begin;
  std::string text;
};

asio::awaitable<void> tick(Runtime& runtime, Story& story, std::string name, Duration period, int times) {
  for (int i = 0; i < times; ++i) {
    co_await runtime.clock.sleep_for(period);
    story(name, "tick");
  }
}

}  // namespace

TEST_CASE("time moves only when nothing is ready, from wait to wait") {
  const std::string text = tests::run_twice(1, [](sim::Kernel& kernel) {
    Story story(kernel);
    sim::Process& p = kernel.add_process({.name = "p"});
    p.start([&](Runtime& rt) -> asio::awaitable<void> {
      TaskGroup group(rt);
      group.spawn("a", tick(rt, story, "a", 10ms, 3));
      group.spawn("b", tick(rt, story, "b", 25ms, 1));
      co_await group.join();
      story("p", "done");
    });
    CHECK(kernel.run() == sim::StopReason::idle);
    CHECK(p.state() == sim::ProcessState::dead);
    return story.text;
  });
  CHECK(text == "10ms a: tick\n20ms a: tick\n25ms b: tick\n30ms a: tick\n30ms p: done\n");
}

TEST_CASE("which of several ready tasks runs next is a choice of the seed") {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    orders.insert(tests::run_twice(seed, [](sim::Kernel& kernel) {
      Story story(kernel);
      kernel.add_process({.name = "p"}).start([&](Runtime& rt) -> asio::awaitable<void> {
        TaskGroup group(rt);
        for (const char* name : {"a", "b", "c"}) group.spawn(name, tick(rt, story, name, 5ms, 1));
        co_await group.join();
      });
      kernel.run();
      return story.text;
    }));
  }
  CHECK(orders.size() == 6);
}

namespace {
struct SayAtEnd {
  std::string& text;
  ~SayAtEnd() { text += "freed "; }
};
asio::awaitable<void> hold(Runtime& rt, std::string& text) {
  SayAtEnd say{text};
  using namespace asio::experimental::awaitable_operators;
  Event never(rt.clock);
  co_await (never.wait() || rt.clock.sleep_for(1h));
  text += "RAN ";
}
}  // namespace

TEST_CASE("a killed process runs no further statement and leaves no frame behind") {
  for (const bool inside : {false, true}) {
    const std::string text = tests::run_twice(3, [inside](sim::Kernel& kernel) {
      std::string freed;
      sim::Process& victim = kernel.add_process({.name = "victim"});
      victim.start([&](Runtime& rt) -> asio::awaitable<void> {
        TaskGroup group(rt);
        group.spawn("one", hold(rt, freed));
        group.spawn("two", hold(rt, freed));
        co_await group.join();
        freed += "RAN ";
      });
      sim::Process& killer = kernel.add_process({.name = "killer"});
      killer.start([&](Runtime& rt) -> asio::awaitable<void> {
        co_await rt.clock.sleep_for(10ms);
        if (inside) victim.kill();
      });
      kernel.run(kernel.now() + 1s);
      if (!inside) victim.kill();
      CHECK(victim.accounts().tasks.now == 0);
      CHECK(victim.accounts().tasks.peak == 3);
      CHECK(kernel.run(kernel.now() + 2h) == sim::StopReason::idle);
      return freed;
    });
    CHECK(text == "freed freed ");
  }
}

TEST_CASE("a paused process freezes while the world goes on, and wakes late") {
  const std::string text = tests::run_twice(4, [](sim::Kernel& kernel) {
    Story story(kernel);
    sim::Process& zombie = kernel.add_process({.name = "zombie"});
    zombie.start([&](Runtime& rt) { return tick(rt, story, "zombie", 10ms, 3); });
    kernel.call_at(kernel.world(), kernel.now() + 15ms, [&] { zombie.pause(); });
    kernel.call_at(kernel.world(), kernel.now() + 50ms, [&] { zombie.resume(); });
    kernel.run();
    return story.text;
  });
  CHECK(text == "10ms zombie: tick\n50ms zombie: tick\n60ms zombie: tick\n");
}

TEST_CASE("a restarted process begins anew, as another incarnation") {
  const std::string text = tests::run_twice(5, [](sim::Kernel& kernel) {
    Story story(kernel);
    sim::Process& p = kernel.add_process({.name = "p"});
    p.start([&](Runtime& rt) { return tick(rt, story, fmt::format("p#{}", p.incarnation()), 10ms, 2); });
    kernel.call_at(kernel.world(), kernel.now() + 15ms, [&] {
      p.kill();
      p.restart(5ms);
    });
    kernel.run();
    return story.text;
  });
  CHECK(text == "10ms p#1: tick\n30ms p#2: tick\n40ms p#2: tick\n");
}

TEST_CASE("a clock with drift and offset shows its own time; its waits take as long as it thinks") {
  tests::run_twice(6, [](sim::Kernel& kernel) {
    const Time begin = kernel.now();
    sim::Process& fast =
        kernel.add_process({.name = "fast", .clock_offset = 1h, .clock_drift_ppb = 1'000'000'000});
    Time woke;
    Time wall;
    fast.start([&](Runtime& rt) -> asio::awaitable<void> {
      co_await rt.clock.sleep_for(10s);
      woke = kernel.now();
      wall = rt.clock.now();
    });
    kernel.run();
    CHECK(woke - begin == 5s);
    CHECK(wall - begin == 1h + 10s);
    return std::string();
  });
}

TEST_CASE("awaitable operators, cancellation and time-outs work as on Asio's own executors") {
  const std::string text = tests::run_twice(7, [](sim::Kernel& kernel) {
    Story story(kernel);
    kernel.add_process({.name = "p"}).start([&](Runtime& rt) -> asio::awaitable<void> {
      using namespace asio::experimental::awaitable_operators;
      Event event(rt.clock);
      const auto first = co_await (event.wait() || rt.clock.sleep_for(20ms));
      story("p", first.index() == 1 ? "timed out" : "notified");
      TaskGroup group(rt);
      group.spawn("waiter", hold(rt, story.text));
      co_await rt.clock.sleep_for(5ms);
      group.cancel();
      co_await group.join();
      story("p", "joined");
      co_await (rt.clock.sleep_for(10ms) && rt.clock.sleep_for(30ms));
      story("p", "both");
    });
    kernel.run();
    return story.text;
  });
  CHECK(text == "20ms p: timed out\nfreed 25ms p: joined\n55ms p: both\n");
}

TEST_CASE("an exception that leaves a task crashes its process and nothing else") {
  const std::string text = tests::run_twice(8, [](sim::Kernel& kernel) {
    Story story(kernel);
    sim::Process& p = kernel.add_process({.name = "p"});
    p.on_change([&](sim::Process&, sim::ProcessChange change, std::string_view detail) {
      story("p", fmt::format("{} {}", sim::to_text(change), detail));
    });
    p.start([&](Runtime& rt) -> asio::awaitable<void> {
      TaskGroup group(rt);
      group.spawn("bad", [](Runtime& r) -> asio::awaitable<void> {
        co_await r.clock.sleep_for(1ms);
        throw std::runtime_error("broken");
      }(rt));
      co_await group.join();
      story("p", "not reached");
    });
    kernel.run();
    return story.text;
  });
  CHECK(text == "0ms p: started \n1ms p: crashed broken\n");
}

TEST_CASE("memory is charged to the process whose code allocated it, until it is freed") {
  tests::run_twice(9, [](sim::Kernel& kernel) {
    sim::Process& p = kernel.add_process({.name = "p"});
    std::vector<char> kept;
    p.start([&](Runtime& rt) -> asio::awaitable<void> {
      kept.resize(1 << 20);
      co_await rt.clock.sleep_for(1s);
      std::vector<char>().swap(kept);
      co_await rt.clock.sleep_for(1s);
    });
    kernel.run(kernel.now() + 500ms);
    CHECK(p.accounts().bytes.now >= 1 << 20);
    kernel.run(kernel.now() + 1s);
    CHECK(p.accounts().bytes.now < 1 << 16);
    CHECK(p.accounts().bytes.peak >= 1 << 20);
    return std::string();
  });
}
