#include "core/net/https_client.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>

#include "core/net/http_exchange.hpp"
#include "core/net/pool_step.hpp"
#include "core/net/tls_stream.hpp"
#include "runtime/event.hpp"
#include "runtime/task_group.hpp"
#include "runtime/within.hpp"

namespace racebed::net {
namespace {

using EndpointKey = std::tuple<std::string, std::string, std::uint16_t>;  // scheme, host, port

/// A connection in the pool. Somebody reads from it, to learn when it ends.
struct Idle {
  Idle(Runtime& runtime, AnyStream s) : stream(std::move(s)), guard(runtime) {}
  AnyStream stream;
  TaskGroup guard;
  bool ended = false;  // by its peer, or unfit because it said what nobody asked for
};

struct Endpoint {
  Endpoint(Clock& clock, const HttpsClientOptions& options)
      : pool(options.connections_max, options.idle_timeout), freed(clock) {}
  PoolStep pool;
  std::map<PoolStep::Id, std::shared_ptr<Idle>> idle;
  Event freed;  // a connection was given back, or its place is free
};

HttpFailure not_sent(ErrorClass error_class, std::string message) {
  return {error_class, true, std::move(message)};
}

HttpFailure connect_failure(ErrorCode error, const std::string& host) {
  const auto message = fmt::format("{}: connection failed: {}", host, error.message());
  if (error == asio::error::connection_refused) return not_sent(ErrorClass::refused, message);
  if (error == asio::error::connection_reset) return not_sent(ErrorClass::reset, message);
  if (error == asio::error::timed_out) return not_sent(ErrorClass::connect_timeout, message);
  return not_sent(ErrorClass::unreachable, message);
}

}  // namespace

struct HttpsClient::State : std::enable_shared_from_this<HttpsClient::State> {
  State(Runtime& r, HttpsClientOptions o) : runtime(r), options(std::move(o)), tasks(r) {}

  Runtime& runtime;
  HttpsClientOptions options;
  HttpsClientCounts counts;
  std::map<EndpointKey, Endpoint> endpoints;
  TaskGroup tasks;
  bool reaping = false;

  Endpoint& endpoint(const Url& url) {
    return endpoints.try_emplace({url.scheme, url.host, url.port}, runtime.clock, options).first->second;
  }

  asio::awaitable<Result<AnyStream, HttpFailure>> open(Url url, Instant total);
  asio::awaitable<PoolStep::Decision> place_at(Endpoint& endpoint, Instant until);
  asio::awaitable<void> reap(std::shared_ptr<State> self);
  static asio::awaitable<void> guard(std::shared_ptr<State> self, Endpoint& endpoint, PoolStep::Id id,
                                     std::shared_ptr<Idle> idle);
  asio::awaitable<AnyStream> take_idle(Endpoint& endpoint, PoolStep::Id id);
  void give_back(Endpoint& endpoint, PoolStep::Id id, AnyStream stream, bool reusable);
};

namespace {

/// A place in an endpoint's pool: given back on every way out of a request, cancellation included.
template <class GiveBack>
class Lease {
 public:
  explicit Lease(GiveBack give_back) : give_back_(std::move(give_back)) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { give_back_(std::move(stream), reusable); }
  AnyStream stream;
  bool reusable = false;

 private:
  GiveBack give_back_;
};

/// A place in the queue for a connection: given up on every way out. Whoever leaves the queue, served or not,
/// may have stood before one who can be served now, so the others look again.
class Place {
 public:
  Place(Endpoint& endpoint, PoolStep::Ticket ticket) : endpoint_(endpoint), ticket_(ticket) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    endpoint_.pool.give_up(ticket_);
    if (endpoint_.pool.waiting() > 0) endpoint_.freed.notify_all();
  }

 private:
  Endpoint& endpoint_;
  PoolStep::Ticket ticket_;
};

}  // namespace

