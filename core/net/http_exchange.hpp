// One HTTP/1.1 request and its answer over a stream. The one place in core that instantiates Beast.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "core/net/https_client.hpp"
#include "runtime/byte_stream.hpp"

namespace racebed::net {

struct ExchangeLimits {
  Instant first_byte;  // the answer's header must be in by then
  Instant total;       // the whole answer
  std::size_t answer_bytes_max = 0;
};

struct ExchangeOutcome {
  Result<HttpAnswer, HttpFailure> answer;
  bool reusable = false;  // the connection can take another request
};

/// The request is written once. Cancellation leaves the
/// stream in an unknown state: close it.
asio::awaitable<ExchangeOutcome> http_exchange(AnyStream& stream, Clock& clock, HttpRequest request,
                                               ExchangeLimits limits);

/// An answer whose body comes in pieces, for as long as the server likes: a watch. Owns its connection.
class HttpStream {
 public:
  struct State;
  explicit HttpStream(std::unique_ptr<State> state);
  HttpStream(HttpStream&&) noexcept;
  HttpStream& operator=(HttpStream&&) noexcept;
  /// Closes the connection.
  ~HttpStream();

  int status() const;
  std::optional<Duration> retry_after() const;
  /// The next bytes of the body, decoded; empty at its clean end. `read_timeout` when none came until
  /// `until`.
  asio::awaitable<Result<std::string, HttpFailure>> next(Instant until);

 private:
  std::unique_ptr<State> state_;
};

/// The request is written once; returns with the answer's header.
asio::awaitable<Result<HttpStream, HttpFailure>> http_stream(AnyStream stream, Clock& clock,
                                                             HttpRequest request, Instant header_by);

/// RFC 9110 §10.2.3: seconds or an HTTP-date, as a duration from `now` (not below 0). Nothing on other text.
std::optional<Duration> parse_retry_after(std::string_view text, Time now);

}  // namespace racebed::net
