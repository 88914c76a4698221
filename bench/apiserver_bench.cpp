// What a request, a committed change on its way to a watch, and a list cost the API server model, in process,
// by the number of objects in its store. Read items_per_second.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "live/loop.hpp"
#include "live/process.hpp"
#include "models/apiserver/front_end.hpp"
#include "models/users/plan.hpp"
#include "runtime/task_group.hpp"

using namespace racebed;
using namespace racebed::models;

namespace {

const std::string kCollection =
    "/apis/notification.kubernaut.ai/v1alpha1/namespaces/default/notificationrequests";

struct Server {
  explicit Server(Runtime& r) : runtime(r), front_end(r, store, registry, policy, ledger) {}
  Runtime& runtime;
  Ledger ledger{[this] { return runtime.clock.now(); }, 1'000};
  Store store{ledger};
  Registry registry = builtin_resources();
  FrontEndPolicy policy;
  FrontEnd front_end;

  asio::awaitable<ApiHttpResponse> call(std::string method, std::string target, JsonPtr body = nullptr) {
    ApiHttpRequest request{.method = std::move(method), .target = std::move(target), .body = std::move(body)};
    auto response = co_await front_end.handle(std::move(request));
    co_return std::move(*response);
  }
  asio::awaitable<void> fill(std::int64_t objects) {
    const auto ns = std::make_shared<const Json>(Json{{"metadata", {{"name", "default"}}}});
    co_await call("POST", "/api/v1/namespaces", ns);
    for (std::int64_t i = 0; i < objects; ++i) {
      Json object{{"metadata", {{"name", fmt::format("n-{}", i)}}}, {"spec", notification_spec()}};
      const auto body = std::make_shared<const Json>(std::move(object));
      co_await call("POST", kCollection, body);
    }
  }
};

using Body = std::function<asio::awaitable<void>(Server&, benchmark::State&)>;

asio::awaitable<void> in_server(Runtime& runtime, benchmark::State& state, Body body) {
  Server server(runtime);
  co_await server.fill(state.range(0));
  co_await body(server, state);
}

/// On the real clock: in the simulation no time passes for a benchmark to measure.
void run(benchmark::State& state, const Body& body) {
  live::Loop loop;
  live::Process process(loop, {.name = "apiserver"});
  process.start([&](Runtime& runtime) { return in_server(runtime, state, body); },
                [&](std::exception_ptr failure) {
                  if (failure) state.SkipWithError("it threw");
                  loop.stop();
                });
  loop.run();
  state.SetItemsProcessed(state.iterations());
}

/// Another object each time, in an order that no cache of the processor foresees.
std::string name_of(std::uint64_t i, std::int64_t objects) {
  return fmt::format("{}/n-{}", kCollection, (i * 7919) % static_cast<std::uint64_t>(objects));
}

asio::awaitable<void> gets(Server& server, benchmark::State& state) {
  std::uint64_t i = 0;
  while (state.KeepRunning()) {
    std::string target = name_of(++i, state.range(0));
    ApiHttpResponse answer = co_await server.call("GET", std::move(target));
    benchmark::DoNotOptimize(answer.body);
  }
}

/// A status write with a body that is made for it, as a controller's is.
asio::awaitable<void> put_status(Server& server, benchmark::State& state, std::uint64_t i) {
  const auto* type = server.registry.find("notification.kubernaut.ai", "v1alpha1", "notificationrequests");
  const std::uint64_t number = (i * 7919) % static_cast<std::uint64_t>(state.range(0));
  const JsonPtr current = server.store.find(*type, fmt::format("default/n-{}", number));
  Json desired{{"apiVersion", "notification.kubernaut.ai/v1alpha1"},
               {"kind", "NotificationRequest"},
               {"metadata", (*current)["metadata"]}};
  desired["status"] = {{"phase", "Sending"}, {"message", fmt::format("attempt {}", i)}};
  const auto body = std::make_shared<const Json>(std::move(desired));
  std::string path = fmt::format("{}/n-{}/status", kCollection, number);
  ApiHttpResponse answer = co_await server.call("PUT", std::move(path), body);
  if (answer.status != 200) state.SkipWithError("the write was refused");
}

asio::awaitable<void> status_puts(Server& server, benchmark::State& state) {
  std::uint64_t i = 0;
  while (state.KeepRunning()) co_await put_status(server, state, ++i);
}

/// The renewal of one lease, whose body is the last answer with another time.
asio::awaitable<void> lease_renewals(Server& server, benchmark::State& state) {
  const std::string collection = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
  Json lease{{"apiVersion", "coordination.k8s.io/v1"},
             {"kind", "Lease"},
             {"metadata", {{"name", "leader"}}},
             {"spec", {{"holderIdentity", "a"}, {"leaseDurationSeconds", 15}}}};
  auto made = std::make_shared<const Json>(std::move(lease));
  ApiHttpResponse answer = co_await server.call("POST", collection, made);
  std::uint64_t i = 0;
  while (state.KeepRunning()) {
    Json next = *answer.body;
    next["spec"]["renewTime"] = fmt::format("2026-01-01T00:00:00.{:06}Z", ++i % 1'000'000);
    auto body = std::make_shared<const Json>(std::move(next));
    answer = co_await server.call("PUT", collection + "/leader", body);
    if (answer.status != 200) state.SkipWithError("the write was refused");
  }
}

/// A status write and the event that tells of it.
asio::awaitable<void> events(Server& server, benchmark::State& state) {
  std::string target = fmt::format("{}?watch=1&resourceVersion={}", kCollection, server.store.revision());
  ApiHttpResponse opened = co_await server.call("GET", std::move(target));
  std::uint64_t i = 0;
  while (state.KeepRunning()) {
    co_await put_status(server, state, ++i);
    auto event = co_await opened.watch->next();
    benchmark::DoNotOptimize(event);
  }
}

/// The same beside a thousand watches of other namespaces.
asio::awaitable<void> events_among_watches(Server& server, benchmark::State& state) {
  std::vector<ApiHttpResponse> others;
  for (int i = 0; i < 1'000; ++i) {
    std::string target = fmt::format(
        "/apis/notification.kubernaut.ai/v1alpha1/namespaces/other-{}/notificationrequests?watch=1", i);
    others.push_back(co_await server.call("GET", std::move(target)));
  }
  co_await events(server, state);
}

asio::awaitable<void> lists(Server& server, benchmark::State& state) {
  while (state.KeepRunning()) {
    std::string target = kCollection;
    ApiHttpResponse answer = co_await server.call("GET", std::move(target));
    benchmark::DoNotOptimize(answer.items);
  }
}

asio::awaitable<void> pages(Server& server, benchmark::State& state) {
  while (state.KeepRunning()) {
    std::string token;
    do {
      std::string target =
          fmt::format("{}?limit=500{}{}", kCollection, token.empty() ? "" : "&continue=", token);
      ApiHttpResponse answer = co_await server.call("GET", std::move(target));
      token = metadata_text(*answer.body, "continue");
    } while (!token.empty());
  }
}

void BM_ApiGet(benchmark::State& state) {
  run(state, gets);
}
void BM_ApiStatusPut(benchmark::State& state) {
  run(state, status_puts);
}
void BM_ApiLeaseRenewal(benchmark::State& state) {
  run(state, lease_renewals);
}
void BM_ApiEvents(benchmark::State& state) {
  run(state, events);
}
void BM_ApiEventsAmongWatches(benchmark::State& state) {
  run(state, events_among_watches);
}
void BM_ApiList(benchmark::State& state) {
  run(state, lists);
}
void BM_ApiPages(benchmark::State& state) {
  run(state, pages);
}

BENCHMARK(BM_ApiGet)->Arg(100)->Arg(100'000);
BENCHMARK(BM_ApiStatusPut)->Arg(100)->Arg(100'000);
BENCHMARK(BM_ApiLeaseRenewal)->Arg(100);
BENCHMARK(BM_ApiEvents)->Arg(100)->Arg(100'000);
BENCHMARK(BM_ApiEventsAmongWatches)->Arg(100)->Arg(100'000);
BENCHMARK(BM_ApiList)->Arg(100)->Arg(100'000);
BENCHMARK(BM_ApiPages)->Arg(100'000);

}  // namespace
