// The API server behind HTTP, spoken to in bytes, in virtual time: what is too large, too slow or no HTTP at
// all is refused cleanly, watches are streams of whole lines, and draining loses nothing.
#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/apiserver/front_end.hpp"
#include "models/apiserver/http_server.hpp"
#include "runtime/task_group.hpp"
#include "sim/fabric.hpp"
#include "tests/support/world.hpp"

using namespace racebed;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint16_t kPort = 6443;

/// What the server process is made of.
struct Served {
  explicit Served(Runtime& rt)
      : ledger([&rt] { return rt.clock.now(); }),
        store(ledger),
        registry(models::builtin_resources()),
        front_end(rt, store, registry, calm, ledger),
        server(rt,
               [this](models::ApiHttpRequest request, std::uint64_t) {
                 return front_end.handle(std::move(request));
               },
               {.port = kPort,
                .limits = {.header_bytes_max = 4096,
                           .body_bytes_max = 10'000,
                           .idle_timeout = 60s,
                           .header_timeout = 5s,
                           .body_timeout = 10s,
                           .write_timeout = 10s},
                .drain_timeout = 5s}) {}
  models::Ledger ledger;
  models::Store store;
  models::Registry registry;
  models::FrontEndPolicy calm;
  models::FrontEnd front_end;
  models::ApiHttpServer server;
};

/// A client's end of a connection, in bytes.
struct Wire {
  Runtime& rt;
  AnyStream stream;
  std::string in{};

  asio::awaitable<void> send(std::string bytes) {
    co_await asio::async_write(stream, asio::buffer(bytes), kTuple);
  }
  /// Everything until the server closes, or until nothing came for `patience`.
  asio::awaitable<std::string> rest() {
    std::array<char, 4096> buffer{};
    for (;;) {
      auto [error, bytes] = co_await stream.async_read_some(asio::buffer(buffer), kTuple);
      in.append(buffer.data(), bytes);
      if (error) co_return in + (error == asio::error::eof ? "|eof" : "|" + error.message());
    }
  }
  asio::awaitable<void> until(std::string text) {
    std::array<char, 4096> buffer{};
    while (in.find(text) == std::string::npos) {
      auto [error, bytes] = co_await stream.async_read_some(asio::buffer(buffer), kTuple);
      in.append(buffer.data(), bytes);
      if (error) co_return;
    }
  }
};

asio::awaitable<Wire> dial(Runtime& rt) {
  auto addresses = co_await rt.network.resolve("apiserver");
  auto stream = co_await rt.network.connect(addresses->front(), kPort);
  co_return Wire{rt, std::move(*stream)};
}

using Story = std::function<asio::awaitable<void>(Runtime&, Served*&, std::string&)>;

std::string with_server(const Story& client) {
  return tests::run_twice(11, [&](sim::Kernel& kernel) {
    sim::CalmLinks calm(kernel.choices(), {});
    sim::SimFabric fabric(kernel, calm);
    kernel.set_fabric(&fabric);
    std::string story = "did not end";
    Served* served = nullptr;
    sim::Process& server = kernel.add_process({.name = "apiserver"});
    server.start([&](Runtime& rt) -> asio::awaitable<void> {
      Served mine(rt);
      served = &mine;
      (void)mine.server.listen();
      co_await mine.server.run();
      served = nullptr;
    });
    sim::Process& user = kernel.add_process({.name = "user"});
    user.start([&](Runtime& rt) -> asio::awaitable<void> {
      co_await rt.clock.sleep_for(1ms);
      co_await client(rt, served, story);
    });
    kernel.run(kernel.now() + 10min);
    server.kill();
    kernel.run(kernel.now() + 1s);
    return story;
  });
}

std::string request(std::string method, std::string target, std::string body = {}, std::string headers = {}) {
  return fmt::format(
      "{} {} HTTP/1.1\r\nHost: apiserver\r\n{}{}\r\n{}", method, target, headers,
      body.empty() ? ""
                   : fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size()),
      body);
}

std::string config_map(const std::string& name) {
  return R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name + R"("}})";
}

const std::string kMaps = "/api/v1/namespaces/default/configmaps";
const std::string kNamespace = request(
    "POST", "/api/v1/namespaces", R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}})");

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++found;
  return found;
}

}  // namespace

