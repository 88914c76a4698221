// The message transport: what a client hears, and what the server has done, when something on the way goes
// wrong or either end dies. Every world runs twice and must come out the same.
#include "experiments/world/api_link.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "models/apiserver/front_end.hpp"
#include "tests/support/world.hpp"

using namespace racebed;
using namespace racebed::experiments;
using namespace std::chrono_literals;

namespace {

using models::Passed;
using Part = ApiMessage::Part;
using Outcome = ApiPassage::Outcome;

const std::string kLeases = "/apis/coordination.k8s.io/v1/namespaces/a/leases";

/// Strikes the messages that `concerns` picks.
struct TestWeather final : ApiWeather {
  std::function<std::optional<ApiPassage>(const ApiMessage&)> concerns;
  ApiPassage passage(const ApiMessage& message) override {
    const auto verdict = concerns ? concerns(message) : std::nullopt;
    return verdict.value_or(ApiPassage{});
  }
};

/// The next server each time that a client connects.
struct InTurn final : FrontEndChoice {
  std::size_t asked = 0;
  std::size_t front_end(std::string_view, std::size_t endpoints) override { return asked++ % endpoints; }
};

struct Server {
  std::string name;
  sim::Process* process = nullptr;
  std::unique_ptr<models::FrontEnd> front_end;
  std::unique_ptr<ApiService> service;
  ApiService* now = nullptr;
};

struct Cluster {
  explicit Cluster(sim::Kernel& k) : kernel(k), ledger([this] { return kernel.now(); }), store(ledger) {
    for (const char* name : {"api-0", "api-1"}) {
      servers.push_back(std::make_unique<Server>());
      Server& server = *servers.back();
      server.name = name;
      server.process = &kernel.add_process({.name = name});
      server.process->start([this, &server](Runtime& rt) { return serve(rt, server); });
    }
    store.put(*registry.find("", "v1", "namespaces"), "/a",
              {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "a"}}}}, {"test", 1},
              models::Committed::Operation::create);
    kernel.run(kernel.now() + 1ms);
  }
  ~Cluster() {
    for (const auto& process : kernel.processes()) process->kill();
  }
  asio::awaitable<void> serve(Runtime& rt, Server& server) {
    server.now = nullptr;
    server.service.reset();
    server.front_end = std::make_unique<models::FrontEnd>(rt, store, registry, policy, ledger);
    models::FrontEnd* const front_end = server.front_end.get();
    server.service = std::make_unique<ApiService>(
        *server.process, [front_end](models::ApiHttpRequest r) { return front_end->handle(std::move(r)); });
    server.now = server.service.get();
    co_await front_end->run();
  }
  std::unique_ptr<ApiLink> link(sim::Process& client) {
    ApiEndpoints endpoints;
    for (const auto& server : servers) endpoints.push_back({server->name, &server->now});
    ApiLinkOptions options{
        .latency = {10ms, 10ms}, .weather = &weather, .choice = choice, .moments = &ledger};
    return std::make_unique<ApiLink>(client, std::move(endpoints), options);
  }
  std::size_t open_watches(std::size_t server) {
    return servers[server]
        ->front_end->caches()
        .of(*registry.find("coordination.k8s.io", "v1", "leases"))
        .watches();
  }

  sim::Kernel& kernel;
  models::Ledger ledger;
  models::Store store;
  models::Registry registry = models::builtin_resources();
  models::FrontEndPolicy policy;
  TestWeather weather;
  InTurn in_turn;
  FrontEndChoice* choice = nullptr;
  std::vector<std::unique_ptr<Server>> servers;
};

std::string tell(const kube::TransportError& error) {
  return (error.outcome == kube::TransportError::Outcome::not_sent ? "not sent: " : "unknown: ") +
         error.message;
}

asio::awaitable<std::string> create(ApiLink& link, std::string name) {
  kube::ApiRequest request;
  request.verb = kube::Verb::post;
  request.target = kLeases;
  request.content_type = "application/json";
  request.body = std::make_shared<const kube::Json>(kube::Json{{"metadata", {{"name", name}}}});
  const auto answer = co_await link.call(std::move(request), 5s);
  co_return answer ? std::to_string(answer->status) : tell(answer.error());
}

