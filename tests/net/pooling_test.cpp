// What happens to connections: shared, waited for, closed under the client, cancelled, killed.
#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include "core/net/https_client.hpp"
#include "models/http/tls_server.hpp"
#include "models/slack/slack.hpp"
#include "runtime/task_group.hpp"
#include "sim/fabric.hpp"
#include "sim/openssl_hooks.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/world.hpp"

using namespace racebed;
using namespace std::chrono_literals;

namespace {

using Main = std::function<asio::awaitable<void>(Runtime&, std::string& story)>;

/// One answer a second: long enough for requests to meet.
struct SlowSlack : models::SlackPolicy {
  models::SlackVerdict post(std::uint64_t) override { return {.before_answer = 1s}; }
};

const models::SlackOptions kSteady{.think_spread = Duration{0}, .answer_spread = Duration{0}};

/// A client against Slack over TLS, or against `server` in its place; killed at `kill_at` unless that is 0.
std::string play(const Main& main, std::function<asio::awaitable<void>(Runtime&)> server = nullptr,
                 Duration kill_at = Duration{0}) {
  tests::authority();  // made before the run
  return tests::run_twice(11, [&](sim::Kernel& kernel) {
    const sim::SeededOpenssl randomness(kernel.choices().pick(std::uint64_t{1} << 62, "openssl"));
    sim::CalmLinks calm(kernel.choices(), {});
    sim::SimFabric fabric(kernel, calm);
    kernel.set_fabric(&fabric);
    fabric.add_name("hooks.slack.example", "slack");
    models::Ledger ledger([&] { return kernel.now(); });
    models::Workspace workspace({});
    SlowSlack policy;
    std::optional<models::Slack> slack;
    sim::Process& slack_process = kernel.add_process({.name = "slack"});
    auto serve = server;
    if (!serve) {
      serve = [&](Runtime& rt) {
        slack.emplace(rt, workspace, &tests::authority(), policy, ledger, models::Actor{"slack", 1}, kSteady);
        (void)slack->listen();
        return slack->run();
      };
    }
    slack_process.start(serve);
    std::string story;
    sim::Process& client = kernel.add_process({.name = "client"});
    client.start([&](Runtime& rt) { return main(rt, story); });
    if (kill_at != Duration{0}) {
      kernel.run(kernel.now() + kill_at);
      client.kill();
    }
    kernel.run(kernel.now() + 1h);
    CHECK(client.state() == sim::ProcessState::dead);
    CHECK(client.accounts().tasks.now == 0);
    CHECK(client.accounts().sockets.now == 0);
    slack_process.kill();
    return story;
  });
}

net::HttpRequest request_to(const std::string& scheme) {
  net::HttpRequest request;
  request.url = *net::parse_url(scheme + "://hooks.slack.example:443/services/T0RACE/B0RACE/f4k3s3cr3t");
  request.body = R"({"text":"hi [token:a]"})";
  return request;
}

net::HttpsClientOptions trusting(std::size_t connections_max) {
  net::HttpsClientOptions options;
  options.connections_max = connections_max;
  options.roots = tests::trusted_roots();
  return options;
}

std::string told(const Result<net::HttpAnswer, net::HttpFailure>& result) {
  return result ? fmt::format("{}", result->status) : std::string(to_text(result.error().error_class));
}

asio::awaitable<void> send_and_tell(net::HttpsClient& client, std::string name, std::string& story) {
  net::HttpRequest request = request_to("https");
  const auto result = co_await client.send(std::move(request));
  story += fmt::format("{}: {}; ", name, told(result));
}

asio::awaitable<void> many_at_once(Runtime& rt, std::string& story) {
  co_await rt.clock.sleep_for(10ms);
  net::HttpsClient client(rt, trusting(8));
  TaskGroup tasks(rt);
  std::string ends;
  for (int i = 0; i < 20; ++i) tasks.spawn("request", send_and_tell(client, "", ends));
  std::size_t peak = 0;
  while (tasks.size() > 0) {
    peak = std::max(peak, client.open_connections());
    co_await rt.clock.sleep_for(10ms);
  }
  std::size_t good = 0;
  for (std::size_t at = 0; (at = ends.find(": 200", at)) != std::string::npos; ++at) ++good;
  story = fmt::format("{} answered, at most {} open, {} opened, {} reused", good, peak,
                      client.counts().connections_opened, client.counts().reused);
  co_await rt.clock.sleep_for(58s);  // half of them have been idle for a second longer
  CHECK(client.open_connections() == 8);
  co_await rt.clock.sleep_for(3s);
  CHECK(client.open_connections() == 0);
}

asio::awaitable<void> queue_of_three(Runtime& rt, std::string& story) {
  co_await rt.clock.sleep_for(10ms);
  net::HttpsClient client(rt, trusting(1));
  TaskGroup tasks(rt);
  TaskGroup impatient(rt);
  tasks.spawn("first", send_and_tell(client, "first", story));
  co_await rt.clock.sleep_for(100ms);
  impatient.spawn("second", send_and_tell(client, "second", story));
  co_await rt.clock.sleep_for(100ms);
  tasks.spawn("third", send_and_tell(client, "third", story));
  co_await rt.clock.sleep_for(100ms);
  impatient.cancel();
  co_await impatient.join();
  co_await tasks.join();
  story += fmt::format("opened {}", client.counts().connections_opened);
}

/// Slack takes a second for each: the sixteenth would need the total time-out and one more.
asio::awaitable<void> too_long_a_queue(Runtime& rt, std::string& story) {
  co_await rt.clock.sleep_for(10ms);
  net::HttpsClient client(rt, trusting(1));
  TaskGroup tasks(rt);
  std::string ends;
  for (int i = 0; i < 20; ++i) tasks.spawn("request", send_and_tell(client, "", ends));
  co_await tasks.join();
  std::size_t unsent = 0;
  for (std::size_t at = 0; (at = ends.find("connect-timeout", at)) != std::string::npos; ++at) ++unsent;
  story = unsent > 0 ? "some gave up waiting" : "nobody gave up";
  std::string after;
  co_await send_and_tell(client, "after", after);
  story += "; " + after;
}

/// Reads a request and answers it.
asio::awaitable<bool> answer_one(AnyStream& stream) {
  const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  std::string request;  // read whole: closing with unread bytes would be a reset
  std::array<char, 4096> piece{};
  while (request.find("[token:a]\"}") == std::string::npos) {
    auto [error, bytes] =
        co_await stream.async_read_some(asio::buffer(piece), asio::as_tuple(asio::use_awaitable));
    if (error) co_return false;
    request.append(piece.data(), bytes);
  }
  co_await asio::async_write(stream, asio::buffer(text), asio::as_tuple(asio::use_awaitable));
  co_return true;
}

asio::awaitable<void> answer_and_close(Runtime& rt, AnyStream stream) {
  const bool answered = co_await answer_one(stream);
  if (!answered) co_return;
  co_await rt.clock.sleep_for(30s);
  stream.close();
}

/// Answers each connection once and closes it half a minute later.
asio::awaitable<void> close_when_idle(Runtime& rt) {
  auto listener = rt.network.listen(443);
  TaskGroup connections(rt);
  for (;;) {
    auto stream = co_await (*listener)->accept();
    if (!stream) co_return;
    connections.spawn("connection", answer_and_close(rt, std::move(*stream)));
  }
}

/// Answers over TLS, then tells how the connection ends.
asio::awaitable<void> tell_the_end(Runtime& rt, std::string& end) {
  auto listener = rt.network.listen(443);
  auto stream = co_await (*listener)->accept();
  if (!stream) co_return;
  auto secured = co_await models::tls_server_handshake(std::move(*stream),
                                                       tests::authority().identity(models::ChainKind::good));
  if (!secured) co_return;
  const bool answered = co_await answer_one(*secured);
  if (!answered) co_return;
  std::array<char, 1> more{};
  auto [error, bytes] =
      co_await secured->async_read_some(asio::buffer(more), asio::as_tuple(asio::use_awaitable));
  end = error == asio::error::eof ? "told" : error == asio::ssl::error::stream_truncated ? "cut" : "broken";
}

asio::awaitable<void> ask_again_after(Runtime& rt, Duration pause, std::string& story) {
  co_await rt.clock.sleep_for(10ms);
  net::HttpsClient client(rt, trusting(8));
  for (int i = 0; i < 2; ++i) {
    net::HttpRequest request = request_to("http");
    const auto result = co_await client.send(std::move(request));
    story += told(result) + (!result && result.error().not_sent ? " (not sent); " : "; ");
    if (i == 0) co_await rt.clock.sleep_for(pause);
    if (i == 0 && pause > 31s) CHECK(client.open_connections() == 0);
  }
  story += fmt::format("opened {}, reused {}", client.counts().connections_opened, client.counts().reused);
}

/// One request over TLS; then the connection is left idle until it expires, or the client goes.
asio::awaitable<void> ask_once(Runtime& rt, Duration stay, std::string& story) {
  co_await rt.clock.sleep_for(10ms);
  net::HttpsClient client(rt, trusting(8));
  co_await send_and_tell(client, "asked", story);
  co_await rt.clock.sleep_for(stay);
}

/// Cancels a request after `delay`, then sees the client serve another.
asio::awaitable<void> cancel_after(Runtime& rt, Duration delay, std::string& story) {
  co_await rt.clock.sleep_for(10ms);
  net::HttpsClient client(rt, trusting(1));
  TaskGroup tasks(rt);
  std::string cancelled;
  tasks.spawn("request", send_and_tell(client, "cancelled", cancelled));
  co_await rt.clock.sleep_for(delay);
  tasks.cancel();
  co_await tasks.join();
  const bool answered = !cancelled.empty();
  CHECK(client.open_connections() == (answered ? 1U : 0U));
  co_await send_and_tell(client, "next", story);
  story += answered ? "first answered" : "first cancelled";
}

asio::awaitable<void> hold(Runtime& rt) {
  net::HttpsClient client(rt, trusting(2));
  TaskGroup tasks(rt);
  std::string ends;
  for (int i = 0; i < 9; ++i) tasks.spawn("request", send_and_tell(client, "", ends));
  co_await tasks.join();
}

}  // namespace

