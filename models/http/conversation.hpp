// The server's side of HTTP/1.1 over any stream, with limits against what is too large and who is too slow.
// The one place in models that instantiates Beast.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/byte_stream.hpp"
#include "runtime/time.hpp"

namespace racebed::models {

struct HttpLimits {
  std::size_t header_bytes_max = 64 * 1024;
  std::uint64_t body_bytes_max = 3 * 1024 * 1024;  // kubernetes.md §1.1
  // Zero durations: wait for ever (in a simulation time-outs are the clients').
  Duration idle_timeout{0};    // for the first byte of the next request
  Duration header_timeout{0};  // from a request's first byte to the end of its header
  Duration body_timeout{0};    // from there to the end of its body
  Duration write_timeout{0};   // for the peer to take one answer, or one piece of a stream
};

struct HttpServerRequest {
  std::string method{};
  std::string target{};
  std::string authorization{};
  std::string content_type{};
  std::string accept{};
  std::string accept_encoding{};
  std::string user_agent{};
  std::string body{};
  bool keep_alive = true;
};

struct HttpServerAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::string content_type = "application/json";
};

/// Why there is no request.
enum class HttpReadFailure {
  gone,               // the peer left between two requests
  cut,                // the peer left in the middle of one
  idle,               // nothing came in time
  too_slow,           // a request began and did not come to its end in time
  malformed,          // not HTTP
  headers_too_large,  //
  body_too_large      //
};
/// What to answer before closing; nothing where nobody would read it.
std::optional<HttpServerAnswer> answer_to(HttpReadFailure failure);

/// An answer as it goes over the wire; `announced` stands in Content-Length, right or wrong.
std::string wire_text(const HttpServerAnswer& answer, bool keep_alive, std::size_t announced);

/// Requests and answers of one connection, in turn. After a failed read or write: close it.
class HttpConversation {
 public:
  /// `clock` must outlive it.
  HttpConversation(AnyStream stream, Clock& clock, HttpLimits limits = {});
  ~HttpConversation();

  /// Returns when the first byte of the next request is there; it is not read yet. Why not: gone or idle.
  asio::awaitable<Result<void, HttpReadFailure>> await_request();
  /// A body announced with `Expect: 100-continue` is asked for.
  asio::awaitable<Result<HttpServerRequest, HttpReadFailure>> read();

  // Each: false when the peer has gone or does not take it in time.
  asio::awaitable<bool> write(HttpServerAnswer answer, bool keep_alive);
  /// The same without its body: the answer to HEAD.
  asio::awaitable<bool> write_head(HttpServerAnswer answer, bool keep_alive);
  /// Whatever is given, HTTP or not.
  asio::awaitable<bool> write_bytes(std::string bytes);
  /// The same, one byte in an interval, the first after one.
  asio::awaitable<bool> write_slowly(std::string bytes, Duration interval);
  /// The header of an answer whose body comes in pieces (RFC 9112 §7.1, chunked); the answer's own body is
  /// ignored.
  asio::awaitable<bool> begin_stream(HttpServerAnswer head, bool keep_alive);
  /// `piece` must not be empty.
  asio::awaitable<bool> write_piece(std::string_view piece);
  asio::awaitable<bool> end_stream();

  /// Returns when the client has gone; whatever it sends is thrown away.
  asio::awaitable<void> wait_for_end();
  void close(CloseKind kind);
  /// The client's host, without port.
  std::string peer_host() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace racebed::models
