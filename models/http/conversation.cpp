#include "models/http/conversation.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>

#include "runtime/assert.hpp"
#include "runtime/within.hpp"

namespace racebed::models {
namespace http = boost::beast::http;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
using Parser = http::request_parser<http::string_body>;

std::string text_of(const http::request<http::string_body>& message, http::field field) {
  const auto it = message.find(field);
  return it == message.end() ? std::string() : std::string(it->value().data(), it->value().size());
}

HttpServerRequest request_of(http::request<http::string_body>& message) {
  HttpServerRequest request;
  request.method = std::string(message.method_string().data(), message.method_string().size());
  request.target = std::string(message.target().data(), message.target().size());
  request.authorization = text_of(message, http::field::authorization);
  request.content_type = text_of(message, http::field::content_type);
  request.accept = text_of(message, http::field::accept);
  request.accept_encoding = text_of(message, http::field::accept_encoding);
  request.user_agent = text_of(message, http::field::user_agent);
  request.body = std::move(message.body());
  request.keep_alive = message.keep_alive();
  return request;
}

HttpReadFailure failure_of(const ErrorCode& error) {
  if (error == http::error::end_of_stream) return HttpReadFailure::gone;
  if (error == http::error::header_limit) return HttpReadFailure::headers_too_large;
  if (error == http::error::buffer_overflow) return HttpReadFailure::headers_too_large;
  if (error == http::error::body_limit) return HttpReadFailure::body_too_large;
  if (error == http::error::partial_message) return HttpReadFailure::cut;
  return error.category() == http::make_error_code(http::error::bad_method).category()
             ? HttpReadFailure::malformed
             : HttpReadFailure::cut;
}

/// A header value on one line, whatever it was made from.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return line;
}

std::string head_of(const HttpServerAnswer& answer, bool keep_alive, std::string_view length) {
  const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(answer.status)));
  std::string head;
  head.reserve(256);
  head += fmt::format("HTTP/1.1 {} {}\r\n", answer.status, std::string_view(reason.data(), reason.size()));
  if (!answer.content_type.empty()) head += "Content-Type: " + one_line(answer.content_type) + "\r\n";
  for (const auto& [name, value] : answer.headers) head += name + ": " + one_line(value) + "\r\n";
  if (!keep_alive) head += "Connection: close\r\n";
  head += length;
  head += "\r\n";
  return head;
}

std::string with_length(const HttpServerAnswer& answer, bool keep_alive, std::size_t length) {
  return head_of(answer, keep_alive, fmt::format("Content-Length: {}\r\n", length));
}

}  // namespace

std::string wire_text(const HttpServerAnswer& answer, bool keep_alive, std::size_t announced) {
  return with_length(answer, keep_alive, announced) + answer.body;
}

std::optional<HttpServerAnswer> answer_to(HttpReadFailure failure) {
  const auto text = [](int status, std::string body) {
    return HttpServerAnswer{
        .status = status, .body = std::move(body), .content_type = "text/plain; charset=utf-8"};
  };
  switch (failure) {
    case HttpReadFailure::gone:
    case HttpReadFailure::cut:
    case HttpReadFailure::idle:
      return std::nullopt;
    case HttpReadFailure::too_slow:
      return text(408, "408 Request Timeout");
    case HttpReadFailure::malformed:
      return text(400, "400 Bad Request");
    case HttpReadFailure::headers_too_large:
      return text(431, "431 Request Header Fields Too Large");
    case HttpReadFailure::body_too_large:
      return text(413, "413 Request Entity Too Large");
  }
  return std::nullopt;
}

struct HttpConversation::State {
  AnyStream stream;
  Clock& clock;
  HttpLimits limits;
  boost::beast::flat_buffer buffer{};

  using Outcome = std::tuple<ErrorCode, std::size_t>;
  /// What `operation` gives; time-out is the error timed_out.
  asio::awaitable<Outcome> in_time(Duration limit, asio::awaitable<Outcome> operation) {
    if (limit == Duration{0}) {
      Outcome outcome = co_await std::move(operation);
      co_return outcome;
    }
    auto outcome = co_await within(clock, clock.steady_now() + limit, std::move(operation));
    if (!outcome) co_return Outcome(asio::error::timed_out, 0);
    co_return *outcome;
  }
  asio::awaitable<Outcome> fill() {
    auto space = buffer.prepare(4096);
    Outcome outcome = co_await stream.async_read_some(space, kTuple);
    buffer.commit(std::get<1>(outcome));
    co_return outcome;
  }
  asio::awaitable<Outcome> read_header(Parser& parser) {
    Outcome outcome = co_await http::async_read_header(stream, buffer, parser, kTuple);
    co_return outcome;
  }
  asio::awaitable<Outcome> read_rest(Parser& parser) {
    Outcome outcome = co_await http::async_read(stream, buffer, parser, kTuple);
    co_return outcome;
  }
  asio::awaitable<Outcome> write_all(std::string_view bytes) {
    Outcome outcome = co_await asio::async_write(stream, asio::buffer(bytes.data(), bytes.size()), kTuple);
    co_return outcome;
  }
};

