#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "models/apiserver/http_server.hpp"
#include "runtime/assert.hpp"
#include "sim/fabric.hpp"
#include "tests/fuzz/server.hpp"
#include "tests/fuzz/targets.hpp"

namespace racebed::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint16_t kPort = 6443;

asio::awaitable<void> serve(Runtime& runtime, models::ApiHttpServer*& shown) {
  Server server(runtime);
  co_await server.fill();
  models::ApiHttpServer http(
      runtime,
      [&server](models::ApiHttpRequest request, std::uint64_t) {
        return server.front_end.handle(std::move(request));
      },
      {.port = kPort,
       .limits = {.idle_timeout = 60s, .header_timeout = 5s, .body_timeout = 10s, .write_timeout = 10s},
       .drain_timeout = 5s});
  RACEBED_ASSERT(http.listen().has_value(), "the port is free");
  shown = &http;
  co_await http.run();
  RACEBED_ASSERT(http.open_connections() == 0, "a drained server has let every client go");
  shown = nullptr;
}

/// Sends everything, hears the answers out, and leaves after a quiet minute at the latest.
asio::awaitable<void> visit(Runtime& runtime, std::string_view bytes) {
  co_await runtime.clock.sleep_for(1ms);
  const auto addresses = co_await runtime.network.resolve("apiserver");
  auto stream = co_await runtime.network.connect(addresses->front(), kPort);
  RACEBED_ASSERT(stream.has_value(), "the server listens");
  co_await asio::async_write(*stream, asio::buffer(bytes.data(), bytes.size()), kTuple);
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto [error, count] = co_await stream->async_read_some(asio::buffer(buffer), kTuple);
    if (error) co_return;
  }
}

}  // namespace

void http(std::string_view bytes) {
  sim::Choices choices(sim::seeded_choices(1));
  sim::Kernel kernel(choices, {.steps_max = 2'000'000});
  sim::CalmLinks calm(kernel.choices(), {});
  sim::SimFabric fabric(kernel, calm);
  kernel.set_fabric(&fabric);
  models::ApiHttpServer* server = nullptr;
  sim::Process& serving = kernel.add_process({.name = "apiserver"});
  const auto fails = [](sim::Process&, sim::ProcessChange change, std::string_view detail) {
    RACEBED_ASSERT(change != sim::ProcessChange::crashed, std::string(detail));
  };
  serving.start([&](Runtime& runtime) { return serve(runtime, server); });
  serving.on_change(fails);
  sim::Process& client = kernel.add_process({.name = "client"});
  client.start([&](Runtime& runtime) { return visit(runtime, bytes); });
  client.on_change(fails);
  RACEBED_ASSERT(kernel.run(kernel.now() + 1min) != sim::StopReason::step_limit, "a visit is short");
  RACEBED_ASSERT(server != nullptr, "no client ends the server");
  server->drain();
  kernel.run(kernel.now() + 10s);
  RACEBED_ASSERT(server == nullptr, "a server that is told to end ends in time");
}

}  // namespace racebed::fuzz
