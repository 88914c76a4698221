// The contract of runtime/, one table, run in the simulation and on the operating system: what holds in one
// world must hold in the other, or the core would meet a stranger outside.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <filesystem>

#include "live/process.hpp"
#include "runtime/event.hpp"
#include "runtime/task_group.hpp"
#include "sim/fabric.hpp"
#include "tests/support/world.hpp"

using namespace racebed;
using namespace std::chrono_literals;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
using Body = asio::awaitable<std::string> (*)(Runtime&);

std::string in_simulation(Body body) {
  return tests::run_twice(7, [body](sim::Kernel& kernel) {
    sim::CalmLinks calm(kernel.choices(), {});
    sim::SimFabric fabric(kernel, calm);
    kernel.set_fabric(&fabric);
    std::string story = "did not end";
    sim::Process& process = kernel.add_process({.name = "here"});
    process.start([&](Runtime& rt) -> asio::awaitable<void> { story = co_await body(rt); });
    kernel.run(kernel.now() + 1h);
    return story;
  });
}

std::string in_reality(Body body) {
  const auto root = std::filesystem::temp_directory_path() / ("racebed-live-" + std::to_string(::getpid()));
  live::Loop loop;
  live::Process process(
      loop, {.name = "here", .network = {.hosts = {{"here", "127.0.0.1"}}}, .files_root = root.string()});
  std::string story = "did not end";
  process.start([&](Runtime& rt) -> asio::awaitable<void> { story = co_await body(rt); },
                [&](std::exception_ptr failure) {
                  if (failure) story = "failed";
                  loop.stop();
                });
  loop.run();
  std::filesystem::remove_all(root);
  return story;
}

/// Both ends of a connection of this process with itself.
struct Pair {
  AnyStream near;
  AnyStream far;
};

asio::awaitable<void> accept_one(Listener& listener, AnyStream& into) {
  auto accepted = co_await listener.accept();
  if (accepted) into = std::move(*accepted);
}

asio::awaitable<Pair> connected(Runtime& rt) {
  auto listener = rt.network.listen(0);
  auto addresses = co_await rt.network.resolve("here");
  Pair pair;
  TaskGroup group(rt);
  group.spawn("accept", accept_one(**listener, pair.far));
  auto stream = co_await rt.network.connect(addresses->front(), (*listener)->port());
  co_await group.join();
  pair.near = std::move(*stream);
  co_return std::move(pair);
}

asio::awaitable<std::string> read_until_error(AnyStream& stream) {
  std::string all;
  std::array<char, 4096> buffer{};
  for (;;) {
    auto [error, bytes] = co_await stream.async_read_some(asio::buffer(buffer), kTuple);
    all.append(buffer.data(), bytes);
    if (error) co_return all + "|" + error.message();
  }
}

asio::awaitable<std::string> graceful_close(Runtime& rt) {
  Pair pair = co_await connected(rt);
  const std::string text = "the last words";
  co_await asio::async_write(pair.near, asio::buffer(text), kTuple);
  pair.near.close();
  std::string story = co_await read_until_error(pair.far);
  co_return story;
}