/// A connection or the right to open one, after those who came before; `wait` when `until` came first.
asio::awaitable<PoolStep::Decision> HttpsClient::State::place_at(Endpoint& endpoint, Instant until) {
  Clock& clock = runtime.clock;
  PoolStep::Decision decision = endpoint.pool.acquire(clock.steady_now());
  if (decision.action != PoolStep::Decision::Action::wait) co_return decision;
  const Place place(endpoint, decision.ticket);
  while (decision.action == PoolStep::Decision::Action::wait) {
    const bool freed = co_await endpoint.freed.wait_until(until);
    if (!freed) co_return decision;
    decision = endpoint.pool.try_again(decision.ticket, clock.steady_now());
  }
  co_return decision;
}

asio::awaitable<Result<AnyStream, HttpFailure>> HttpsClient::State::open(Url url, Instant total) {
  Clock& clock = runtime.clock;
  const auto by = [&](Duration timeout) { return std::min(clock.steady_now() + timeout, total); };

  const auto addresses =
      co_await within(clock, by(options.resolve_timeout), runtime.network.resolve(url.host));
  if (!addresses)
    co_return not_sent(ErrorClass::dns, fmt::format("{}: the name server did not answer in time", url.host));
  if (!*addresses) {
    co_return not_sent(ErrorClass::dns, fmt::format("{}: {}", url.host, addresses->error().message()));
  }
  std::optional<HttpFailure> failure;
  AnyStream stream;
  for (const Address& address : **addresses) {
    auto connected =
        co_await within(clock, by(options.connect_timeout), runtime.network.connect(address, url.port));
    if (!connected) {
      failure = not_sent(ErrorClass::connect_timeout,
                         fmt::format("{}: no answer to the connection attempt", url.host));
    } else if (!*connected) {
      failure = connect_failure(connected->error(), url.host);
    } else {
      failure.reset();
      stream = std::move(**connected);
      break;
    }
  }
  if (failure) co_return std::move(*failure);
  ++counts.connections_opened;
  if (url.scheme == "http") co_return std::move(stream);
  auto secured = co_await within(
      clock, by(options.tls_timeout),
      tls_client_handshake(std::move(stream), options.roots,
                           options.server_name.empty() ? url.host : options.server_name, clock.now()));
  if (!secured)
    co_return not_sent(ErrorClass::connect_timeout, fmt::format("{}: TLS handshake timed out", url.host));
  co_return std::move(*secured);
}

void HttpsClient::State::give_back(Endpoint& endpoint, PoolStep::Id id, AnyStream stream, bool reusable) {
  endpoint.pool.release(id, reusable, runtime.clock.steady_now());
  if (reusable) {
    auto idle = std::make_shared<Idle>(runtime, std::move(stream));
    idle->guard.spawn("guard an idle connection", guard(shared_from_this(), endpoint, id, idle));
    endpoint.idle.emplace(id, std::move(idle));
    if (!reaping) {
      reaping = true;
      tasks.spawn("close idle connections", reap(shared_from_this()));
    }
  } else if (stream) {
    stream.close();
  }
  if (endpoint.pool.waiting() > 0) endpoint.freed.notify_all();  // the first in the queue takes it
}

/// Takes a connection out of the pool whose peer ends it while nobody uses it.
asio::awaitable<void> HttpsClient::State::guard([[maybe_unused]] std::shared_ptr<State> self,
                                                Endpoint& endpoint, PoolStep::Id id,
                                                std::shared_ptr<Idle> idle) {
  std::array<char, 1> unasked{};
  const auto [error, bytes] =
      co_await idle->stream.async_read_some(asio::buffer(unasked), asio::as_tuple(asio::use_awaitable));
  if (error == asio::error::operation_aborted) co_return;  // it was taken, or closed by us
  idle->ended = true;
  const auto kept = endpoint.idle.find(id);
  if (kept == endpoint.idle.end() || kept->second != idle) co_return;
  endpoint.idle.erase(kept);
  endpoint.pool.lose(id);
  idle->stream.close();
  if (endpoint.pool.waiting() > 0) endpoint.freed.notify_all();
}

/// The connection for its next use; none when it has ended.
asio::awaitable<AnyStream> HttpsClient::State::take_idle(Endpoint& endpoint, PoolStep::Id id) {
  const auto kept = endpoint.idle.find(id);
  const std::shared_ptr<Idle> idle = std::move(kept->second);
  endpoint.idle.erase(kept);
  idle->guard.cancel();
  co_await idle->guard.join();
  if (!idle->ended) co_return std::move(idle->stream);
  idle->stream.close();
  co_return AnyStream();
}

