// The pool's decisions as a script: one command a line, then what the pool said.
#include "core/net/pool_step.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "core/net/https_client.hpp"
#include "runtime/assert.hpp"

using namespace racebed;
using net::PoolStep;
using namespace std::chrono_literals;

namespace {

std::string told(const PoolStep::Decision& decision) {
  switch (decision.action) {
    case PoolStep::Decision::Action::reuse:
      return fmt::format("reuse {}", decision.connection);
    case PoolStep::Decision::Action::open:
      return fmt::format("open {}", decision.connection);
    case PoolStep::Decision::Action::wait:
      return fmt::format("wait as {}", decision.ticket);
  }
  return {};
}

/// Commands: `at SECONDS`, `acquire`, `again TICKET`, `give-up TICKET`, `release ID`, `lose ID`, `ended ID`,
/// `expire`.
std::string perform(PoolStep& pool, Instant& now, const std::string& command) {
  std::istringstream words(command);
  std::string what;
  std::uint64_t number = 0;
  words >> what >> number;
  if (what == "at") now = Instant(std::chrono::seconds(number));
  if (what == "acquire") return told(pool.acquire(now));
  if (what == "again") return told(pool.try_again(number, now));
  if (what == "give-up") pool.give_up(number);
  if (what == "release" || what == "lose") pool.release(number, what == "release", now);
  if (what == "ended") pool.lose(number);
  if (what == "expire") {
    std::string gone = "gone:";
    for (PoolStep::Id id : pool.expire(now)) gone += fmt::format(" {}", id);
    return gone;
  }
  return fmt::format("{} open, {} idle, {} waiting", pool.open(), pool.idle(), pool.waiting());
}

struct Line {
  const char* command;
  const char* expected;
};

void play(std::size_t connections_max, const std::vector<Line>& script) {
  PoolStep pool(connections_max, 60s);
  Instant now{};
  std::size_t number = 0;
  for (const Line& line : script) {
    INFO("line " << ++number << ": " << line.command);
    CHECK(perform(pool, now, line.command) == line.expected);
    REQUIRE(pool.open() <= connections_max);
  }
}

}  // namespace

TEST_CASE("an idle connection that ends leaves its place to another, and no other is taken for it") {
  play(2, {{"acquire", "open 1"},
           {"acquire", "open 2"},
           {"release 1", "2 open, 1 idle, 0 waiting"},
           {"release 2", "2 open, 2 idle, 0 waiting"},
           {"ended 1", "1 open, 1 idle, 0 waiting"},
           {"acquire", "reuse 2"},
           {"acquire", "open 3"},
           {"acquire", "wait as 1"}});
}

TEST_CASE("the youngest idle connection is reused, and none that has been idle for a minute") {
  play(8, {
              {"acquire", "open 1"},
              {"acquire", "open 2"},
              {"release 1", "2 open, 1 idle, 0 waiting"},
              {"at 10", "2 open, 1 idle, 0 waiting"},
              {"release 2", "2 open, 2 idle, 0 waiting"},
              {"acquire", "reuse 2"},
              {"at 59", "2 open, 1 idle, 0 waiting"},
              {"expire", "gone:"},
              {"at 60", "2 open, 1 idle, 0 waiting"},
              {"acquire", "open 3"},
              {"expire", "gone: 1"},
              {"lose 2", "1 open, 0 idle, 0 waiting"},
              {"lose 3", "0 open, 0 idle, 0 waiting"},
          });
}

TEST_CASE("those who wait are served in the order in which they came, and nobody overtakes them") {
  play(2, {
              {"acquire", "open 1"},
              {"acquire", "open 2"},
              {"acquire", "wait as 1"},
              {"acquire", "wait as 2"},
              {"acquire", "wait as 3"},
              {"again 1", "wait as 1"},
              {"release 1", "2 open, 1 idle, 3 waiting"},
              {"acquire", "wait as 4"},
              {"again 2", "wait as 2"},
              {"again 1", "reuse 1"},
              {"lose 1", "1 open, 0 idle, 3 waiting"},
              {"give-up 2", "1 open, 0 idle, 2 waiting"},
              {"give-up 1", "1 open, 0 idle, 2 waiting"},
              {"again 4", "wait as 4"},
              {"again 3", "open 3"},
              {"again 4", "wait as 4"},
              {"release 2", "2 open, 1 idle, 1 waiting"},
              {"again 4", "reuse 2"},
          });
}

TEST_CASE("an idle connection past its time holds its place until it is closed") {
  play(1, {
              {"acquire", "open 1"},
              {"release 1", "1 open, 1 idle, 0 waiting"},
              {"at 60", "1 open, 1 idle, 0 waiting"},
              {"acquire", "wait as 1"},
              {"expire", "gone: 1"},
              {"again 1", "open 2"},
          });
}

TEST_CASE("which texts are URLs, and their parts") {
  struct Row {
    const char* text;
    const char* expected;
  };
  for (const Row& row : {
           Row{"https://hooks.slack.example/services/T/B/s?x=1#y",
               "https hooks.slack.example 443 /services/T/B/s?x=1"},
           Row{"http://slack:8080", "http slack 8080 /"},
           Row{"https://slack?x", "https slack 443 /?x"},
           Row{"ftp://slack/", "no"},
           Row{"https:/slack/", "no"},
           Row{"https:///services", "no"},
           Row{"https://user@slack/", "no"},
           Row{"https://slack:0/", "no"},
           Row{"https://slack:65536/", "no"},
           Row{"https://slack:4a/", "no"},
           Row{"https://slack/a b", "no"},
           Row{"https://slack/\r\nX: y", "no"},
           Row{"", "no"},
       }) {
    CAPTURE(row.text);
    const auto url = net::parse_url(row.text);
    CHECK((url ? fmt::format("{} {} {} {}", url->scheme, url->host, url->port, url->target) : "no") ==
          row.expected);
  }
}