asio::awaitable<std::string> answer_before_the_question_ended(Runtime& rt) {
  Pair pair = co_await connected(rt);
  const std::string question(100'000, 'q');
  co_await pair.near.async_write_some(asio::buffer(question), kTuple);
  const std::string text = "enough";
  co_await asio::async_write(pair.far, asio::buffer(text), kTuple);
  pair.far.close();
  std::string story = co_await read_until_error(pair.near);
  co_return story;
}

asio::awaitable<std::string> abort(Runtime& rt) {
  Pair pair = co_await connected(rt);
  pair.near.close(CloseKind::abort);
  std::string story = co_await read_until_error(pair.far);
  co_return story;
}

asio::awaitable<std::string> destruction(Runtime& rt) {
  Pair pair = co_await connected(rt);
  pair.near = AnyStream();
  std::string story = co_await read_until_error(pair.far);
  co_return story;
}

asio::awaitable<std::string> read_of_nothing(Runtime& rt) {
  Pair pair = co_await connected(rt);
  auto [error, bytes] = co_await pair.near.async_read_some(asio::mutable_buffer(), kTuple);
  co_return error.message() + " " + std::to_string(bytes);
}

asio::awaitable<std::string> read_after_close(Runtime& rt) {
  Pair pair = co_await connected(rt);
  pair.near.close();
  std::string story = co_await read_until_error(pair.near);
  co_return story;
}

asio::awaitable<std::string> refused(Runtime& rt) {
  std::uint16_t port = 0;
  {
    auto listener = rt.network.listen(0);
    port = (*listener)->port();
  }
  auto addresses = co_await rt.network.resolve("here");
  auto stream = co_await rt.network.connect(addresses->front(), port);
  co_return stream ? "connected" : stream.error().message();
}

asio::awaitable<std::string> time_out(Runtime& rt) {
  using namespace asio::experimental::awaitable_operators;
  Pair pair = co_await connected(rt);
  auto outcome = co_await (read_until_error(pair.near) || rt.clock.sleep_for(5ms));
  co_return outcome.index() == 1 ? "timed out" : "read";
}

asio::awaitable<std::string> big_transfer(Runtime& rt) {
  Pair pair = co_await connected(rt);
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += static_cast<char>('a' + i % 26);
  TaskGroup group(rt);
  group.spawn("write", [](AnyStream& stream, const std::string& all) -> asio::awaitable<void> {
    co_await asio::async_write(stream, asio::buffer(all), kTuple);
    stream.close();
  }(pair.near, text));
  const std::string got = co_await read_until_error(pair.far);
  co_await group.join();
  co_return got == text + "|End of file" ? "equal" : "different";
}

asio::awaitable<void> note(Event& event, std::string& story, std::string name) {
  co_await event.wait();
  story += name;
}

asio::awaitable<std::string> events(Runtime& rt) {
  Event event(rt.clock);
  std::string story;
  TaskGroup group(rt);
  for (const char* name : {"a", "b", "c"}) {
    group.spawn("waiter", note(event, story, name));
    co_await rt.clock.sleep_for(1ms);
  }
  for (int i = 0; i < 2; ++i) {
    event.notify_one();
    co_await rt.clock.sleep_for(1ms);
  }
  group.cancel();
  co_await group.join();
  co_return story + std::to_string(event.waiting());
}

asio::awaitable<std::string> files(Runtime& rt) {
  Files& files = rt.files;
  std::string story;
  co_await files.write("/var/x/one", "1");
  co_await files.append("/var/x/one", "2");
  co_await files.rename("/var/x/one", "/var/x/two");
  co_await files.sync("/var/x/two");
  auto gone = co_await files.read("/var/x/one");
  auto there = co_await files.read("/var/x/two");
  auto listed = co_await files.list("/var/");
  story = gone.error().message() + ", " + *there;
  for (const std::string& path : *listed) story += ", " + path;
  co_await files.remove("/var/x/two");
  auto removed = co_await files.remove("/var/x/two");
  co_return story + ", " + removed.error().message();
}

struct Row {
  const char* name;
  Body body;
  const char* story;
};

const Row kRows[] = {
    {"a graceful close lets the peer read the rest, then eof", graceful_close, "the last words|End of file"},
    {"an answer sent before all was read still arrives", answer_before_the_question_ended,
     "enough|End of file"},
    {"an abort is a reset at the peer", abort, "|Connection reset by peer"},
    {"destroying a stream is an abort", destruction, "|Connection reset by peer"},
    {"a read of 0 bytes completes at once", read_of_nothing, "Success 0"},
    {"a read after the local close", read_after_close, "|Bad file descriptor"},
    {"nobody listens", refused, "Connection refused"},
    {"a read that is not answered can be given up", time_out, "timed out"},
    {"bytes arrive in order and whole", big_transfer, "equal"},
    {"an event wakes who has waited longest", events, "ab0"},
    {"files are written, renamed, listed and removed", files,
     "No such file or directory, 12, /var/x/two, No such file or directory"},
};

}  // namespace

TEST_CASE("the contract of runtime/ holds in the simulation") {
  for (const Row& row : kRows) {
    INFO(row.name);
    CHECK(in_simulation(row.body) == row.story);
  }
}

TEST_CASE("the contract of runtime/ holds on the operating system") {
  for (const Row& row : kRows) {
    INFO(row.name);
    CHECK(in_reality(row.body) == row.story);
  }
}
