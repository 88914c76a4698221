// HTTP calls on loopback: the core's client and the fake API server's HTTP side over real sockets, both on
// one thread, so that a call's time is the work of both ends. A real kube-apiserver takes some 2.6 ms a call.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/kube/http_transport.hpp"
#include "experiments/live/fake_world.hpp"
#include "live/process.hpp"
#include "runtime/task_group.hpp"

namespace {

using namespace racebed;

asio::awaitable<void> make_calls(kube::HttpTransport& api, std::string target, int calls) {
  for (int i = 0; i < calls; ++i) {
    kube::ApiRequest request;
    request.target = target;
    auto answer = co_await api.call(std::move(request), std::chrono::seconds{10});
    if (!answer || answer->status != 200) throw std::runtime_error("a call failed");
  }
}

/// `connections` clients at a time, each asking again and again for one namespace.
void BM_HttpGet(benchmark::State& state) {
  constexpr int kCalls = 200;
  const auto connections = static_cast<int>(state.range(0));
  live::Loop loop;
  live::Process process(loop, {.name = "bench"});
  models::Ledger ledger([&] { return process.runtime().clock.now(); }, 1000);
  experiments::FakeWorldOptions options;
  options.https_port.reset();
  options.slack_port.reset();
  options.control_port.reset();
  experiments::FakeWorld world(process.runtime(), ledger, options);
  const auto ports = world.listen();
  const auto url = net::parse_url(fmt::format("http://127.0.0.1:{}", ports->http));
  process.start(
      [&](Runtime& runtime) -> asio::awaitable<void> {
        TaskGroup tasks(runtime);
        tasks.spawn("world", world.run());
        kube::HttpTransport api(runtime, {.server = *url, .connections_max = 64});
        co_await make_calls(api, "/api/v1/namespaces/default", 10);
        for (auto _ : state) {
          TaskGroup clients(runtime);
          for (int i = 0; i < connections; ++i) {
            clients.spawn("client", make_calls(api, "/api/v1/namespaces/default", kCalls));
          }
          co_await clients.join();
        }
        world.drain();
        co_await tasks.join();
      },
      [&](std::exception_ptr) { loop.stop(); });
  loop.run();
  state.SetItemsProcessed(state.iterations() * connections * kCalls);
}
BENCHMARK(BM_HttpGet)->Arg(1)->Arg(64)->Unit(benchmark::kMillisecond);

}  // namespace
