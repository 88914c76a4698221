// Many clients at once: no watch loses an event.
#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <deque>

#include "tests/e2e/world.hpp"

namespace racebed::tests {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t kWatches = 1000;
constexpr std::size_t kRequests = 200;
constexpr std::string_view kAdded = "\"type\":\"ADDED\"";

/// One connection: sends its request at once, then counts.
struct Connection {
  explicit Connection(asio::io_context& context) : socket(context) {}

  tcp::socket socket;
  std::string request;
  std::array<char, 16384> bytes{};
  std::string tail;   // what a mark may have begun with
  std::string start;  // the answer's first bytes
  std::size_t added = 0;
  std::function<void(Connection&)> heard;

  void begin(const tcp::endpoint& server) {
    socket.async_connect(server, [this](boost::system::error_code error) {
      if (error) return;
      asio::async_write(socket, asio::buffer(request), [this](boost::system::error_code failed, std::size_t) {
        if (!failed) read();
      });
    });
  }
  void read() {
    socket.async_read_some(asio::buffer(bytes), [this](boost::system::error_code error, std::size_t size) {
      if (error) return;
      if (start.size() < 64) start.append(bytes.data(), std::min<std::size_t>(size, 64));
      std::string text = tail + std::string(bytes.data(), size);
      std::size_t at = 0, last = 0;
      while ((at = text.find(kAdded, last)) != std::string::npos) ++added, last = at + kAdded.size();
      tail = text.substr(std::max(last, text.size() - std::min(text.size(), kAdded.size() - 1)));
      heard(*this);
      read();
    });
  }
};

TEST_CASE("1,000 watches and 200 requests in flight: every watch tells of every object") {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  Serve world({"--front-ends", "2"});
  INFO(world.log());
  const std::string base = world.http_base();
  const tcp::endpoint server(asio::ip::make_address("127.0.0.1"),
                             static_cast<std::uint16_t>(std::stoi(base.substr(base.rfind(':') + 1))));
  asio::io_context context;
  std::deque<Connection> watches, requests;
  std::size_t listening = 0, told = 0, created = 0;
  const auto connect = [&](std::deque<Connection>& group, std::string request,
                           std::function<void(Connection&)> heard) {
    Connection& made = group.emplace_back(context);
    made.request = std::move(request);
    made.heard = std::move(heard);
    made.begin(server);
  };
  const auto create_all = [&] {
    for (std::size_t i = 0; i < kRequests; ++i) {
      const std::string body =
          fmt::format(R"({{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"many-{}"}}}})", i);
      connect(requests,
              fmt::format("POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nContent-Type: "
                          "application/json\r\nContent-Length: {}\r\n\r\n{}",
                          body.size(), body),
              [&](Connection& one) {
                if (one.start.starts_with("HTTP/1.1 201") && one.added++ == 0) ++created;
              });
    }
  };
  const std::string revision =
      world.api("GET", "/api/v1/namespaces/default/configmaps").json()["metadata"]["resourceVersion"];
  for (std::size_t i = 0; i < kWatches; ++i) {
    connect(watches,
            fmt::format("GET /api/v1/namespaces/default/configmaps?watch=true&resourceVersion={} HTTP/1.1\r\n"
                        "Host: x\r\n\r\n",
                        revision),
            [&, seen = false](Connection& one) mutable {
              if (!std::exchange(seen, true) && ++listening == kWatches) create_all();
              if (one.added == kRequests) ++told, one.socket.close();
              if (told == kWatches) context.stop();
            });
  }
  context.run_for(std::chrono::seconds{60});
  CHECK(listening == kWatches);
  CHECK(created == kRequests);
  CHECK(told == kWatches);
  CHECK(world.api("GET", "/version").status == 200);
}

}  // namespace
}  // namespace racebed::tests
