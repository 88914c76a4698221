// The event recorder: one Event for one thing, counted; best effort, bounded.
#include "core/kube/events.hpp"

#include <catch2/catch.hpp>

#include "tests/core_kube/scripted_server.hpp"

namespace racebed::kube::tests {
namespace {

using namespace std::chrono_literals;

asio::awaitable<void> record(Runtime& runtime, Story& story, std::vector<Reply> replies,
                             EventRecorderOptions options, std::vector<std::string> messages) {
  ScriptedServer server(runtime, story, std::move(replies));
  ClientOptions client_options;
  client_options.retries_max = 0;
  Client client(runtime, server, client_options);
  EventRecorder recorder(runtime, client, std::move(options), obs::Logger());
  const Object about = Object::make(widget("a", "u", 1));
  for (const std::string& message : messages) recorder.record(about, EventType::normal, "Happened", message);
  recorder.start();
  co_await recorder.flush(runtime.clock.steady_now() + 10min);
  story(fmt::format("  dropped {}, waiting {}", recorder.dropped(), recorder.pending()));
  co_await recorder.stop();
}

std::string recorded(std::vector<Reply> replies, std::vector<std::string> messages,
                     EventRecorderOptions options = {}) {
  return tell(
      1h, [&](Runtime& runtime, Story& story) { return record(runtime, story, replies, options, messages); });
}

Reply ok() {
  return answer(Json::object());
}

}  // namespace

TEST_CASE("the same thing again raises the count of the Event that exists; another thing makes another") {
  CHECK(recorded({ok(), ok(), ok()}, {"x", "x", "y"}) ==
        "0ms post /namespaces/ns/events -> 200\n"
        "0ms patch /namespaces/ns/events/a.187c512b32cb0000 -> 200\n"
        "0ms post /namespaces/ns/events -> 200\n"
        "0ms   dropped 0, waiting 0\n");
}

TEST_CASE("an Event that is gone is made anew, and a name that is taken is changed") {
  CHECK(recorded({ok(), failed(404, "NotFound"), failed(409, "AlreadyExists"), ok()}, {"x", "x"}) ==
        "0ms post /namespaces/ns/events -> 200\n"
        "0ms patch /namespaces/ns/events/a.187c512b32cb0000 -> 404\n"
        "0ms post /namespaces/ns/events -> 409\n"
        "0ms post /namespaces/ns/events -> 200\n"
        "0ms   dropped 0, waiting 0\n");
}

TEST_CASE("a server in trouble is asked again every 10 s, a refusal drops the Event") {
  CHECK(recorded({failed(503, "x"), lost(), ok(), failed(422, "Invalid")}, {"x", "y"}) ==
        "0ms post /namespaces/ns/events -> 503\n"
        "0ms post /namespaces/ns/events -> broken\n"
        "10000ms post /namespaces/ns/events -> 200\n"
        "10000ms post /namespaces/ns/events -> 422\n"
        "10000ms   dropped 1, waiting 0\n");
}

TEST_CASE("what does not fit the queue is dropped, tries have an end, and what is remembered has a bound") {
  EventRecorderOptions options;
  options.queue_max = 2;
  options.tries_max = 2;
  CHECK(recorded({refused(), refused(), ok()}, {"x", "y", "z"}, options) ==
        "0ms post /namespaces/ns/events -> broken\n"
        "0ms post /namespaces/ns/events -> broken\n"
        "0ms post /namespaces/ns/events -> 200\n"
        "0ms   dropped 2, waiting 0\n");
  EventRecorderOptions forgetful;
  forgetful.remembered_max = 1;
  const std::string text = recorded({ok(), ok(), ok()}, {"x", "y", "x"}, forgetful);
  CHECK(text.find("patch") == std::string::npos);
}

TEST_CASE("after the window the same thing again makes another Event") {
  EventRecorderOptions options;
  options.window = 0ms;
  const std::string text = recorded({ok(), ok()}, {"x", "x"}, options);
  CHECK(text.find("patch") == std::string::npos);
  CHECK(text.find("dropped 0") != std::string::npos);
}

}  // namespace racebed::kube::tests