asio::awaitable<std::unique_ptr<kube::WatchStream>> open(ApiLink& link) {
  kube::ApiRequest request;
  request.target = kLeases + "?watch=1&timeoutSeconds=100";
  auto opened = co_await link.watch(std::move(request), 5s);
  if (!opened) co_return nullptr;
  co_return std::move(opened->stream);
}

/// All that the watch says until it ends, each with the second in which it came.
asio::awaitable<void> read_all(Runtime& rt, kube::WatchStream& stream, std::string& story) {
  const Instant begin = rt.clock.steady_now();
  for (;;) {
    const auto message = co_await stream.next(rt.clock.steady_now() + 1h);
    const auto at = (rt.clock.steady_now() - begin) / 1s;
    if (!message) {
      story += fmt::format("{}s {}", at, tell(message.error()));
      co_return;
    }
    if (message->type.empty()) {
      story += fmt::format("{}s end", at);
      co_return;
    }
    story += fmt::format("{}s {} {}, ", at, message->type, (*message->object)["metadata"].value("name", ""));
  }
}

using Body = std::function<asio::awaitable<void>(Runtime&, ApiLink&, Cluster&, std::string&)>;
using Setting = std::function<void(Cluster&)>;

/// Runs `body` as a client, 200 s at most, and `after` at the end.
std::string with_cluster(const Setting& setting, const Body& body, const Setting& after = {}) {
  return tests::run_twice(7, [&](sim::Kernel& kernel) {
    Cluster cluster(kernel);
    std::string story;
    if (setting) setting(cluster);
    sim::Process& client = kernel.add_process({.name = "client"});
    client.start([&](Runtime& rt) -> asio::awaitable<void> {
      const auto link = cluster.link(client);
      co_await body(rt, *link, cluster, story);
    });
    kernel.run(kernel.now() + 200s);
    if (after) after(cluster);
    story += cluster.store.revision() > 2 ? " (committed)" : " (nothing done)";
    return story;
  });
}

ApiPassage passage(Outcome outcome) {
  ApiPassage passage;
  passage.outcome = outcome;
  return passage;
}

}  // namespace

TEST_CASE("what becomes of a write whose request or answer is lost, refused or reset") {
  struct Row {
    Part part;
    Outcome outcome;
    const char* story;
  };
  for (const Row& row : {
           Row{Part::request, Outcome::deliver, "201 (committed)"},
           Row{Part::request, Outcome::lose, "unknown: timed out waiting for an answer (nothing done)"},
           Row{Part::request, Outcome::refuse, "not sent: connection refused (nothing done)"},
           Row{Part::request, Outcome::reset, "unknown: connection reset by peer (nothing done)"},
           Row{Part::answer, Outcome::lose, "unknown: timed out waiting for an answer (committed)"},
           Row{Part::answer, Outcome::reset, "unknown: connection reset by peer (committed)"},
           Row{Part::answer, Outcome::break_connection, "unknown: connection reset by peer (committed)"},
       }) {
    CAPTURE(row.story);
    const std::string story = with_cluster(
        [&](Cluster& cluster) {
          cluster.weather.concerns = [&](const ApiMessage& message) -> std::optional<ApiPassage> {
            CHECK(message.client == "client");
            CHECK(message.server == "api-0");
            CHECK(message.method == "POST");
            CHECK(message.target == kLeases);
            if (message.part != row.part) return std::nullopt;
            return passage(row.outcome);
          };
        },
        [](Runtime&, ApiLink& link, Cluster&, std::string& told) -> asio::awaitable<void> {
          told = co_await create(link, "x");
        });
    CHECK(story == row.story);
  }
}

TEST_CASE("each way takes its latency and what the weather adds") {
  CHECK(with_cluster(
            [](Cluster& cluster) {
              cluster.weather.concerns = [](const ApiMessage& message) -> std::optional<ApiPassage> {
                ApiPassage slow;
                slow.extra = message.part == Part::request ? 100ms : 1s;
                return slow;
              };
            },
            [](Runtime& rt, ApiLink& link, Cluster&, std::string& told) -> asio::awaitable<void> {
              const Instant begin = rt.clock.steady_now();
              co_await create(link, "x");
              told = fmt::format("{} ms", (rt.clock.steady_now() - begin) / 1ms);
            }) == "1120 ms (committed)");
}

