#include "models/slack/http_server.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace racebed::models {
namespace http = boost::beast::http;

struct ServerConversation::State {
  AnyStream stream;
  boost::beast::flat_buffer buffer{};
};

ServerConversation::ServerConversation(AnyStream stream)
    : state_(std::make_unique<State>(State{std::move(stream)})) {}
ServerConversation::~ServerConversation() = default;

namespace {
std::string text_of(const http::request<http::string_body>& message, http::field field) {
  const auto it = message.find(field);
  return it == message.end() ? std::string() : std::string(it->value().data(), it->value().size());
}
}  // namespace

asio::awaitable<std::optional<ServerRequest>> ServerConversation::read() {
  constexpr std::uint64_t kBodyBytesMax = 1024 * 1024;
  http::request_parser<http::string_body> parser;
  parser.body_limit(kBodyBytesMax);
  auto [error, bytes] =
      co_await http::async_read(state_->stream, state_->buffer, parser, asio::as_tuple(asio::use_awaitable));
  if (error) co_return std::nullopt;
  auto& message = parser.get();
  ServerRequest request;
  request.method = std::string(message.method_string().data(), message.method_string().size());
  request.target = std::string(message.target().data(), message.target().size());
  request.authorization = text_of(message, http::field::authorization);
  request.content_type = text_of(message, http::field::content_type);
  request.body = std::move(message.body());
  request.keep_alive = message.keep_alive();
  co_return std::move(request);
}

namespace {
http::response<http::string_body> message_of(ServerAnswer answer, bool keep_alive) {
  http::response<http::string_body> message;
  message.version(11);
  message.result(static_cast<unsigned>(answer.status));
  message.set(http::field::content_type, answer.content_type);
  for (const auto& [name, value] : answer.headers) message.set(name, value);
  message.keep_alive(keep_alive);
  message.body() = std::move(answer.body);
  message.prepare_payload();
  return message;
}
}  // namespace

asio::awaitable<bool> ServerConversation::write(ServerAnswer answer, bool keep_alive) {
  const auto message = message_of(std::move(answer), keep_alive);
  auto [error, bytes] =
      co_await http::async_write(state_->stream, message, asio::as_tuple(asio::use_awaitable));
  co_return !error;
}

asio::awaitable<bool> ServerConversation::write_half(ServerAnswer answer) {
  const auto message = message_of(std::move(answer), true);
  http::response_serializer<http::string_body> serializer(message);
  auto [error, bytes] =
      co_await http::async_write_header(state_->stream, serializer, asio::as_tuple(asio::use_awaitable));
  if (error) co_return false;
  const auto half = asio::buffer(message.body(), message.body().size() / 2);
  auto [body_error, body_bytes] =
      co_await asio::async_write(state_->stream, half, asio::as_tuple(asio::use_awaitable));
  co_return !body_error;
}

asio::awaitable<void> ServerConversation::wait_for_end() {
  std::array<char, 256> ignored{};
  for (;;) {
    auto [error, bytes] =
        co_await state_->stream.async_read_some(asio::buffer(ignored), asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
  }
}

void ServerConversation::close(CloseKind kind) {
  state_->stream.close(kind);
}

std::string ServerConversation::peer_host() const {
  const std::string peer = state_->stream.peer();
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace racebed::models
