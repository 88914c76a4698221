#include "core/net/http_exchange.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <optional>

#include "core/net/tls_stream.hpp"
#include "runtime/within.hpp"

namespace racebed::net {
namespace {

namespace http = boost::beast::http;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

struct Transfer {
  ErrorCode error;
  std::size_t bytes = 0;
};

struct Conversation {
  explicit Conversation(AnyStream& s) : stream(s) {}
  AnyStream& stream;
  http::request<http::string_body> request;
  // Into a buffer of ours: a string would make room for whatever length the server claims.
  // Always there; another one for each answer, the interim ones included.
  std::optional<http::response_parser<http::buffer_body>> parser;
  boost::beast::flat_buffer buffer;
  std::array<char, 16 * 1024> piece{};
  std::string body;  // as much of it as has come
};

asio::awaitable<Transfer> write_request(Conversation& talk) {
  auto [error, bytes] = co_await http::async_write(talk.stream, talk.request, kTuple);
  co_return Transfer{error, bytes};
}

asio::awaitable<Transfer> read_header(Conversation& talk) {
  auto [error, bytes] = co_await http::async_read_header(talk.stream, talk.buffer, *talk.parser, kTuple);
  co_return Transfer{error, bytes};
}

/// Reads some more of the body, at most `room` bytes.
asio::awaitable<Transfer> read_piece(Conversation& talk, std::size_t room) {
  room = std::min(room, talk.piece.size());
  talk.parser->get().body().data = talk.piece.data();
  talk.parser->get().body().size = room;
  auto [error, bytes] = co_await http::async_read_some(talk.stream, talk.buffer, *talk.parser, kTuple);
  talk.body.append(talk.piece.data(), room - talk.parser->get().body().size);
  if (error == http::error::need_buffer) error = {};
  co_return Transfer{error, bytes};
}

/// Reads the body, or as much of it as is wanted.
asio::awaitable<Transfer> read_body(Conversation& talk, std::size_t bytes_max) {
  while (!talk.parser->is_done() && talk.body.size() < bytes_max) {
    const Transfer some = co_await read_piece(talk, bytes_max - talk.body.size());
    if (some.error) co_return some;
  }
  co_return Transfer{};
}

std::string authority_of(const Url& url) {
  const bool usual = url.port == (url.scheme == "https" ? 443 : 80);
  return usual ? url.host : fmt::format("{}:{}", url.host, url.port);
}

void fill(http::request<http::string_body>& message, HttpRequest request) {
  message.version(11);
  message.method_string(request.method);
  message.target(request.url.target);
  message.set(http::field::host, authority_of(request.url));
  message.set(http::field::user_agent, "racebed");
  for (const auto& [name, value] : request.headers) message.set(name, value);
  message.keep_alive(true);
  message.body() = std::move(request.body);
  message.prepare_payload();
}

HttpFailure failure_of(ErrorCode error, const std::string& host, bool not_sent) {
  // Beast's own category: what came is not HTTP. The end of the stream before or in a header is a broken
  // connection.
  const bool of_http = error.category() == make_error_code(http::error::bad_version).category() &&
                       error != http::error::end_of_stream && error != http::error::partial_message;
  if (of_http)
    return {ErrorClass::malformed, false,
            fmt::format("{}: the answer is not HTTP: {}", host, error.message())};
  if (refuses_client_certificate(error)) {
    // The server's last word on the handshake, which this side took for done: it read nothing after it.
    return {ErrorClass::tls_other, true,
            fmt::format("{}: the server refuses this client for its certificate or for having none: {}", host,
                        error.message())};
  }
  if (error.category() == asio::error::get_ssl_category()) {
    return {ErrorClass::tls_protocol, not_sent, fmt::format("{}: TLS broken: {}", host, error.message())};
  }
  return {ErrorClass::reset, not_sent, fmt::format("{}: connection broken: {}", host, error.message())};
}

HttpFailure timed_out(const std::string& host, std::string_view what) {
  return {ErrorClass::read_timeout, false, fmt::format("{}: timed out waiting for {}", host, what)};
}

/// Sends the request and reads the answer's header. Nothing on success.
asio::awaitable<std::optional<HttpFailure>> ask(Conversation& talk, Clock& clock, HttpRequest request,
                                                Instant by) {
  const std::string host = request.url.host;
  fill(talk.request, std::move(request));

  const auto written = co_await within(clock, by, write_request(talk));
  if (!written) co_return timed_out(host, "the request to be taken");
  if (written->error) co_return failure_of(written->error, host, written->bytes == 0);

  // Interim answers may come unasked, any number of them (RFC 9110 §15.2); a server that sends this many
  // never comes to its answer.
  constexpr int kInterimMax = 16;
  for (int interim = 0; interim <= kInterimMax; ++interim) {
    talk.parser.emplace();
    talk.parser->body_limit(boost::none);
    const auto header = co_await within(clock, by, read_header(talk));
    if (!header) co_return timed_out(host, "an answer");
    if (header->error) co_return failure_of(header->error, host, false);
    const unsigned status = talk.parser->get().result_int();
    if (status >= 200) co_return std::nullopt;
    if (status < 100 || status == 101) break;  // nobody asked to switch protocols
  }
  co_return HttpFailure{ErrorClass::malformed, false, fmt::format("{}: an interim answer", host)};
}

std::optional<Duration> retry_after_of(const Conversation& talk, Time now) {
  const auto& message = talk.parser->get();
  const auto it = message.find(http::field::retry_after);
  if (it == message.end()) return std::nullopt;
  return parse_retry_after(std::string_view(it->value().data(), it->value().size()), now);
}

}  // namespace

asio::awaitable<ExchangeOutcome> http_exchange(AnyStream& stream, Clock& clock, HttpRequest request,
                                               ExchangeLimits limits) {
  Conversation talk(stream);
  auto failure = co_await ask(talk, clock, std::move(request), std::min(limits.first_byte, limits.total));
  if (failure) co_return ExchangeOutcome{std::move(*failure)};
  const auto body = co_await within(clock, limits.total, read_body(talk, limits.answer_bytes_max));
  HttpAnswer answer;
  const auto& message = talk.parser->get();
  answer.status = static_cast<int>(message.result_int());
  answer.body = std::move(talk.body);
  answer.body_complete = body && !body->error;
  answer.retry_after = retry_after_of(talk, clock.now());
  if (const auto it = message.find(http::field::location); it != message.end())
    answer.location = std::string(it->value());
  const bool reusable =
      answer.body_complete && talk.parser->is_done() && message.keep_alive() && talk.buffer.size() == 0;
  co_return ExchangeOutcome{std::move(answer), reusable};
}

struct HttpStream::State {
  State(AnyStream s, Clock& c) : stream(std::move(s)), clock(c), talk(stream) {}
  AnyStream stream;
  Clock& clock;
  Conversation talk;
  std::string host;
  std::optional<Duration> retry_after;
};

HttpStream::HttpStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpStream::HttpStream(HttpStream&&) noexcept = default;
HttpStream& HttpStream::operator=(HttpStream&&) noexcept = default;
HttpStream::~HttpStream() {
  if (state_) state_->stream.close();
}

int HttpStream::status() const {
  return static_cast<int>(state_->talk.parser->get().result_int());
}

std::optional<Duration> HttpStream::retry_after() const {
  return state_->retry_after;
}

asio::awaitable<Result<std::string, HttpFailure>> HttpStream::next(Instant until) {
  Conversation& talk = state_->talk;
  while (!talk.parser->is_done()) {
    talk.body.clear();
    const auto read = co_await within(state_->clock, until, read_piece(talk, talk.piece.size()));
    if (!read) co_return timed_out(state_->host, "the next piece of an answer");
    if (!talk.body.empty()) co_return std::move(talk.body);
    if (read->error) co_return failure_of(read->error, state_->host, false);
  }
  co_return std::string();
}

asio::awaitable<Result<HttpStream, HttpFailure>> http_stream(AnyStream stream, Clock& clock,
                                                             HttpRequest request, Instant header_by) {
  auto state = std::make_unique<HttpStream::State>(std::move(stream), clock);
  state->host = request.url.host;
  auto failure = co_await ask(state->talk, clock, std::move(request), header_by);
  if (failure) co_return std::move(*failure);
  state->retry_after = retry_after_of(state->talk, clock.now());
  co_return HttpStream(std::move(state));
}

std::optional<Duration> parse_retry_after(std::string_view text, Time now) {
  constexpr std::int64_t kSecondsMax = 1'000'000'000;  // some thirty years; keeps the sum in range
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size() && seconds >= 0) {
    return std::chrono::seconds{std::min(seconds, kSecondsMax)};
  }
  // IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7), the only form that senders may use.
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  const auto iso = fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month - kMonths.begin() + 1,
                               text.substr(5, 2), text.substr(17, 8));
  const auto when = parse_rfc3339(iso);
  if (!when) return std::nullopt;
  return std::max(Duration{0}, Duration{*when - now});
}

}  // namespace racebed::net
