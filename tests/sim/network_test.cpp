#include "runtime/network.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include "runtime/task_group.hpp"
#include "sim/bandwidth.hpp"
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

namespace {

/// Calm weather of fixed latency, but for what a test says.
struct TestLinks final : sim::LinkPolicy {
  std::function<sim::LookupVerdict()> on_lookup;
  std::function<sim::ConnectVerdict(const sim::Link&)> on_connect;
  std::function<sim::SegmentVerdict(const sim::Link&, std::size_t)> on_segment;
  std::size_t most = SIZE_MAX;
  sim::LookupVerdict lookup(std::string_view, std::string_view) override {
    return on_lookup ? on_lookup() : sim::LookupVerdict{};
  }
  sim::ConnectVerdict connect(const sim::Link& link) override {
    return on_connect ? on_connect(link) : sim::ConnectVerdict{.latency = 1ms};
  }
  sim::SegmentVerdict segment(const sim::Link& link, std::size_t bytes) override {
    return on_segment ? on_segment(link, bytes) : sim::SegmentVerdict{.latency = 1ms};
  }
  std::size_t bytes_max(const sim::Link&) override { return most; }
};

using Body = std::function<asio::awaitable<void>(Runtime&, std::string&)>;
std::string in_weather(const std::function<void(TestLinks&, sim::Kernel&)>& set, const Body& body) {
  return tests::run_twice(5, [&](sim::Kernel& kernel) {
    TestLinks links;
    set(links, kernel);
    sim::SimFabric fabric(kernel, links);
    kernel.set_fabric(&fabric);
    std::string story;
    kernel.add_process({.name = "other"});
    kernel.add_process({.name = "echo"}).start(serve);
    kernel.add_process({.name = "client"}).start([&](Runtime& rt) { return body(rt, story); });
    kernel.run(kernel.now() + 1h);
    for (const auto& process : kernel.processes()) process->kill();
    return story;
  });
}

/// Sends "hello" and reads it back; how that ends.
asio::awaitable<void> hello(Runtime& rt, std::string& story) {
  auto stream = co_await dial(rt, "echo", 7);
  if (!stream) {
    story = stream.error().message();
    co_return;
  }
  story = "nothing";
  TaskGroup group(rt);
  group.spawn("talk", [](AnyStream& s, std::string& text) -> asio::awaitable<void> {
    std::string back(5, ' ');
    auto [wrote, sent] = co_await asio::async_write(s, asio::buffer("hello", 5), kTuple);
    if (!wrote) {
      auto [error, bytes] = co_await asio::async_read(s, asio::buffer(back), kTuple);
      if (error == asio::error::operation_aborted) co_return;
      text = error ? error.message() : back;
    } else {
      text = wrote.message();
    }
  }(*stream, story));
  co_await rt.clock.sleep_for(10min);
  group.cancel();
  co_await group.join();
}

}  // namespace

TEST_CASE("what the weather says of a connection is what both ends see") {
  using Connect = sim::ConnectVerdict::Outcome;
  using Segment = sim::SegmentVerdict::Outcome;
  struct Row {
    const char* name;
    Connect connect;
    std::string_view from;  // whose segments the next is about
    Segment segment;
    const char* story;
  };
  for (const Row& row : {
           Row{"calm", Connect::normal, "", Segment::deliver, "hello"},
           Row{"refused", Connect::refused, "", Segment::deliver, "Connection refused"},
           Row{"network", Connect::network_unreachable, "", Segment::deliver, "Network is unreachable"},
           Row{"host", Connect::host_unreachable, "", Segment::deliver, "No route to host"},
           Row{"reset on the way", Connect::normal, "client", Segment::reset, "Connection reset by peer"},
           Row{"reset on the way back", Connect::normal, "echo", Segment::reset, "Connection reset by peer"},
           Row{"one way is lost", Connect::normal, "client", Segment::silence, "nothing"},
           Row{"the other is lost", Connect::normal, "echo", Segment::silence, "nothing"},
           Row{"half open", Connect::normal, "both", Segment::silence, "nothing"},
           Row{"black hole", Connect::silence, "", Segment::deliver, ""},
       }) {
    CAPTURE(row.name);
    CHECK(in_weather(
              [&](TestLinks& links, sim::Kernel&) {
                links.on_connect = [&](const sim::Link& link) {
                  CHECK(link.connection == 0);
                  return sim::ConnectVerdict{row.connect, 1ms};
                };
                links.on_segment = [&](const sim::Link& link, std::size_t) {
                  CHECK(link.connection == 1);
                  CHECK(link.port == 7);
                  const bool struck = row.from == "both" || link.from == row.from;
                  return sim::SegmentVerdict{struck ? row.segment : Segment::deliver, 1ms};
                };
              },
              hello) == row.story);
  }
}

