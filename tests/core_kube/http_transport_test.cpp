// The client machinery over real HTTP bytes against the fake API server's HTTP side, in virtual time: the
// path that a controller takes outside the simulation.
#include "core/kube/http_transport.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/apiserver/front_end.hpp"
#include "models/apiserver/http_server.hpp"
#include "runtime/task_group.hpp"
#include "sim/fabric.hpp"
#include "sim/openssl_hooks.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/world.hpp"

using namespace racebed;
using namespace std::chrono_literals;

namespace {

using kube::ApiRequest;
using kube::Verb;
constexpr std::uint16_t kPort = 6443;

struct Fault final : models::FrontEndPolicy {
  models::RequestVerdict verdict;
  models::RequestVerdict request(const models::ApiHttpRequest&) override { return verdict; }
};

struct Served {
  Served(Runtime& rt, Fault& fault, bool tls)
      : ledger([&rt] { return rt.clock.now(); }),
        store(ledger),
        registry(models::builtin_resources()),
        front_end(rt, store, registry, fault, ledger),
        server(rt,
               [this](models::ApiHttpRequest request, std::uint64_t) {
                 return front_end.handle(std::move(request));
               },
               {.port = kPort,
                .identity = tls ? &tests::authority().identity(models::ChainKind::good) : nullptr,
                .limits = {.idle_timeout = 30s},
                .token = "t0ken"}) {}
  models::Ledger ledger;
  models::Store store;
  models::Registry registry;
  models::FrontEnd front_end;
  models::ApiHttpServer server;
};

using Body = std::function<asio::awaitable<void>(Runtime&, kube::HttpTransport&, Fault&, sim::Process& server,
                                                 std::string&)>;

std::string with_api(bool tls, const Body& body) {
  (void)tests::authority();
  return tests::run_twice(5, [&](sim::Kernel& kernel) {
    const sim::SeededOpenssl randomness(kernel.choices().pick(std::uint64_t{1} << 62, "openssl"));
    sim::CalmLinks calm(kernel.choices(), {});
    sim::SimFabric fabric(kernel, calm);
    kernel.set_fabric(&fabric);
    fabric.add_name(tests::kSlackHost, "apiserver");
    std::string story = "did not end";
    Fault fault;
    sim::Process& server = kernel.add_process({.name = "apiserver"});
    server.start([&](Runtime& rt) -> asio::awaitable<void> {
      Served mine(rt, fault, tls);
      (void)mine.server.listen();
      TaskGroup group(rt);
      group.spawn("caches", mine.front_end.run());
      co_await mine.server.run();
    });
    sim::Process& client = kernel.add_process({.name = "client"});
    client.start([&](Runtime& rt) -> asio::awaitable<void> {
      co_await rt.clock.sleep_for(1ms);
      co_await rt.files.write("/token", "t0ken\n");
      const auto url =
          net::parse_url(fmt::format("{}://{}:{}", tls ? "https" : "http", tests::kSlackHost, kPort));
      kube::HttpTransport transport(
          rt, {.server = *url, .roots = tests::trusted_roots(), .token_file = "/token"});
      story.clear();
      co_await body(rt, transport, fault, server, story);
    });
    kernel.run(kernel.now() + 2h);
    server.kill();
    kernel.run(kernel.now() + 1s);
    return story;
  });
}

ApiRequest request(Verb verb, std::string target, const char* body = nullptr) {
  ApiRequest made;
  made.verb = verb;
  made.target = std::move(target);
  if (body != nullptr) made.body = std::make_shared<const kube::Json>(kube::Json::parse(body));
  return made;
}

std::string outcome_of(const Result<kube::ApiResponse, kube::TransportError>& answer) {
  if (!answer)
    return answer.error().outcome == kube::TransportError::Outcome::not_sent ? "not sent" : "unknown";
  return fmt::format("{}{}", answer->status,
                     answer->retry_after ? fmt::format(" after {} s", *answer->retry_after / 1s) : "");
}

constexpr const char* kNamespace = R"({"metadata":{"name":"ns"}})";
constexpr const char* kMap = R"({"metadata":{"name":"a"},"data":{"k":"v"}})";
const std::string kMaps = "/api/v1/namespaces/ns/configmaps";

asio::awaitable<void> crud(Runtime&, kube::HttpTransport& api, Fault&, sim::Process&, std::string& story) {
  const auto step = [&](Verb verb, std::string target, const char* body = nullptr) -> asio::awaitable<void> {
    auto answer = co_await api.call(request(verb, std::move(target), body), 10s);
    story += outcome_of(answer) + " ";
  };
  co_await step(Verb::post, "/api/v1/namespaces", kNamespace);
  co_await step(Verb::post, kMaps, kMap);
  co_await step(Verb::get, kMaps + "/a");
  co_await step(Verb::put, kMaps + "/a", kMap);
  co_await step(Verb::remove, kMaps + "/a");
  co_await step(Verb::get, kMaps + "/a");
}

}  // namespace