TEST_CASE("what is no request, too large or too slow gets one clean answer and the connection closes") {
  struct Row {
    const char* name;
    std::string sent;
    std::string first_line;
    std::string contains;
  };
  const std::string close = "Connection: close\r\n";
  const std::vector<Row> rows{
      {"control: a good request", request("GET", "/healthz", {}, close), "HTTP/1.1 200 OK", "ok"},
      {"no HTTP at all", "\x16\x03\x01 hello\r\n\r\n", "HTTP/1.1 400 Bad Request", "400 Bad Request"},
      {"a version that is none", "GET / HTTP/9.9\r\n\r\n", "HTTP/1.1 400 Bad Request", ""},
      {"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
       "HTTP/1.1 400 Bad Request", ""},
      {"a header too large", request("GET", "/healthz", {}, "X: " + std::string(5000, 'x') + "\r\n"),
       "HTTP/1.1 431 Request Header Fields Too Large", ""},
      {"a body too large, announced", request("POST", kMaps, std::string(10'001, ' ')), "HTTP/1.1 413 ",
       "Request entity too large: limit is 10000"},
      {"a body too large, in chunks",
       request("POST", kMaps, {}, "Transfer-Encoding: chunked\r\n") + "2800\r\n" + std::string(0x2800, ' '),
       "HTTP/1.1 413 ", R"("reason":"RequestEntityTooLarge")"},
      {"a header that never ends",
       "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ", "HTTP/1.1 408 Request Timeout", ""},
      {"a body that never ends", request("POST", kMaps, {}, "Content-Length: 100\r\n") + "{",
       "HTTP/1.1 408 Request Timeout", ""},
      {"a null byte in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, "HTTP/1.1 400 Bad Request", ""},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string story =
        with_server([&](Runtime& rt, Served*&, std::string& out) -> asio::awaitable<void> {
          Wire wire = co_await dial(rt);
          co_await wire.send(row.sent);
          out = co_await wire.rest();
        });
    CHECK(story.substr(0, story.find("\r\n")).starts_with(row.first_line));
    CHECK(story.find(row.contains) != std::string::npos);
    CHECK(story.find('|') != std::string::npos);  // closed: eof, or a reset for what came after the refusal
    CHECK(count(story, "HTTP/1.1 ") == 1);
  }
}

TEST_CASE("an idle connection is closed without a word, one in use stays") {
  const std::string story = with_server([](Runtime& rt, Served*&, std::string& out) -> asio::awaitable<void> {
    Wire wire = co_await dial(rt);
    for (int i = 0; i < 3; ++i) {
      co_await wire.send(request("GET", "/healthz"));
      co_await rt.clock.sleep_for(50s);
    }
    const Instant asked = rt.clock.steady_now();
    const std::string rest = co_await wire.rest();
    out = fmt::format("{} answers, {}, closed {} s after the last request", count(rest, "200 OK"),
                      rest.ends_with("|eof"), 50 + (rt.clock.steady_now() - asked) / 1s);
  });
  CHECK(story == "3 answers, true, closed 60 s after the last request");
}

TEST_CASE(
    "a client that feeds a request byte by byte is given up after the time for a header, not for a byte") {
  const std::string story = with_server([](Runtime& rt, Served*&, std::string& out) -> asio::awaitable<void> {
    Wire wire = co_await dial(rt);
    const Instant begun = rt.clock.steady_now();
    TaskGroup group(rt);
    group.spawn("drip", [](Wire& w) -> asio::awaitable<void> {
      for (const char c : std::string("GET /healthz HTTP/1.1\r\nHost: a\r\nX: aaaaaaaaaaaa")) {
        co_await w.send(std::string(1, c));
        co_await w.rt.clock.sleep_for(1s);
      }
    }(wire));
    const std::string rest = co_await wire.rest();
    out = fmt::format("{} after {} s", rest.substr(9, 3), (rt.clock.steady_now() - begun) / 1s);
    group.cancel();
    co_await group.join();
  });
  CHECK(story == "408 after 5 s");
}

TEST_CASE("requests of one connection are answered in turn, also when they are sent together") {
  const std::string story = with_server([](Runtime& rt, Served*&, std::string& out) -> asio::awaitable<void> {
    Wire wire = co_await dial(rt);
    co_await wire.send(kNamespace + request("POST", kMaps, config_map("a")) +
                       request("POST", kMaps, config_map("a")) + request("HEAD", kMaps + "/a") +
                       request("GET", kMaps + "/b", {}, "Connection: close\r\n"));
    out = co_await wire.rest();
  });
  std::string lines;
  for (std::size_t at = 0; (at = story.find("HTTP/1.1 ", at)) != std::string::npos; ++at)
    lines += story.substr(at + 9, 4);
  CHECK(lines == "201 201 409 200 404 ");
  CHECK(count(story, "Audit-Id: ") == 5);
  CHECK(count(story, R"("name":"a")") == 2);  // the created one and the refusal's details; HEAD shows nothing
}

TEST_CASE("a body is asked for when the client waits for that") {
  const std::string story = with_server([](Runtime& rt, Served*&, std::string& out) -> asio::awaitable<void> {
    Wire wire = co_await dial(rt);
    co_await wire.send(kNamespace);
    const std::string whole =
        request("POST", kMaps, config_map("a"), "Expect: 100-continue\r\nConnection: close\r\n");
    const std::size_t body = whole.find("\r\n\r\n") + 4;
    co_await wire.until("Active");
    co_await wire.send(whole.substr(0, body));
    co_await wire.until("100 Continue");
    co_await wire.send(whole.substr(body));
    out = co_await wire.rest();
  });
  CHECK(count(story, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created") == 1);
}

TEST_CASE(
    "a watch is a stream of whole lines that ends cleanly at its time-out, and the connection serves on") {
  const std::string story = with_server([](Runtime& rt, Served*&, std::string& out) -> asio::awaitable<void> {
    Wire wire = co_await dial(rt);
    co_await wire.send(kNamespace + request("GET", kMaps + "?watch=1&timeoutSeconds=3"));
    Wire other = co_await dial(rt);
    co_await other.send(request("POST", kMaps, config_map("a")) + request("POST", kMaps, config_map("b")));
    co_await rt.clock.sleep_for(4s);
    co_await wire.send(request("GET", "/healthz", {}, "Connection: close\r\n"));
    out = co_await wire.rest();
  });
  CHECK(count(story, "Transfer-Encoding: chunked") == 1);
  CHECK(count(story, "{\"type\":\"ADDED\"") == 2);
  CHECK(count(story, "}\n\r\n") >= 2);
  CHECK(story.find("\r\n0\r\n\r\nHTTP/1.1 200 OK") != std::string::npos);
  CHECK(story.ends_with("ok|eof"));
}

TEST_CASE("a client that leaves its watch frees it") {
  const std::string story =
      with_server([](Runtime& rt, Served*& served, std::string& out) -> asio::awaitable<void> {
        {
          Wire wire = co_await dial(rt);
          co_await wire.send(request("GET", "/api/v1/configmaps?watch=1"));
          co_await rt.clock.sleep_for(1s);
          out = fmt::format("{} ", served->server.open_watches());
        }
        co_await rt.clock.sleep_for(1s);
        out += fmt::format("{} {}", served->server.open_watches(), served->server.open_connections());
      });
  CHECK(story == "1 0 0");
}

TEST_CASE("draining ends watches cleanly, lets nobody in, and ends at last whatever clients do") {
  const std::string story =
      with_server([](Runtime& rt, Served*& served, std::string& out) -> asio::awaitable<void> {
        Wire watching = co_await dial(rt);
        co_await watching.send(kNamespace + request("GET", kMaps + "?watch=1"));
        Wire idle = co_await dial(rt);
        co_await idle.send(request("GET", "/healthz"));
        Wire halfway = co_await dial(rt);
        co_await halfway.send(request("POST", kMaps, {}, "Content-Length: 100\r\n") + "{");
        co_await rt.clock.sleep_for(1s);
        served->server.drain();
        const std::string stream = co_await watching.rest();
        const std::string last = co_await idle.rest();
        co_await rt.clock.sleep_for(20s);
        auto addresses = co_await rt.network.resolve("apiserver");
        auto late = co_await rt.network.connect(addresses->front(), kPort);
        out = fmt::format("stream {}, idle {}, late {}, ended {}", stream.ends_with("0\r\n\r\n|eof"),
                          last.ends_with("ok|eof"), late ? "connected" : late.error().message(),
                          served == nullptr);
      });
  CHECK(story == "stream true, idle true, late Connection refused, ended true");
}