TEST_CASE("a watch event that is lost takes all that follows with it; a reset ends the watch") {
  struct Row {
    Outcome outcome;
    const char* story;
  };
  for (const Row& row : {
           Row{Outcome::deliver, "1s ADDED x1, 2s ADDED x2, 3s ADDED x3, 100s end (committed)"},
           Row{Outcome::lose, "1s ADDED x1,  (committed)"},
           Row{Outcome::reset, "1s ADDED x1, 2s unknown: connection reset by peer (committed)"},
       }) {
    CAPTURE(row.story);
    const std::string story = with_cluster(
        [&](Cluster& cluster) {
          cluster.weather.concerns =
              [&, events = 0](const ApiMessage& message) mutable -> std::optional<ApiPassage> {
            if (message.part != Part::watch_event || ++events != 2) return std::nullopt;
            return passage(row.outcome);
          };
        },
        [](Runtime& rt, ApiLink& link, Cluster&, std::string& told) -> asio::awaitable<void> {
          auto stream = co_await open(link);
          TaskGroup tasks(rt);
          tasks.spawn("read", read_all(rt, *stream, told));
          for (const char* name : {"x1", "x2", "x3"}) {
            co_await rt.clock.sleep_for(1s);
            co_await create(link, name);
          }
          co_await rt.clock.sleep_for(150s);
          tasks.cancel();
          co_await tasks.join();
        },
        [](Cluster& cluster) { CHECK(cluster.open_watches(0) == 0); });
    CHECK(story == row.story);
  }
}

TEST_CASE("the end of the server's life reaches a client that waits, unless its host lost power") {
  struct Row {
    bool power;
    const char* story;
  };
  for (const Row& row :
       {Row{false, "1s unknown: connection reset by peer (nothing done)"}, Row{true, " (nothing done)"}}) {
    CHECK(with_cluster(
              {},
              [&](Runtime& rt, ApiLink& link, Cluster& cluster, std::string& told) -> asio::awaitable<void> {
                auto stream = co_await open(link);
                TaskGroup tasks(rt);
                tasks.spawn("read", read_all(rt, *stream, told));
                co_await rt.clock.sleep_for(1s);
                row.power ? cluster.servers[0]->process->power_loss() : cluster.servers[0]->process->kill();
                co_await rt.clock.sleep_for(60s);
                tasks.cancel();
                co_await tasks.join();
              }) == row.story);
  }
}

TEST_CASE("a server hears that the client has closed its watch, or died, and ends it") {
  for (const bool dies : {false, true}) {
    CHECK(with_cluster(
              {},
              [&](Runtime& rt, ApiLink& link, Cluster& cluster, std::string& told) -> asio::awaitable<void> {
                auto stream = co_await open(link);
                CHECK(cluster.open_watches(0) == 1);
                told = "open";
                // After the way there, without any event.
                cluster.kernel.call_at(
                    cluster.kernel.world(), cluster.kernel.now() + 11ms,
                    [&cluster, &told] { told += cluster.open_watches(0) == 0 ? ", gone" : ""; });
                if (dies) {
                  cluster.kernel.find_process("client")->kill();
                } else {
                  stream.reset();
                }
                co_await rt.clock.sleep_for(1s);
              }) == "open, gone (nothing done)");
  }
}

TEST_CASE("a broken connection takes every watch between the two along; the client then connects anew") {
  CHECK(with_cluster(
            [](Cluster& cluster) {
              cluster.choice = &cluster.in_turn;
              cluster.weather.concerns = [](const ApiMessage& message) -> std::optional<ApiPassage> {
                if (message.part != Part::request || message.method != "POST" || message.server != "api-0")
                  return std::nullopt;
                return passage(Outcome::break_connection);
              };
            },
            [](Runtime& rt, ApiLink& link, Cluster& cluster, std::string& told) -> asio::awaitable<void> {
              auto stream = co_await open(link);
              std::string read;
              TaskGroup tasks(rt);
              tasks.spawn("read", read_all(rt, *stream, read));
              const std::string first = co_await create(link, "x");
              co_await tasks.join();
              const std::string second = co_await create(link, "x");
              told = fmt::format("{}; {}; {}; asked {}", read, first, second, cluster.in_turn.asked);
            }) ==
        "0s unknown: connection reset by peer; unknown: connection reset by peer; 201; asked 2 (committed)");
}