TEST_CASE("requests, answers and the bearer token travel over HTTP and HTTPS") {
  CHECK(with_api(false, crud) == "201 201 200 200 200 404 ");
  CHECK(with_api(true, crud) == "201 201 200 200 200 404 ");
}

TEST_CASE("what a caller must know of a failed call: was it carried out, and when to ask again") {
  struct Row {
    const char* name;
    models::RequestVerdict verdict;
    const char* story;
  };
  using Outcome = models::RequestVerdict::Outcome;
  const std::vector<Row> rows{
      {"control", {}, "201"},
      {"the answer is lost", {.outcome = Outcome::commit_then_lose}, "unknown"},
      {"the answer takes too long", {.delay = 20s}, "unknown"},
      {"throttled", {.outcome = Outcome::refuse, .status = 429, .retry_after = 3s}, "429 after 3 s"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(with_api(false,
                   [&](Runtime&, kube::HttpTransport& api, Fault& fault, sim::Process&,
                       std::string& story) -> asio::awaitable<void> {
                     fault.verdict = row.verdict;
                     auto answer =
                         co_await api.call(request(Verb::post, "/api/v1/namespaces", kNamespace), 10s);
                     story = outcome_of(answer);
                   }) == row.story);
  }
  CHECK(with_api(false,
                 [](Runtime& rt, kube::HttpTransport& api, Fault&, sim::Process& server,
                    std::string& story) -> asio::awaitable<void> {
                   server.kill();
                   co_await rt.clock.sleep_for(1s);
                   auto answer = co_await api.call(request(Verb::get, "/api/v1/namespaces"), 10s);
                   story = outcome_of(answer);
                 }) == "not sent");
}

TEST_CASE("a read that finds its kept-alive connection closed is asked again, once") {
  CHECK(with_api(false,
                 [](Runtime& rt, kube::HttpTransport& api, Fault&, sim::Process&,
                    std::string& story) -> asio::awaitable<void> {
                   for (int i = 0; i < 2; ++i) {
                     auto answer = co_await api.call(request(Verb::get, "/api/v1/namespaces"), 10s);
                     story += outcome_of(answer) + " ";
                     co_await rt.clock.sleep_for(31s);  // the server closes at 30 s, the pool keeps 60
                   }
                 }) == "200 200 ");
}

TEST_CASE("a watch gives its lines as they come, its clean end, and says when it broke") {
  struct Row {
    const char* name;
    bool kill;
    const char* story;
  };
  for (const Row& row : {Row{"time-out", false, "ADDED ADDED MODIFIED end"},
                         Row{"server killed", true, "ADDED ADDED MODIFIED broken"}}) {
    INFO(row.name);
    for (const bool tls : {false, true}) {
      CHECK(with_api(tls,
                     [&](Runtime&, kube::HttpTransport& api, Fault&, sim::Process& server,
                         std::string& story) -> asio::awaitable<void> {
                       co_await api.call(request(Verb::post, "/api/v1/namespaces", kNamespace), 10s);
                       auto opened = co_await api.watch(
                           request(Verb::get, "/api/v1/configmaps?watch=1&timeoutSeconds=20"), 10s);
                       const std::string large =
                           R"({"metadata":{"name":"b"},"data":{"k":")" + std::string(100'000, 'x') + "\"}}";
                       co_await api.call(request(Verb::post, kMaps, kMap), 10s);
                       co_await api.call(request(Verb::post, kMaps, large.c_str()), 10s);
                       co_await api.call(request(Verb::put, kMaps + "/b", R"({"metadata":{"name":"b"}})"),
                                         10s);
                       for (int i = 0; i < 4; ++i) {
                         if (i == 3 && row.kill) server.kill();
                         auto line = co_await opened->stream->next(Instant::max());
                         story += !line ? "broken" : line->type.empty() ? "end" : line->type + " ";
                       }
                     }) == row.story);
    }
  }
}

TEST_CASE("a watch that is refused gives the server's answer") {
  CHECK(with_api(false,
                 [](Runtime&, kube::HttpTransport& api, Fault&, sim::Process&,
                    std::string& story) -> asio::awaitable<void> {
                   auto opened = co_await api.watch(
                       request(Verb::get, "/api/v1/configmaps?watch=1&resourceVersion=abc"), 10s);
                   story = fmt::format("{} {}", opened->stream == nullptr, opened->refusal.status >= 400);
                 }) == "true true");
}
