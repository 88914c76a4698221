// Every way in which an HTTP answer goes wrong, as the client sees it: what it calls the failure, whether the
// connection takes the next request, and what really happened.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "tests/net/slack_world.hpp"

using namespace racebed;
using namespace racebed::tests;
using namespace std::chrono_literals;
using models::SlackVerdict;
using Outcome = SlackVerdict::Outcome;
using Body = SlackVerdict::Body;

namespace {

SlackWorld world_with(SlackVerdict verdict, bool tls) {
  SlackWorld world;
  world.tls = tls;
  world.weather.on_post = [verdict](std::uint64_t request) {
    return request == 1 ? verdict : SlackVerdict{};
  };
  return world;
}

/// "what the client said of the first | of the second | connections, and what the ledger says of the first".
std::string summary(const SlackWorld& world) {
  std::istringstream lines(play(world, posts(world, 2, 1s)));
  std::string text;
  std::string line;
  int connections = 0;
  std::string first_answer;
  int delivered = 0;
  while (std::getline(lines, line)) {
    if (!line.starts_with("  ")) text += line + " | ";
    if (line.starts_with("  connection")) ++connections;
    if (line.starts_with("  delivered")) ++delivered;
    if (line.starts_with("  answered") && first_answer.empty()) first_answer = line.substr(2);
  }
  return text + fmt::format("{} connection{}, {} accepted, {}", connections, connections == 1 ? "" : "s",
                            delivered, first_answer);
}

}  // namespace

TEST_CASE("an answer in a bad shape is a failure of its own class, or an incomplete one") {
  struct Row {
    const char* name;
    SlackVerdict verdict;
    const char* expected;
  };
  const std::vector<Row> table = {
      {"whole", {}, "200 [ok] | 200 [ok] | 1 connection, 2 accepted, answered 200"},
      {"another's page",
       {.body = Body::malformed},
       "200 [<html>upstream</html>] | 200 [ok] | 1 connection, 2 accepted, answered 200"},
      {"cut in its body",
       {.body = Body::cut},
       "200 [o] incomplete | 200 [ok] | 2 connections, 2 accepted, answered 0"},
      {"cut with a reset",
       {.body = Body::cut, .close_kind = CloseKind::abort},
       "200 [o] incomplete | 200 [ok] | 2 connections, 2 accepted, answered 0"},
      {"stalled in its body",
       {.body = Body::stalled},
       "200 [o] incomplete | 200 [ok] | 2 connections, 2 accepted, answered 0"},
      {"stalled in its header",
       {.body = Body::stalled_head},
       "read-timeout: hooks.slack.example: timed out waiting for an answer | 200 [ok] | 2 connections, 2 "
       "accepted, answered 0"},
      {"a slow header, in time",
       {.body = Body::slow_head, .interval = 50ms},
       "200 [ok] | 200 [ok] | 1 connection, 2 accepted, answered 200"},
      {"a slow header, too slow",
       {.body = Body::slow_head, .interval = 300ms},
       "read-timeout: hooks.slack.example: timed out waiting for an answer | 200 [ok] | 2 connections, 2 "
       "accepted, answered 0"},
      {"a slow body, in time",
       {.body = Body::slow_body, .interval = 5s},
       "200 [ok] | 200 [ok] | 1 connection, 2 accepted, answered 200"},
      {"a slow body, too slow",
       {.body = Body::slow_body, .interval = 8s},
       "200 [o] incomplete | 200 [ok] | 2 connections, 2 accepted, answered 0"},
      {"fewer bytes than announced",
       {.body = Body::length_too_great},
       "200 [ok] incomplete | 200 [ok] | 2 connections, 2 accepted, answered 0"},
      {"more bytes than announced",
       {.body = Body::length_too_small},
       "200 [o] | 200 [ok] | 2 connections, 2 accepted, answered 200"},
      {"broken JSON",
       {.body = Body::bad_json},
       R"(200 [{"ok":tr] | 200 [ok] | 1 connection, 2 accepted, answered 200)"},
      {"a body beyond the limit",
       {.body = Body::huge},
       "200 [65536 bytes] | 200 [ok] | 2 connections, 2 accepted, answered 200"},
      {"a header beyond the limit",
       {.body = Body::huge_head},
       "malformed: hooks.slack.example: the answer is not HTTP: header limit exceeded | 200 [ok] | 2 "
       "connections, 2 accepted, answered 0"},
      {"interim answers first",
       {.body = Body::interim_first},
       "200 [ok] | 200 [ok] | 1 connection, 2 accepted, answered 200"},
      {"no HTTP",
       {.body = Body::not_http},
       "malformed: hooks.slack.example: the answer is not HTTP: bad version | 200 [ok] | 2 connections, 2 "
       "accepted, answered 0"},
  };
  for (const Row& row : table) {
    CAPTURE(row.name);
    CHECK(summary(world_with(row.verdict, false)) == row.expected);
    CHECK(summary(world_with(row.verdict, true)) == row.expected);
  }
}

