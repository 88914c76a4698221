// A small HTTP server for what a controller tells of itself: /metrics, /healthz, /readyz. GET and HEAD, short
// answers, limits against large and slow requests.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>

#include "runtime/runtime.hpp"

namespace racebed::net {

struct PageAnswer {
  int status = 200;
  std::string body{};
  std::string content_type = "text/plain; charset=utf-8";
};

class HttpServer {
 public:
  /// The answer to GET of a path, without its query.
  using Pages = std::function<PageAnswer(const std::string& path)>;
  HttpServer(Runtime& runtime, Pages pages);
  ~HttpServer();

  /// Binds; port 0 picks a free one. Errors: address_in_use and the like.
  Result<void> listen(std::uint16_t port);
  std::uint16_t port() const;
  /// Serves until cancelled. After listen().
  asio::awaitable<void> run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace racebed::net