TEST_CASE("twenty requests at once share eight connections, which close after an idle minute") {
  CHECK(play(many_at_once) == "20 answered, at most 8 open, 8 opened, 12 reused");
}

TEST_CASE("who stops waiting for a connection leaves the queue to those behind") {
  CHECK(play(queue_of_three) == "first: 200; third: 200; opened 1");
}

TEST_CASE("who waits for a connection beyond the total time-out has sent nothing, and the queue goes on") {
  CHECK(play(too_long_a_queue) == "some gave up waiting; after: 200; ");
}

TEST_CASE("a kept connection that its server closes is noticed at once and not used again") {
  const auto story =
      play([](Runtime& rt, std::string& s) { return ask_again_after(rt, 40s, s); }, close_when_idle);
  CHECK(story == "200; 200; opened 2, reused 0");
}

TEST_CASE("a request that crosses its server's close is a reset, and not sent again") {
  int crossed = 0;
  int alone = 0;
  for (Duration pause = 30s - 2ms; pause < 30s + 2ms; pause += 100us) {
    CAPTURE(pause.count());
    const auto story =
        play([pause](Runtime& rt, std::string& s) { return ask_again_after(rt, pause, s); }, close_when_idle);
    crossed += story == "200; reset; opened 1, reused 1" ? 1 : 0;
    alone += story == "200; 200; opened 2, reused 0" ? 1 : 0;
    CHECK((story == "200; reset; opened 1, reused 1" || story == "200; 200; opened 2, reused 0"));
  }
  CHECK(crossed > 0);
  CHECK(alone > 0);
}