/// Closes connections that have been idle for too long; ends when none is idle.
asio::awaitable<void> HttpsClient::State::reap(std::shared_ptr<State> self) {
  for (;;) {
    std::optional<Instant> next;
    for (auto& [key, endpoint] : self->endpoints) {
      for (PoolStep::Id id : endpoint.pool.expire(self->runtime.clock.steady_now())) {
        endpoint.idle.at(id)->stream.close();
        endpoint.idle.erase(id);
        endpoint.freed.notify_all();
      }
      if (const auto expiry = endpoint.pool.next_expiry(); expiry && (!next || *expiry < *next))
        next = expiry;
    }
    if (!next) break;
    co_await self->runtime.clock.sleep_until(*next);
  }
  self->reaping = false;
}

HttpsClient::HttpsClient(Runtime& runtime, HttpsClientOptions options)
    : state_(std::make_shared<State>(runtime, std::move(options))) {}

HttpsClient::~HttpsClient() {
  for (auto& [key, endpoint] : state_->endpoints) {
    for (auto& [id, idle] : endpoint.idle) idle->stream.close();
    endpoint.idle.clear();
  }
  state_->tasks.cancel();
}

asio::awaitable<Result<HttpAnswer, HttpFailure>> HttpsClient::send(HttpRequest request) {
  const std::shared_ptr<State> state = state_;
  Clock& clock = state->runtime.clock;
  const Instant total = clock.steady_now() + state->options.total_timeout;
  Endpoint& endpoint = state->endpoint(request.url);
  ++state->counts.requests;

  const PoolStep::Decision place = co_await state->place_at(endpoint, total);
  if (place.action == PoolStep::Decision::Action::wait) {
    co_return not_sent(ErrorClass::connect_timeout,
                       fmt::format("{}: no connection became free in time", request.url.host));
  }
  const auto give_back = [state, &endpoint, id = place.connection](AnyStream stream, bool reusable) {
    state->give_back(endpoint, id, std::move(stream), reusable);
  };
  Lease lease(give_back);
  bool fresh = false;
  if (place.action == PoolStep::Decision::Action::reuse) {
    lease.stream = co_await state->take_idle(endpoint, place.connection);
    if (lease.stream) ++state->counts.reused;
  }
  if (!lease.stream) {
    auto opened = co_await state->open(request.url, total);
    if (!opened) co_return opened.error();
    lease.stream = std::move(*opened);
    fresh = true;
  }
  const ExchangeLimits limits{clock.steady_now() + state->options.first_byte_timeout, total,
                              state->options.answer_bytes_max};
  ExchangeOutcome outcome = co_await http_exchange(lease.stream, clock, std::move(request), limits);
  lease.reusable = outcome.reusable;
  // A refusal of the handshake can only come first: on an older connection it may have read more.
  if (!fresh && !outcome.answer && outcome.answer.error().error_class == ErrorClass::tls_other) {
    HttpFailure failure = outcome.answer.error();
    failure.not_sent = false;
    co_return failure;
  }
  co_return std::move(outcome.answer);
}

asio::awaitable<Result<HttpStream, HttpFailure>> HttpsClient::stream(HttpRequest request) {
  const std::shared_ptr<State> state = state_;
  Clock& clock = state->runtime.clock;
  const Instant total = clock.steady_now() + state->options.total_timeout;
  ++state->counts.requests;
  auto opened = co_await state->open(request.url, total);
  if (!opened) co_return opened.error();
  const Instant by = std::min(total, clock.steady_now() + state->options.first_byte_timeout);
  auto answer = co_await http_stream(std::move(*opened), clock, std::move(request), by);
  co_return std::move(answer);
}

const HttpsClientCounts& HttpsClient::counts() const {
  return state_->counts;
}

std::size_t HttpsClient::open_connections() const {
  std::size_t open = 0;
  for (const auto& [key, endpoint] : state_->endpoints) open += endpoint.pool.open();
  return open;
}

}  // namespace racebed::net
