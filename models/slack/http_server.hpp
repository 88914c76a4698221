// The server's side of HTTP/1.1 over any stream. The one place in models that instantiates Beast.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/byte_stream.hpp"

namespace racebed::models {

struct ServerRequest {
  std::string method;
  std::string target;
  std::string authorization;
  std::string content_type;
  std::string body;
  bool keep_alive = true;
};

struct ServerAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::string content_type = "application/json";
};

/// Requests and answers of one connection, in turn.
class ServerConversation {
 public:
  explicit ServerConversation(AnyStream stream);
  ~ServerConversation();
  /// Nothing when the client has gone or sent what is not HTTP.
  asio::awaitable<std::optional<ServerRequest>> read();
  /// False when the client has gone.
  asio::awaitable<bool> write(ServerAnswer answer, bool keep_alive);
  /// The header and half of the body that it announces. False when the client has gone.
  asio::awaitable<bool> write_half(ServerAnswer answer);
  /// Returns when the client has gone.
  asio::awaitable<void> wait_for_end();
  void close(CloseKind kind);
  /// The client's host, without port.
  std::string peer_host() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace racebed::models