TEST_CASE(
    "a dead server refuses, and the next connection may go to another; the weather can divert one request") {
  CHECK(
      with_cluster([](Cluster& cluster) { cluster.choice = &cluster.in_turn; },
                   [](Runtime&, ApiLink& link, Cluster& cluster, std::string& told) -> asio::awaitable<void> {
                     cluster.servers[0]->process->kill();
                     told = co_await create(link, "x");
                     told += "; " + co_await create(link, "x");
                   }) == "not sent: connection refused; 201 (committed)");
  CHECK(with_cluster(
            [](Cluster& cluster) {
              cluster.servers[1]->process->kill();
              cluster.weather.concerns = [](const ApiMessage& message) -> std::optional<ApiPassage> {
                ApiPassage diverted;
                if (message.part == Part::request) diverted.endpoint = 1;
                return diverted;
              };
            },
            [](Runtime&, ApiLink& link, Cluster&, std::string& told) -> asio::awaitable<void> {
              told = co_await create(link, "x");
            }) == "not sent: connection refused (nothing done)");
}

TEST_CASE(
    "the moments of a read, a write and a watch event are told, with the object as far as it is known") {
  using Point = Passed::Point;
  CHECK(with_cluster(
            [](Cluster& cluster) {
              cluster.weather.concerns = [](const ApiMessage& message) -> std::optional<ApiPassage> {
                ApiPassage later;
                if (message.part == Part::watch_event) later.extra = 5ms;
                return later;
              };
            },
            [](Runtime& rt, ApiLink& link, Cluster& cluster, std::string& told) -> asio::awaitable<void> {
              for (Point point : {Point::core_sends_read, Point::core_has_read, Point::core_sends_write,
                                  Point::core_has_written, Point::core_receives})
                cluster.ledger.want(point);
              cluster.ledger.subscribe([&](const models::Fact& fact) {
                const auto* passed = std::get_if<Passed>(&fact.what);
                if (passed == nullptr) return;
                CHECK(fact.actor == models::Actor{"client", 1});
                CHECK(passed->object.resource == "leases");
                told += fmt::format("{} {}/{}{}, ", to_text(passed->point), passed->object.ns,
                                    passed->object.name, passed->object.uid.empty() ? "" : "+uid");
              });
              auto stream = co_await open(link);
              co_await create(link, "x");
              co_await rt.clock.sleep_for(1s);
              kube::ApiRequest request;
              request.target = kLeases + "/x";
              co_await link.call(std::move(request), 5s);
            }) ==
        "core-sends-write a/x, core-has-written a/x+uid, core-receives a/x+uid, core-sends-read a/x, "
        "core-has-read a/x+uid,  (committed)");
}

TEST_CASE("who pauses the client as it sends a write: the write leaves when it wakes; killed, never") {
  for (const bool killed : {false, true}) {
    CHECK(with_cluster(
              {}, [&](Runtime&, ApiLink& link, Cluster& cluster, std::string& told) -> asio::awaitable<void> {
                cluster.ledger.want(Passed::Point::core_sends_write);
                cluster.ledger.subscribe([&](const models::Fact& fact) {
                  if (!std::holds_alternative<Passed>(fact.what)) return;
                  sim::Process& client = *cluster.kernel.find_process("client");
                  killed ? client.kill() : client.pause();
                  cluster.kernel.call_at(cluster.kernel.world(), cluster.kernel.now() + 20s, [&] {
                    told += cluster.store.revision() == 2 ? "quiet" : "it left";
                    if (!killed) client.resume();
                  });
                });
                co_await create(link, "x");
              }) == (killed ? "quiet (nothing done)" : "quiet (committed)"));
  }
}