TEST_CASE("a status is an answer, whatever it is; what it asks for is in the ledger") {
  const auto refusal = [](int status) { return SlackVerdict{.outcome = Outcome::refuse, .status = status}; };
  for (int status : {301, 302, 400, 401, 403, 404, 408, 410, 413, 425, 429, 500, 502, 503, 504}) {
    CHECK(summary(world_with(refusal(status), false)) ==
          fmt::format("{0} [refused] | 200 [ok] | 1 connection, 1 accepted, answered {0}", status));
  }
  SlackVerdict moved = refusal(302);
  moved.location = "https://elsewhere.example/";  // nobody looks that name up
  CHECK(summary(world_with(moved, false)) ==
        "302 [refused] | 200 [ok] | 1 connection, 1 accepted, answered 302");

  SlackVerdict later = refusal(429);
  later.error = "rate_limited";
  later.retry_after = 7500ms;
  CHECK(
      summary(world_with(later, false)) ==
      "429 [rate_limited] retry in 7000 ms | 200 [ok] | 1 connection, 1 accepted, answered 429 retry in 7000 "
      "ms");
  // To the next whole second; the header took a millisecond to the client.
  later.retry_after_as_date = true;
  CHECK(
      summary(world_with(later, false)) ==
      "429 [rate_limited] retry in 7976 ms | 200 [ok] | 1 connection, 1 accepted, answered 429 retry in 7977 "
      "ms");
  // A server that fails too late: accepted, and refused all the same.
  SlackVerdict late = refusal(500);
  late.outcome = Outcome::accept_then_refuse;
  CHECK(summary(world_with(late, false)) ==
        "500 [refused] | 200 [ok] | 1 connection, 2 accepted, answered 500");
}

TEST_CASE("a lost answer is a reset, and whether the message was accepted cannot be told from it") {
  for (const auto& [close_kind, words] : {std::pair{CloseKind::graceful, "end of stream"},
                                          std::pair{CloseKind::abort, "Connection reset by peer"}}) {
    const SlackVerdict lost{.outcome = Outcome::accept_then_lose, .close_kind = close_kind};
    const SlackVerdict dropped{.outcome = Outcome::drop, .close_kind = close_kind};
    const std::string said =
        fmt::format("reset: hooks.slack.example: connection broken: {} | 200 [ok] | 2 connections, ", words);
    CHECK(summary(world_with(lost, false)) == said + "2 accepted, answered 0");
    CHECK(summary(world_with(dropped, false)) == said + "1 accepted, answered 0");
  }
}

TEST_CASE("an answer later than the client waits is a time-out, and the message is accepted") {
  const std::string timed_out =
      "read-timeout: hooks.slack.example: timed out waiting for an answer | 200 [ok] | 2 connections, 2 "
      "accepted, answered 200";
  CHECK(summary(world_with({.before_answer = 9s}, false)) ==
        "200 [ok] | 200 [ok] | 1 connection, 2 accepted, answered 200");
  CHECK(summary(world_with({.before_answer = 11s}, false)) == timed_out);
  CHECK(summary(world_with({.before_acceptance = 11s}, false)) == timed_out);
}

TEST_CASE("a kept-alive connection closed at the moment of reuse is a reset, not sent again blindly") {
  struct Row {
    models::ReuseVerdict reuse;
    bool tls;
    const char* words;
  };
  for (const Row& row : {Row{models::ReuseVerdict::close, false, "end of stream"},
                         Row{models::ReuseVerdict::reset, false, "Connection reset by peer"},
                         Row{models::ReuseVerdict::close, true, "stream truncated"},
                         Row{models::ReuseVerdict::reset, true, "Connection reset by peer"}}) {
    SlackWorld world;
    world.tls = row.tls;
    world.weather.on_reuse = row.reuse;
    CHECK(summary(world) == fmt::format("200 [ok] | reset: hooks.slack.example: connection broken: {} | 1 "
                                        "connection, 1 accepted, answered 200",
                                        row.words));
  }
}