TEST_CASE("a TLS connection that the client is done with ends with close_notify, not with a cut") {
  for (const Duration stay : {Duration{70s}, Duration{1s}}) {
    CAPTURE(stay.count());
    std::string end;
    play([stay](Runtime& rt, std::string& s) { return ask_once(rt, stay, s); },
         [&](Runtime& rt) { return tell_the_end(rt, end); });
    CHECK(end == "told");
  }
}

TEST_CASE("a request cancelled in any of its phases leaves nothing, and its client works on") {
  // A request takes a little over a second: name, connection, handshake, sending, the wait, the answer.
  int answered = 0;
  int cancelled = 0;
  for (Duration delay{0}; delay < 1050ms; delay += delay < 20ms ? Duration{250us} : Duration{100ms}) {
    CAPTURE(delay.count());
    const std::string story =
        play([delay](Runtime& rt, std::string& s) { return cancel_after(rt, delay, s); });
    answered += story == "next: 200; first answered" ? 1 : 0;
    cancelled += story == "next: 200; first cancelled" ? 1 : 0;
    CHECK((story == "next: 200; first answered" || story == "next: 200; first cancelled"));
  }
  CHECK(cancelled > 50);
  CHECK(answered >= 1);
}

TEST_CASE("a process killed with requests under way and others waiting runs nothing and leaves nothing") {
  for (const Duration at : {Duration{1ms}, Duration{3ms}, Duration{8ms}, Duration{500ms}, Duration{2500ms}}) {
    CAPTURE(at.count());
    play([](Runtime& rt, std::string&) { return hold(rt); }, nullptr, at);
  }
}
