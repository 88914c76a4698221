#include "models/apiserver/http_server.hpp"

#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <nlohmann/json.hpp>

#include "models/apiserver/http_answer.hpp"
#include "models/apiserver/status.hpp"
#include "models/http/tls_server.hpp"
#include "runtime/assert.hpp"
#include "runtime/event.hpp"
#include "runtime/task_group.hpp"
#include "runtime/within.hpp"

namespace racebed::models {

using namespace asio::experimental::awaitable_operators;

/// How far the events of a watch have got.
struct Pump {
  bool between_lines = true;
  bool ended = false;  // the watch itself has
};

struct ApiHttpServer::State {
  State(Runtime& r, Handler h, ApiHttpServerOptions o)
      : runtime(r), handler(std::move(h)), options(std::move(o)), connections(r), drained(r.clock) {}

  Runtime& runtime;
  Handler handler;
  ApiHttpServerOptions options;
  std::unique_ptr<Listener> listener;
  TaskGroup connections;
  Event drained;  // drain() was called
  bool draining = false;
  std::uint64_t numbers = 0;
  std::size_t watches = 0;

  asio::awaitable<void> accept_all();
  asio::awaitable<void> serve(AnyStream stream, std::uint64_t connection);
  asio::awaitable<void> converse(AnyStream stream, std::uint64_t connection);
  asio::awaitable<bool> answer(HttpConversation& talk, HttpServerRequest request, std::uint64_t connection);
  asio::awaitable<bool> stream_watch(HttpConversation& talk, std::unique_ptr<ApiWatch> watch,
                                     HttpServerAnswer head);
  asio::awaitable<void> pump(HttpConversation& talk, ApiWatch& watch, Pump& state);
  asio::awaitable<void> until_draining();
  std::optional<Refusal> unauthorized(const HttpServerRequest& request) const;
};

ApiHttpServer::ApiHttpServer(Runtime& runtime, Handler handler, ApiHttpServerOptions options)
    : state_(std::make_unique<State>(runtime, std::move(handler), std::move(options))) {}
ApiHttpServer::~ApiHttpServer() = default;

Result<void> ApiHttpServer::listen() {
  auto listener = state_->runtime.network.listen(state_->options.port);
  if (!listener) return listener.error();
  state_->listener = std::move(*listener);
  return {};
}

std::uint16_t ApiHttpServer::port() const {
  RACEBED_ASSERT(state_->listener != nullptr, "a port is known after listen()");
  return state_->listener->port();
}

std::size_t ApiHttpServer::open_connections() const {
  return state_->connections.size();
}

std::size_t ApiHttpServer::open_watches() const {
  return state_->watches;
}

void ApiHttpServer::drain() {
  state_->draining = true;
  state_->drained.notify_all();
}

asio::awaitable<void> ApiHttpServer::run() {
  State& state = *state_;
  RACEBED_ASSERT(state.listener != nullptr, "it listens before it runs");
  co_await (state.accept_all() || state.until_draining());
  state.listener->close();
  (void)co_await within(state.runtime.clock, state.runtime.clock.steady_now() + state.options.drain_timeout,
                        [](TaskGroup& group) -> asio::awaitable<bool> {
                          co_await group.join();
                          co_return true;
                        }(state.connections));
  state.connections.cancel();
  co_await state.connections.join();
}

asio::awaitable<void> ApiHttpServer::State::until_draining() {
  while (!draining) co_await drained.wait();
}

asio::awaitable<void> ApiHttpServer::State::accept_all() {
  for (;;) {
    auto accepted = co_await listener->accept();
    if (!accepted) co_return;
    connections.spawn("api connection", serve(std::move(*accepted), ++numbers));
  }
}

asio::awaitable<void> ApiHttpServer::State::serve(AnyStream stream, std::uint64_t connection) {
  if (options.identity == nullptr) {
    co_await converse(std::move(stream), connection);
    co_return;
  }
  Instant deadline = Instant::max();
  if (options.handshake_timeout != Duration{0})
    deadline = runtime.clock.steady_now() + options.handshake_timeout;
  auto secured =
      co_await within(runtime.clock, deadline, tls_server_handshake(std::move(stream), *options.identity));
  if (secured && *secured) co_await converse(std::move(**secured), connection);
}

asio::awaitable<void> ApiHttpServer::State::converse(AnyStream stream, std::uint64_t connection) {
  HttpConversation talk(std::move(stream), runtime.clock, options.limits);
  for (bool open = true; open && !draining;) {
    auto next = co_await (talk.read() || until_draining());
    if (next.index() == 1) break;  // idle while the server drains
    auto request = std::move(std::get<0>(next));
    if (!request) {
      auto refusal = refusal_of(request.error(), options.limits);
      if (refusal) co_await talk.write(std::move(*refusal), false);
      break;
    }
    open = co_await answer(talk, std::move(*request), connection);
  }
  talk.close(CloseKind::graceful);
}

std::optional<Refusal> ApiHttpServer::State::unauthorized(const HttpServerRequest& request) const {
  if (options.token.empty() || request.authorization == "Bearer " + options.token) return std::nullopt;
  return Refusal{.code = 401, .reason = "Unauthorized", .message = "Unauthorized", .details = false};
}

/// Whether the connection can take another request.
asio::awaitable<bool> ApiHttpServer::State::answer(HttpConversation& talk, HttpServerRequest request,
                                                   std::uint64_t connection) {
  const AnswerForm form = answer_form(request);
  const bool keep_alive = request.keep_alive;
  std::optional<ApiHttpResponse> response;
  if (const auto refusal = unauthorized(request)) {
    response = refusal->response();
  } else {
    Actor client = options.who ? options.who(talk.peer_host()) : Actor{talk.peer_host(), 0};
    ApiHttpRequest asked = api_request(std::move(request), std::move(client));
    response = co_await handler(std::move(asked), connection);
  }
  if (!response) {
    talk.close(CloseKind::abort);
    co_return false;
  }
  HttpServerAnswer answer = http_answer(*response, form, uuid_v4(runtime.random, "audit-id"));
  if (response->watch) {
    const bool open = co_await stream_watch(talk, std::move(response->watch), std::move(answer));
    co_return open&& keep_alive;
  }
  const bool stay = keep_alive && !draining;
  const bool written = form.head_only ? co_await talk.write_head(std::move(answer), stay)
                                      : co_await talk.write(std::move(answer), stay);
  co_return written&& stay;
}

asio::awaitable<bool> ApiHttpServer::State::stream_watch(HttpConversation& talk,
                                                         std::unique_ptr<ApiWatch> watch,
                                                         HttpServerAnswer head) {
  const bool begun = co_await talk.begin_stream(std::move(head), true);
  if (!begun) co_return false;
  ++watches;
  Pump state;
  co_await (pump(talk, *watch, state) || talk.wait_for_end() || until_draining());
  --watches;
  const bool clean = state.between_lines && (state.ended || draining);
  if (!clean) co_return false;
  const bool finished = co_await talk.end_stream();
  co_return finished;
}

asio::awaitable<void> ApiHttpServer::State::pump(HttpConversation& talk, ApiWatch& watch, Pump& state) {
  for (;;) {
    auto event = co_await watch.next();
    if (!event) {
      state.ended = !watch.broke();
      co_return;
    }
    state.between_lines = false;
    const bool written = co_await talk.write_piece(watch_line(*event));
    if (!written) co_return;
    state.between_lines = true;
  }
}

}  // namespace racebed::models
