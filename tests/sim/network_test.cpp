#include "runtime/network.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include "runtime/task_group.hpp"
#include "sim/fabric.hpp"
#include "tests/support/world.hpp"

using namespace racebed;
using namespace std::chrono_literals;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> echo(AnyStream stream) {
  std::array<char, 1000> buffer{};
  for (;;) {
    auto [error, bytes] = co_await stream.async_read_some(asio::buffer(buffer), kTuple);
    if (error) break;
    co_await asio::async_write(stream, asio::buffer(buffer.data(), bytes), kTuple);
  }
  stream.close();
}

asio::awaitable<void> serve(Runtime& rt) {
  auto listener = rt.network.listen(7);
  TaskGroup group(rt);
  for (;;) {
    auto accepted = co_await (*listener)->accept();
    if (!accepted) break;
    group.spawn("echo", echo(std::move(*accepted)));
  }
  co_await group.join();
}

asio::awaitable<Result<AnyStream>> dial(Runtime& rt, std::string host, std::uint16_t port) {
  auto addresses = co_await rt.network.resolve(host);
  if (!addresses) co_return addresses.error();
  auto stream = co_await rt.network.connect(addresses->front(), port);
  co_return std::move(stream);
}

/// A server `echo` and a client that runs `body`; the client's own account of what happened is compared.
std::string with_echo(
    std::uint64_t seed,
    const std::function<asio::awaitable<void>(Runtime&, sim::Process& server, std::string&)>& body) {
  return tests::run_twice(seed, [&](sim::Kernel& kernel) {
    sim::CalmLinks calm(kernel.choices(), {});
    sim::SimFabric fabric(kernel, calm);
    kernel.set_fabric(&fabric);
    std::string story;
    sim::Process& server = kernel.add_process({.name = "echo"});
    server.start(serve);
    sim::Process& client = kernel.add_process({.name = "client"});
    client.start([&](Runtime& rt) { return body(rt, server, story); });
    kernel.run(kernel.now() + 1h);
    CHECK(client.accounts().sockets.now == 0);
    server.kill();
    kernel.run(kernel.now() + 1h);
    CHECK(server.accounts().sockets.now == 0);
    return story;
  });
}

}  // namespace

TEST_CASE("bytes arrive in order and whole, whatever the latencies and partial reads") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CHECK(with_echo(seed, [](Runtime& rt, sim::Process&, std::string& story) -> asio::awaitable<void> {
            auto stream = co_await dial(rt, "echo", 7);
            std::string sent;
            for (int i = 0; i < 20'000; ++i) sent += static_cast<char>('a' + i % 26);
            std::string back(sent.size(), ' ');
            TaskGroup group(rt);
            group.spawn("write", [](AnyStream& s, const std::string& text) -> asio::awaitable<void> {
              co_await asio::async_write(s, asio::buffer(text), kTuple);
            }(*stream, sent));
            co_await asio::async_read(*stream, asio::buffer(back), kTuple);
            co_await group.join();
            story = back == sent ? "equal" : "different";
          }) == "equal");
  }
}

TEST_CASE("how a connection fails is what TCP would say") {
  struct Row {
    const char* name;
    const char* host;
    std::uint16_t port;
    const char* error;
  };
  for (const Row& row : {Row{"nobody listens", "echo", 8, "Connection refused"},
                         Row{"no such name", "nowhere", 7, "Host not found (authoritative)"}}) {
    CAPTURE(row.name);
    CHECK(with_echo(1, [&](Runtime& rt, sim::Process&, std::string& story) -> asio::awaitable<void> {
            auto stream = co_await dial(rt, row.host, row.port);
            story = stream ? "connected" : stream.error().message();
          }) == row.error);
  }
}

TEST_CASE("peers of a killed process see a reset, peers of a host without power see nothing") {
  struct Row {
    bool power;
    const char* story;
  };
  for (const Row& row : {Row{false, "Connection reset by peer"}, Row{true, "nothing"}}) {
    CHECK(with_echo(2, [&](Runtime& rt, sim::Process& server, std::string& story) -> asio::awaitable<void> {
            auto stream = co_await dial(rt, "echo", 7);
            story = "nothing";
            TaskGroup group(rt);
            group.spawn("read", [](AnyStream& s, std::string& text) -> asio::awaitable<void> {
              char byte = 0;
              auto [error, bytes] = co_await s.async_read_some(asio::buffer(&byte, 1), kTuple);
              if (error != asio::error::operation_aborted) text = error.message();
            }(*stream, story));
            co_await rt.clock.sleep_for(10ms);
            row.power ? server.power_loss() : server.kill();
            co_await rt.clock.sleep_for(10min);
            group.cancel();
            co_await group.join();
          }) == row.story);
  }
}

TEST_CASE("a graceful close lets the peer read the rest, then eof") {
  CHECK(with_echo(3, [](Runtime& rt, sim::Process&, std::string& story) -> asio::awaitable<void> {
          auto stream = co_await dial(rt, "echo", 7);
          co_await asio::async_write(*stream, asio::buffer("hello", 5), kTuple);
          std::string back(5, ' ');
          co_await asio::async_read(*stream, asio::buffer(back), kTuple);
          story = back;
          stream->close();
          char byte = 0;
          auto [error, bytes] = co_await stream->async_read_some(asio::buffer(&byte, 1), kTuple);
          story += " " + error.message();
        }) == "hello Bad file descriptor");
}
