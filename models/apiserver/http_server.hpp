// The API server on a port: HTTP/1.1, with or without TLS, in front of whatever answers requests. Watches are
// chunked streams, one JSON document a line. The same code serves a simulated network and real sockets.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>

#include "models/apiserver/http.hpp"
#include "models/ca/certificate_authority.hpp"
#include "models/http/conversation.hpp"
#include "runtime/runtime.hpp"

namespace racebed::models {

struct ApiHttpServerOptions {
  std::uint16_t port = 0;                    // 0: a free one
  const ServerIdentity* identity = nullptr;  // null: plain HTTP
  HttpLimits limits{};
  Duration handshake_timeout{0};  // 0: for ever
  Duration drain_timeout = std::chrono::seconds{10};
  /// Who the client at this address is, for the ledger; null: its address is its name.
  std::function<Actor(const std::string& host)> who{};
  std::string token{};  // not empty: the bearer token that every request must carry
};

class ApiHttpServer {
 public:
  /// Serves one request of the connection with this number (from 1); nothing: the connection breaks without
  /// an answer.
  using Handler = std::function<asio::awaitable<std::optional<ApiHttpResponse>>(ApiHttpRequest,
                                                                                std::uint64_t connection)>;

  /// `runtime` must outlive it.
  ApiHttpServer(Runtime& runtime, Handler handler, ApiHttpServerOptions options);
  ~ApiHttpServer();
  ApiHttpServer(const ApiHttpServer&) = delete;
  ApiHttpServer& operator=(const ApiHttpServer&) = delete;

  /// Binds. Errors: address_in_use and the like.
  Result<void> listen();
  /// After listen().
  std::uint16_t port() const;

  /// Serves until drain() has done its work, or until cancelled. After listen().
  asio::awaitable<void> run();
  /// No more connections; watches end cleanly; requests under way are answered, for at most drain_timeout.
  void drain();

  std::size_t open_connections() const;
  std::size_t open_watches() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace racebed::models
