// What a server on real sockets refuses, and that it goes on serving while it does.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "tests/e2e/raw_client.hpp"
#include "tests/e2e/world.hpp"

namespace racebed::tests {
namespace {

constexpr const char* kConfigMaps = "/api/v1/namespaces/default/configmaps";
constexpr Bound kSoon = std::chrono::seconds{10};

std::string post(std::size_t body_size) {
  const std::string start =
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"big"},"data":{"x":")";
  const std::string end = R"("}})";
  const std::string filler(body_size > start.size() + end.size() ? body_size - start.size() - end.size() : 0,
                           'x');
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}{}{}",
      kConfigMaps, start.size() + filler.size() + end.size(), start, filler, end);
}

std::string get_with_header(std::size_t size) {
  return "GET /version HTTP/1.1\r\nHost: x\r\nX-Filler: " + std::string(size, 'x') + "\r\n\r\n";
}

/// The status line's code; 0 when there is none.
int code(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") && answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0;
}

TEST_CASE("too much, too malformed: a clean refusal, a closed connection, and a server that serves on") {
  Serve world;
  INFO(world.log());
  struct Row {
    const char* what;
    std::string bytes;
    int status;
  };
  const std::vector<Row> rows{
      {"a body over 3 MiB", post(3 * 1024 * 1024 + 1), 413},
      {"a length over 3 MiB, nothing else",
       fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                   "99999999999\r\n\r\n",
                   kConfigMaps),
       413},
      {"a header over 64 KiB", get_with_header(65 * 1024), 431},
      {"no HTTP", "HELO racebed\r\n\r\n", 400},
      {"a space too many", "GET /version  HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a length that is none", "POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: minus\r\n\r\n", 400},
      {"a header without colon", "GET /version HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", 400},
      {"a chunk that is none",
       fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", kConfigMaps),
       400},
      {"TLS to the plain port",
       std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x00\r\n\r\n", 16), 400}};
  for (const Row& row : rows) {
    INFO(row.what);
    RawClient raw(world.http_base());
    raw.send(row.bytes);
    CHECK(raw.closed_within(kSoon));
    CHECK(code(raw.received()) == row.status);
    CHECK(world.api("GET", "/version").status == 200);
  }
  RawClient fits(world.http_base());
  fits.send(get_with_header(60 * 1024));
  CHECK(code(fits.read_until("gitVersion", kSoon)) == 200);
}

TEST_CASE("clients that dawdle are let go; others do not notice") {
  Serve world;
  INFO(world.log());
  RawClient half_a_header(world.http_base()), half_a_body(world.http_base()), silent_tls(world.https_base());
  half_a_header.send("GET /version HTTP/1.1\r\nHo");
  half_a_body.send(post(1000).substr(0, 300));
  CHECK(world.api("GET", "/version").status == 200);
  CHECK(half_a_header.closed_within(std::chrono::seconds{20}));
  CHECK(code(half_a_header.received()) == 408);
  CHECK(silent_tls.closed_within(std::chrono::seconds{20}));
  CHECK(world.api("GET", "/version").status == 200);
}

TEST_CASE("SIGTERM drains: what is under way is answered, watches end whole, nobody new is let in") {
  Serve world;
  INFO(world.log());
  REQUIRE(world.set_faults({{"api", {{"delayMs", 1500}, {"methods", {"POST"}}}}}).status == 200);
  RawClient watch(world.http_base()), slow(world.http_base());
  watch.send(fmt::format("GET {}?watch=true HTTP/1.1\r\nHost: x\r\n\r\n", kConfigMaps));
  REQUIRE(code(watch.read_until("\r\n\r\n", kSoon)) == 200);
  slow.send(post(500));
  // It has been read, or the watch below would not have begun after it on the same thread.
  REQUIRE(world.api("GET", "/version").status == 200);
  world.process().signal(SIGTERM);
  CHECK(code(slow.read_until("\"uid\"", kSoon)) == 201);
  CHECK(watch.closed_within(kSoon));
  CHECK(watch.received().ends_with("0\r\n\r\n"));
  CHECK(world.process().wait(std::chrono::seconds{15}) == 0);
  CHECK(world.api("GET", "/version").status == 0);
}

/// Empty, or what went wrong in one life of a fake world and its controller.
std::string one_life(std::size_t number) {
  Serve world;
  ControllerProcess controller(world, fmt::format("life-{}", number));
  const bool ready = eventually(std::chrono::seconds{20},
                                [&] { return http(controller.pages(), "GET", "/readyz").status == 200; });
  controller.process().signal(SIGTERM);
  const int controller_status = controller.process().wait(std::chrono::seconds{15});
  world.process().signal(SIGTERM);
  const int world_status = world.process().wait(std::chrono::seconds{15});
  if (ready && controller_status == 0 && world_status == 0) return {};
  return fmt::format("life {}: ready {}, exit statuses {} and {}\n{}{}", number, ready, controller_status,
                     world_status, world.log(), controller.log());
}

TEST_CASE("start-up and readiness never time out in 50 starts, and every end is clean") {
  std::vector<std::function<std::string()>> works;
  for (std::size_t i = 1; i <= 50; ++i) works.emplace_back([i] { return one_life(i); });
  for (const std::string& failure : in_parallel(works, 4)) FAIL_CHECK(failure);
}

}  // namespace
}  // namespace racebed::tests