HttpConversation::HttpConversation(AnyStream stream, Clock& clock, HttpLimits limits)
    : state_(new State{std::move(stream), clock, limits}) {}
HttpConversation::~HttpConversation() = default;

asio::awaitable<Result<void, HttpReadFailure>> HttpConversation::await_request() {
  State& state = *state_;
  if (state.buffer.size() == 0) {
    auto [error, bytes] = co_await state.in_time(state.limits.idle_timeout, state.fill());
    if (error == asio::error::timed_out) co_return HttpReadFailure::idle;
    if (error) co_return HttpReadFailure::gone;
  }
  co_return Result<void, HttpReadFailure>();
}

asio::awaitable<Result<HttpServerRequest, HttpReadFailure>> HttpConversation::read() {
  State& state = *state_;
  const HttpLimits& limits = state.limits;
  if (limits.idle_timeout != Duration{0}) {
    const auto begun = co_await await_request();
    if (!begun) co_return begun.error();
  }
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
  parser.body_limit(limits.body_bytes_max);
  auto [error, bytes] = co_await state.in_time(limits.header_timeout, state.read_header(parser));
  if (error == asio::error::timed_out) co_return HttpReadFailure::too_slow;
  if (error) co_return failure_of(error);
  if (!parser.is_done()) {
    const auto expect = text_of(parser.get(), http::field::expect);
    if (boost::beast::iequals(expect, "100-continue") && state.buffer.size() == 0) {
      const bool asked = co_await write_bytes("HTTP/1.1 100 Continue\r\n\r\n");
      if (!asked) co_return HttpReadFailure::cut;
    }
    auto [body_error, body_bytes] = co_await state.in_time(limits.body_timeout, state.read_rest(parser));
    if (body_error == asio::error::timed_out) co_return HttpReadFailure::too_slow;
    if (body_error) co_return failure_of(body_error);
  }
  co_return request_of(parser.get());
}

asio::awaitable<bool> HttpConversation::write_bytes(std::string bytes) {
  auto [error, sent] = co_await state_->in_time(state_->limits.write_timeout, state_->write_all(bytes));
  co_return !error;
}

asio::awaitable<bool> HttpConversation::write(HttpServerAnswer answer, bool keep_alive) {
  std::string bytes =
      wire_text(answer, keep_alive, answer.body.size());  // one write: one segment, one TLS record
  return write_bytes(std::move(bytes));
}

asio::awaitable<bool> HttpConversation::write_head(HttpServerAnswer answer, bool keep_alive) {
  return write_bytes(with_length(answer, keep_alive, answer.body.size()));
}

asio::awaitable<bool> HttpConversation::write_slowly(std::string bytes, Duration interval) {
  for (const char byte : bytes) {
    co_await state_->clock.sleep_for(interval);
    std::string one(1, byte);
    const bool taken = co_await write_bytes(std::move(one));
    if (!taken) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> HttpConversation::begin_stream(HttpServerAnswer head, bool keep_alive) {
  return write_bytes(head_of(head, keep_alive, "Transfer-Encoding: chunked\r\n"));
}

asio::awaitable<bool> HttpConversation::write_piece(std::string_view piece) {
  RACEBED_ASSERT(!piece.empty(), "an empty piece would end the stream");
  std::string chunk = fmt::format("{:x}\r\n", piece.size());
  chunk.append(piece).append("\r\n");
  return write_bytes(std::move(chunk));
}

asio::awaitable<bool> HttpConversation::end_stream() {
  return write_bytes("0\r\n\r\n");
}

asio::awaitable<void> HttpConversation::wait_for_end() {
  std::array<char, 256> ignored{};
  for (;;) {
    auto [error, bytes] = co_await state_->stream.async_read_some(asio::buffer(ignored), kTuple);
    if (error) co_return;
  }
}

void HttpConversation::close(CloseKind kind) {
  state_->stream.close(kind);
}

std::string HttpConversation::peer_host() const {
  const std::string peer = state_->stream.peer();
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace racebed::models
