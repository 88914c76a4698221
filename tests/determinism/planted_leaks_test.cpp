// Every kind of hidden nondeterminism that we know of, planted on purpose: each must be caught, either in the
// act (the run says who called) or by its twin (a second run with a shaken heap comes out different).
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <ctime>
#include <future>
#include <random>
#include <thread>
#include <unordered_map>

#include "models/ca/certificate_authority.hpp"
#include "models/ca/server_identity.hpp"
#include "sim/fabric.hpp"
#include "sim/heap_account.hpp"
#include "sim/kernel.hpp"
#include "sim/openssl_hooks.hpp"
#include "tests/support/certificates.hpp"

using namespace racebed;
using namespace std::chrono_literals;

namespace {

struct Seen {
  std::optional<sim::Leak> leak;
  sim::RunHash hash;
};

/// One task that does `deed` after a millisecond.
Seen run_once(const std::function<void(sim::Kernel&, Runtime&)>& deed, std::uint64_t shake) {
  sim::heap::set_shake(shake);
  Seen seen;
  {
    sim::Choices choices(sim::seeded_choices(1));
    sim::Kernel kernel(choices);
    kernel.add_process({.name = "suspect"}).start([&](Runtime& rt) -> asio::awaitable<void> {
      co_await rt.clock.sleep_for(1ms);
      deed(kernel, rt);
      co_await rt.clock.sleep_for(1ms);
    });
    kernel.run();
    seen = {kernel.leak(), kernel.hash()};
  }
  sim::heap::set_shake(0);
  return seen;
}

bool twins_differ(const std::function<void(sim::Kernel&, Runtime&)>& deed) {
  const Seen first = run_once(deed, 0x1111111111111111ULL);
  const Seen second = run_once(deed, 0x2222222222222222ULL);
  REQUIRE_FALSE(first.leak.has_value());
  return !(first.hash == second.hash);
}

}  // namespace

TEST_CASE("what reads the machine is caught in the act, and the report says who did it") {
  struct Row {
    const char* name;
    const char* what;
    std::function<void(sim::Kernel&, Runtime&)> deed;
  };
  const std::vector<Row> table = {
      {"time()", "the real clock (time)", [](auto&, auto&) { (void)std::time(nullptr); }},
      {"system_clock::now()", "the real clock", [](auto&, auto&) { (void)std::chrono::system_clock::now(); }},
      {"steady_clock::now()", "the real clock", [](auto&, auto&) { (void)std::chrono::steady_clock::now(); }},
      {"std::random_device", "std::random_device", [](auto&, auto&) { (void)std::random_device()(); }},
      {"rand()", "(rand)", [](auto&, auto&) { (void)std::rand(); }},
      {"a thread", "a thread",
       [](auto&, auto&) {
         try {
           std::thread([] {}).join();
         } catch (const std::system_error&) {
           // refused, as it should be
         }
       }},
      {"std::async", "a thread",
       [](auto&, auto&) {
         try {
           std::async(std::launch::async, [] {}).get();
         } catch (const std::system_error&) {
           // refused, as it should be
         }
       }},
  };
  for (const Row& row : table) {
    CAPTURE(row.name);
    const Seen seen = run_once(row.deed, 0);
    REQUIRE(seen.leak.has_value());
    CHECK_THAT(seen.leak->what, Catch::Matchers::Contains(row.what));
    CHECK_THAT(seen.leak->where, Catch::Matchers::StartsWith("suspect#1, task "));
  }
}

