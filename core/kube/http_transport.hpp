// The API over HTTP: how the controller reaches a real kube-apiserver, or the fake one on real sockets.
// Requests share a pool of connections; each watch has a connection of its own.
#pragma once

#include <memory>
#include <string>

#include "core/kube/api_transport.hpp"
#include "core/net/https_client.hpp"
#include "runtime/runtime.hpp"

namespace racebed::kube {

struct HttpTransportOptions {
  net::Url server{};  // its path, if any, goes before every target
  std::shared_ptr<const net::TrustRoots> roots{};
  std::string server_name{};  // expected in the certificate; empty: the URL's host
  std::string token{};        // sent as bearer token; empty: none
  std::string token_file{};   // read again when it is older than a minute (tokens of service accounts are
                              // renewed); wins
  /// Bytes of one answer; a list of all objects is the largest.
  std::size_t answer_bytes_max = 256 * 1024 * 1024;
  std::size_t connections_max = 32;
};

class HttpTransport final : public ApiTransport {
 public:
  HttpTransport(Runtime& runtime, HttpTransportOptions options);
  ~HttpTransport() override;

  asio::awaitable<Result<ApiResponse, TransportError>> call(ApiRequest request, Duration timeout) override;
  asio::awaitable<Result<WatchAnswer, TransportError>> watch(ApiRequest request, Duration timeout) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace racebed::kube
