#include "core/net/http_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "runtime/assert.hpp"
#include "runtime/task_group.hpp"
#include "runtime/within.hpp"

namespace racebed::net {
namespace {

namespace http = boost::beast::http;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// A scraper asks every 15 to 60 seconds and may keep its connection.
constexpr Duration kRequestWithin = std::chrono::minutes{2};
constexpr Duration kAnswerWithin = std::chrono::seconds{10};
constexpr std::size_t kConnectionsMax = 64;

using Request = http::request<http::empty_body>;
using Answer = http::response<http::string_body>;

struct Conversation {
  AnyStream stream;
  boost::beast::flat_buffer buffer{};
};

asio::awaitable<ErrorCode> read(Conversation& talk, http::request_parser<http::empty_body>& parser) {
  auto [error, bytes] = co_await http::async_read(talk.stream, talk.buffer, parser, kTuple);
  co_return error;
}

asio::awaitable<ErrorCode> write(Conversation& talk, const Answer& answer) {
  auto [error, bytes] = co_await http::async_write(talk.stream, answer, kTuple);
  co_return error;
}

Answer answer_of(PageAnswer page, bool keep_alive) {
  Answer answer;
  answer.version(11);
  answer.result(static_cast<unsigned>(page.status));
  answer.set(http::field::content_type, page.content_type);
  answer.keep_alive(keep_alive);
  answer.body() = std::move(page.body);
  answer.prepare_payload();
  return answer;
}

}  // namespace

struct HttpServer::State {
  State(Runtime& r, Pages p) : runtime(r), pages(std::move(p)) {}
  Runtime& runtime;
  Pages pages;
  std::unique_ptr<Listener> listener;

  asio::awaitable<void> serve(AnyStream stream);
  PageAnswer page_of(const Request& request) const;
};

PageAnswer HttpServer::State::page_of(const Request& request) const {
  if (request.method() != http::verb::get && request.method() != http::verb::head)
    return {.status = 405, .body = "only GET\n"};
  const std::string target(request.target().data(), request.target().size());
  return pages(target.substr(0, target.find('?')));
}

asio::awaitable<void> HttpServer::State::serve(AnyStream stream) {
  Conversation talk{std::move(stream)};
  Clock& clock = runtime.clock;
  for (bool open = true; open;) {
    http::request_parser<http::empty_body> parser;
    const auto error = co_await within(clock, clock.steady_now() + kRequestWithin, read(talk, parser));
    if (!error || *error) break;
    const bool head = parser.get().method() == http::verb::head;
    open = parser.get().keep_alive();
    Answer answer = answer_of(page_of(parser.get()), open);
    if (head) answer.body().clear();  // its length stays
    const auto failed = co_await within(clock, clock.steady_now() + kAnswerWithin, write(talk, answer));
    open = open && failed && !*failed;
  }
  talk.stream.close();
}

HttpServer::HttpServer(Runtime& runtime, Pages pages)
    : state_(std::make_unique<State>(runtime, std::move(pages))) {}
HttpServer::~HttpServer() = default;

Result<void> HttpServer::listen(std::uint16_t port) {
  auto listener = state_->runtime.network.listen(port);
  if (!listener) return listener.error();
  state_->listener = std::move(*listener);
  return {};
}

std::uint16_t HttpServer::port() const {
  return state_->listener->port();
}

asio::awaitable<void> HttpServer::run() {
  State& state = *state_;
  RACEBED_ASSERT(state.listener != nullptr, "it listens before it runs");
  TaskGroup connections(state.runtime);
  for (;;) {
    auto accepted = co_await state.listener->accept();
    if (!accepted) break;
    if (connections.size() < kConnectionsMax)
      connections.spawn("page connection", state.serve(std::move(*accepted)));
  }
  connections.cancel();
  co_await connections.join();
}

}  // namespace racebed::net