TEST_CASE("what depends on addresses or on uninitialised memory comes out different in a shaken twin") {
  // A good run is the same in its twin.
  CHECK_FALSE(
      twins_differ([](sim::Kernel& kernel, Runtime&) { kernel.emit("fine", {{"n", std::uint64_t{7}}}); }));

  CHECK(twins_differ([](sim::Kernel& kernel, Runtime&) {
    std::vector<std::unique_ptr<int>> owned;
    std::unordered_map<const int*, std::uint64_t> table;
    for (std::uint64_t i = 0; i < 16; ++i) table[owned.emplace_back(std::make_unique<int>(0)).get()] = i;
    for (const auto& [key, value] : table) kernel.emit("order", {{"n", value}});  // hash-table order
  }));
  CHECK(twins_differ([](sim::Kernel& kernel, Runtime&) {
    const auto object = std::make_unique<int>(0);
    kernel.emit("address",
                {{"at", static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(object.get()))}});
  }));
  CHECK(twins_differ([](sim::Kernel& kernel, Runtime&) {
    const std::unique_ptr<unsigned char, void (*)(void*)> byte(static_cast<unsigned char*>(::operator new(1)),
                                                               [](void* p) { ::operator delete(p); });
    const volatile unsigned char* uninitialised = byte.get();
    kernel.choices().pick(1 + std::uint64_t{*uninitialised},
                          "planted");  // an uninitialised read in a decision
  }));
}

namespace {

using SslStream = asio::ssl::stream<AnyStream>;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

/// A client that offers the session of an earlier connection, as one that keeps tickets would.
struct KeptSession {
  asio::ssl::context context{asio::ssl::context::tls_client};
  SSL_SESSION* session = nullptr;
  ~KeptSession() { SSL_SESSION_free(session); }
};

sim::RunHash run_with_tickets(asio::ssl::context& server_context, KeptSession& client_side) {
  sim::Choices choices(sim::seeded_choices(1));
  sim::Kernel kernel(choices);
  const sim::SeededOpenssl openssl(kernel.choices().pick(std::uint64_t{1} << 62, "openssl"));
  sim::CalmLinks links(choices, {});
  sim::SimFabric fabric(kernel, links);
  kernel.set_fabric(&fabric);
  sim::Process& server = kernel.add_process({.name = "server"});
  server.start([&](Runtime& rt) -> asio::awaitable<void> {
    auto listener = rt.network.listen(443);
    auto accepted = co_await (*listener)->accept();
    SslStream stream(std::move(*accepted), server_context);
    co_await stream.async_handshake(asio::ssl::stream_base::server, kTuple);
    co_await asio::async_write(stream, asio::buffer("hello", 5), kTuple);
    co_await rt.clock.sleep_for(1s);
  });
  sim::Process& client = kernel.add_process({.name = "client"});
  client.start([&](Runtime& rt) -> asio::awaitable<void> {
    auto addresses = co_await rt.network.resolve("server");
    auto connected = co_await rt.network.connect(addresses->front(), 443);
    SslStream stream(std::move(*connected), client_side.context);
    if (client_side.session != nullptr) SSL_set_session(stream.native_handle(), client_side.session);
    co_await stream.async_handshake(asio::ssl::stream_base::client, kTuple);
    std::string text(5, ' ');
    co_await asio::async_read(stream, asio::buffer(text), kTuple);
    SSL_SESSION_free(client_side.session);
    client_side.session = SSL_get1_session(stream.native_handle());
    // A session whose connection was not shut down is not resumed.
    SSL_set_shutdown(stream.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  });
  kernel.run(kernel.now() + 10s);
  CHECK_FALSE(kernel.leak().has_value());
  server.kill();
  client.kill();
  return kernel.hash();
}

}  // namespace

TEST_CASE("a TLS session that survives a run makes the next one different") {
  tests::authority();  // made before any run
  asio::ssl::context& good = tests::authority().identity(models::ChainKind::good).context();
  {
    // As we serve it: no tickets, nothing to resume; the twin is equal although the client tries.
    KeptSession client_side;
    CHECK(run_with_tickets(good, client_side) == run_with_tickets(good, client_side));
  }
  asio::ssl::context planted(asio::ssl::context::tls_server);
  SSL_CTX_use_certificate(planted.native_handle(), SSL_CTX_get0_certificate(good.native_handle()));
  SSL_CTX_use_PrivateKey(planted.native_handle(), SSL_CTX_get0_privatekey(good.native_handle()));
  KeptSession client_side;
  const sim::RunHash first = run_with_tickets(planted, client_side);
  CHECK_FALSE(first == run_with_tickets(planted, client_side));
}
