// The client against a scripted server: what it sends again, what it does not, and what it makes of answers.
#include "core/kube/client.hpp"

#include <catch2/catch.hpp>

#include "tests/core_kube/scripted_server.hpp"

namespace racebed::kube::tests {
namespace {

using namespace std::chrono_literals;

const Resource kWidgets{"example.com", "v1", "widgets", "Widget", true};

template <class T>
void note(Story& story, std::string_view what, const ApiResult<T>& result) {
  if (result) return story(fmt::format("  {}: ok", what));
  const bool unknown = result.error().outcome == ApiError::Outcome::unknown;
  story(fmt::format("  {}: {}{}", what, to_string(result.error().code), unknown ? ", perhaps done" : ""));
}

asio::awaitable<void> one_call(Runtime& runtime, Story& story, Verb verb, std::vector<Reply> replies,
                               ClientOptions options) {
  ScriptedServer server(runtime, story, std::move(replies));
  Client client(runtime, server, options);
  ObjectKey key{"ns", "a"};
  Object object = Object::make(widget("a", "u", 1));
  if (verb == Verb::get) {
    const auto result = co_await client.get(kWidgets, std::move(key));
    note(story, "get", result);
  } else if (verb == Verb::post) {
    const auto result = co_await client.create(kWidgets, std::move(object));
    note(story, "create", result);
  } else {
    const auto result = co_await client.update_status(kWidgets, std::move(object));
    note(story, "update_status", result);
  }
}

std::string called(Verb verb, std::vector<Reply> replies, ClientOptions options = {}) {
  return tell(
      1h, [&](Runtime& runtime, Story& story) { return one_call(runtime, story, verb, replies, options); });
}

}  // namespace

TEST_CASE(
    "an answer with Retry-After and 429 or 5xx is asked for again, whatever the verb, ten times at most") {
  CHECK(called(Verb::post, {failed(429, "x", 1s), failed(503, "x", 2s), answer(widget("a", "u", 1))}) ==
        "0ms post /namespaces/ns/widgets -> 429\n"
        "1000ms post /namespaces/ns/widgets -> 503\n"
        "3000ms post /namespaces/ns/widgets -> 200\n"
        "3000ms   create: ok\n");
  const std::string text = called(Verb::put, std::vector<Reply>(20, failed(429, "x", 1s)));
  CHECK(text.find("10000ms put /namespaces/ns/widgets/a/status -> 429\n10000ms   update_status: "
                  "too_many_requests\n") != std::string::npos);
}

TEST_CASE("without Retry-After an answer stands") {
  CHECK(called(Verb::get, {failed(503, "x")}) ==
        "0ms get /namespaces/ns/widgets/a -> 503\n0ms   get: server_error, perhaps done\n");
  CHECK(called(Verb::get, {failed(404, "NotFound", 1s)}) ==
        "0ms get /namespaces/ns/widgets/a -> 404\n0ms   get: not_found\n");
}

TEST_CASE("a broken connection is retried for reads only, a time-out never") {
  CHECK(called(Verb::get, {lost(), answer(widget("a", "u", 1))}) ==
        "0ms get /namespaces/ns/widgets/a -> broken\n"
        "1000ms get /namespaces/ns/widgets/a -> 200\n"
        "1000ms   get: ok\n");
  CHECK(called(Verb::post, {lost()}) ==
        "0ms post /namespaces/ns/widgets -> broken\n0ms   create: transport_unknown, perhaps done\n");
  CHECK(called(Verb::get, {lost(30s)}) ==
        "0ms get /namespaces/ns/widgets/a -> broken\n30000ms   get: transport_unknown, perhaps done\n");
  CHECK(called(Verb::get, {refused()}) ==
        "0ms get /namespaces/ns/widgets/a -> broken\n0ms   get: transport_not_sent\n");
}

TEST_CASE("a conflict after a try whose outcome is unknown may be with one's own write, and says so") {
  CHECK(called(Verb::put, {failed(504, "Timeout", 1s), failed(409, "Conflict")}) ==
        "0ms put /namespaces/ns/widgets/a/status -> 504\n"
        "1000ms put /namespaces/ns/widgets/a/status -> 409\n"
        "1000ms   update_status: conflict, perhaps done\n");
  CHECK(called(Verb::put, {failed(429, "x", 1s), failed(409, "Conflict")}) ==
        "0ms put /namespaces/ns/widgets/a/status -> 429\n"
        "1000ms put /namespaces/ns/widgets/a/status -> 409\n"
        "1000ms   update_status: conflict\n");
}

TEST_CASE("a success that is no object is a failure whose outcome is unknown") {
  CHECK(called(Verb::post, {answer(Json())}) ==
        "0ms post /namespaces/ns/widgets -> 200\n0ms   create: malformed, perhaps done\n");
}

TEST_CASE("every verb has its target, query, body and content type") {
  struct Recorder final : ApiTransport {
    std::vector<ApiRequest> requests;
    asio::awaitable<Result<ApiResponse, TransportError>> call(ApiRequest request, Duration) override {
      requests.push_back(std::move(request));
      ApiResponse response;
      response.status = 200;
      response.body = std::make_shared<const Json>(Json{{"items", Json::array()}});
      co_return response;
    }
    asio::awaitable<Result<WatchAnswer, TransportError>> watch(ApiRequest request, Duration) override {
      requests.push_back(std::move(request));
      co_return TransportError{};
    }
  } recorder;
  struct Calls {
    static asio::awaitable<void> all(Runtime& runtime, Recorder& recorder) {
      Client client(runtime, recorder);
      const ObjectKey key{"ns", "a"};
      ListOptions list;
      list.label_selector = "a=b,c in (d)";
      list.resource_version = "7";
      list.resource_version_match = "Exact";
      (void)co_await client.list(kWidgets, std::move(list));
      WatchOptions watch;
      watch.ns = "ns";
      watch.send_initial_events = true;
      watch.server_timeout = 301s;
      (void)co_await client.watch(kWidgets, std::move(watch));
      ObjectKey patched = key;
      JsonPtr patch = std::make_shared<const Json>(Json::array());
      std::string status = "status";
      (void)co_await client.patch(kWidgets, std::move(patched), PatchType::json, std::move(patch),
                                  std::move(status));
      ObjectKey plain = key;
      DeleteOptions none;
      (void)co_await client.remove(kWidgets, std::move(plain), std::move(none));
      ObjectKey guarded = key;
      DeleteOptions guard;
      guard.uid = "u";
      guard.resource_version = "9";
      (void)co_await client.remove(kWidgets, std::move(guarded), std::move(guard));
    }
  };
  tell(1s, [&](Runtime& runtime, Story&) { return Calls::all(runtime, recorder); });
  REQUIRE(recorder.requests.size() == 5);
  CHECK(recorder.requests[0].target ==
        "/apis/example.com/v1/widgets?resourceVersion=7&resourceVersionMatch=Exact"
        "&labelSelector=a%3Db%2Cc%20in%20%28d%29");
  CHECK(recorder.requests[1].target ==
        "/apis/example.com/v1/namespaces/ns/widgets?watch=1&allowWatchBookmarks=true&sendInitialEvents=true"
        "&resourceVersionMatch=NotOlderThan&timeoutSeconds=301");
  CHECK(recorder.requests[2].target == "/apis/example.com/v1/namespaces/ns/widgets/a/status");
  CHECK(recorder.requests[2].content_type == "application/json-patch+json");
  CHECK(recorder.requests[3].body == nullptr);
  CHECK(*recorder.requests[4].body == Json{{"apiVersion", "v1"},
                                           {"kind", "DeleteOptions"},
                                           {"preconditions", {{"uid", "u"}, {"resourceVersion", "9"}}}});
}

TEST_CASE("a client with a limit spaces its requests after the burst") {
  struct Calls {
    static asio::awaitable<void> some(Runtime& runtime, Story& story) {
      ScriptedServer server(runtime, story, std::vector<Reply>(4, answer(widget("a", "u", 1))));
      ClientOptions options;
      options.qps = 5;
      options.burst = 2;
      Client client(runtime, server, options);
      for (int i = 0; i < 4; ++i) {
        ObjectKey key{"ns", "a"};
        (void)co_await client.get(kWidgets, std::move(key));
      }
    }
  };
  CHECK(tell(1min, Calls::some) ==
        "0ms get /namespaces/ns/widgets/a -> 200\n"
        "0ms get /namespaces/ns/widgets/a -> 200\n"
        "200ms get /namespaces/ns/widgets/a -> 200\n"
        "400ms get /namespaces/ns/widgets/a -> 200\n");
}

}  // namespace racebed::kube::tests