TEST_CASE("a name may have other addresses than the truth: another host's, nobody's, several") {
  struct Row {
    std::vector<std::string> answers;
    const char* story;
  };
  for (const Row& row : {
           Row{{}, "hello"},
           Row{{"other"}, "Connection refused"},
           Row{{"10.9.9.9"}, "No route to host"},
           Row{{"echo", "other"}, "hello"},
       }) {
    CHECK(in_weather(
              [&](TestLinks& links, sim::Kernel&) {
                links.on_lookup = [&] { return sim::LookupVerdict{.answers = row.answers}; };
              },
              hello) == row.story);
  }
  CHECK(in_weather(
            [](TestLinks& links, sim::Kernel&) {
              links.on_lookup = [] { return sim::LookupVerdict{.answers = {"10.9.9.9", "echo"}}; };
            },
            [](Runtime& rt, std::string& story) -> asio::awaitable<void> {
              const auto found = co_await rt.network.resolve("echo");
              story = std::to_string(found->size()) + " " + found->front().text;
            }) == "2 10.9.9.9");
}

TEST_CASE("nobody's address falls silent when the weather says so") {
  CHECK(in_weather(
            [](TestLinks& links, sim::Kernel&) {
              links.on_lookup = [] { return sim::LookupVerdict{.answers = {"10.9.9.9"}}; };
              links.on_connect = [](const sim::Link& link) {
                CHECK(link.to == "10.9.9.9");
                return sim::ConnectVerdict{sim::ConnectVerdict::Outcome::silence, 1ms};
              };
            },
            hello) == "");
}

TEST_CASE("tiny reads and writes: every one passes a byte, and all arrives") {
  std::size_t segments = 0;
  CHECK(in_weather(
            [&](TestLinks& links, sim::Kernel&) {
              links.most = 1;
              segments = 0;
              links.on_segment = [&](const sim::Link&, std::size_t bytes) {
                CHECK(bytes <= 1);
                segments += bytes;
                return sim::SegmentVerdict{.latency = 1ms};
              };
            },
            hello) == "hello");
  CHECK(segments == 10);
}

TEST_CASE("a thin pipe: what is sent waits for what was sent before it, each way by itself") {
  sim::Bandwidth pipe(1000);
  const Time t0{};
  CHECK(pipe.delay("a", "b", 500, t0) == 500ms);
  CHECK(pipe.delay("a", "b", 500, t0) == 1s);
  CHECK(pipe.delay("b", "a", 1, t0) == 1ms);
  CHECK(pipe.delay("a", "b", 100, t0 + 900ms) == 200ms);
  CHECK(pipe.delay("a", "b", 100, t0 + 10s) == 100ms);
  CHECK(sim::Bandwidth(3).delay("a", "b", 1, t0) == 333'333'334ns);
  CHECK(sim::Bandwidth(1'000'000'000).delay("a", "b", 0, t0) == 0ns);
}

TEST_CASE(
    "who kills itself in the middle of a step: its streams, destroyed in that step, break all the same") {
  for (const bool power : {false, true}) {
    const std::string told = tests::run_twice(5, [&](sim::Kernel& kernel) {
      TestLinks links;
      sim::SimFabric fabric(kernel, links);
      kernel.set_fabric(&fabric);
      std::string story = "nothing";
      kernel.add_process({.name = "server"}).start([&](Runtime& rt) -> asio::awaitable<void> {
        auto listener = rt.network.listen(7);
        auto stream = co_await (*listener)->accept();
        char byte = 0;
        auto [error, bytes] = co_await stream->async_read_some(asio::buffer(&byte, 1), kTuple);
        story = error.message();
      });
      sim::Process& client = kernel.add_process({.name = "client"});
      client.start([&](Runtime& rt) -> asio::awaitable<void> {
        auto stream = co_await dial(rt, "server", 7);
        power ? client.power_loss() : client.kill();
      });
      kernel.run(kernel.now() + 1h);
      kernel.find_process("server")->kill();
      return story;
    });
    CHECK(told == (power ? "nothing" : "Connection reset by peer"));
  }
}
