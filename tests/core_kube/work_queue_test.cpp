// The queue in virtual time: delays, workers, shutdown.
#include "core/kube/work_queue.hpp"

#include <catch2/catch.hpp>

#include "tests/core_kube/scripted_server.hpp"

namespace racebed::kube::tests {
namespace {

using namespace std::chrono_literals;

ObjectKey key(std::string name) {
  return {"ns", std::move(name)};
}

asio::awaitable<void> worker(Runtime& runtime, Story& story, WorkQueue& queue, Duration takes) {
  for (;;) {
    const std::optional<ObjectKey> taken = co_await queue.get();
    if (!taken) break;
    story("begin " + taken->name);
    co_await runtime.clock.sleep_for(takes);
    story("end " + taken->name);
    queue.done(*taken);
  }
  story("worker ends");
}

asio::awaitable<void> delays(Runtime& runtime, Story& story) {
  WorkQueue queue(runtime);
  TaskGroup workers(runtime);
  workers.spawn("worker", worker(runtime, story, queue, 0ms));
  queue.add_after(key("late"), 10s);
  queue.add_after(key("early"), 5s);
  queue.add_after(key("late"), 7s);    // earlier: this one counts
  queue.add_after(key("early"), 20s);  // later: does not
  queue.add(key("late"));              // does not cancel the one that waits
  queue.add_after(key("now"), 0s);
  queue.add_rate_limited(key("again"));
  queue.add_rate_limited(key("again"));
  CHECK(queue.num_requeues(key("again")) == 2);
  co_await runtime.clock.sleep_for(8s);
  queue.add_after(key("lost"), 1s);
  queue.shut_down();
  co_await workers.join();
  co_await queue.stop();
}

asio::awaitable<void> once_more(Runtime& runtime, Story& story) {
  WorkQueue queue(runtime);
  TaskGroup workers(runtime);
  for (int i = 0; i < 2; ++i) workers.spawn("worker", worker(runtime, story, queue, 2s));
  queue.add(key("a"));
  co_await runtime.clock.sleep_for(1s);
  queue.add(key("a"));
  queue.add(key("a"));
  queue.add(key("b"));
  co_await runtime.clock.sleep_for(3s);
  queue.add(key("c"));
  co_await runtime.clock.sleep_for(1ms);
  story("shut down");
  co_await queue.shut_down_with_drain();
  story("drained");
  co_await workers.join();
  co_await queue.stop();
}

}  // namespace

TEST_CASE("a delayed key comes at the earliest of its times, once, and not after shutdown") {
  CHECK(tell(1min, delays) ==
        "0ms begin late\n0ms end late\n"
        "0ms begin now\n0ms end now\n"
        "5ms begin again\n5ms end again\n"
        "5000ms begin early\n5000ms end early\n"
        "7000ms begin late\n7000ms end late\n"
        "8000ms worker ends\n");
}

TEST_CASE("two workers never hold one key; adds meanwhile run it once more; a drain waits for what runs") {
  CHECK(tell(1min, once_more) ==
        "0ms begin a\n"
        "1000ms begin b\n"
        "2000ms end a\n"
        "2000ms begin a\n"
        "3000ms end b\n"
        "4000ms end a\n"
        "4000ms begin c\n"
        "4001ms shut down\n"
        "4001ms worker ends\n"
        "6000ms end c\n"
        "6000ms worker ends\n"
        "6000ms drained\n");
}

}  // namespace racebed::kube::tests
