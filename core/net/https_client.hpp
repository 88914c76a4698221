// An HTTPS client with a pool of kept-alive connections for each endpoint, a time-out for each phase, and
// host-name and date verification at the process's own time. Beast and OpenSSL stay behind this header.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/net/error_class.hpp"
#include "runtime/result.hpp"
#include "runtime/runtime.hpp"

namespace racebed::net {

struct Url {
  std::string scheme;  // "https" or "http"
  std::string host;
  std::uint16_t port = 443;
  std::string target;  // path and query, at least "/"
};
/// Nothing unless `text` is an absolute http or https URL without user information.
std::optional<Url> parse_url(std::string_view text);

struct HttpRequest {
  std::string method = "POST";
  Url url;
  std::vector<std::pair<std::string, std::string>> headers;  // Host, Content-Length, Connection are added
  std::string body;
};

struct HttpAnswer {
  int status = 0;
  std::string body;  // at most HttpsClientOptions::answer_bytes_max of it
  /// False when the status came but the body did not, in full, in time: accepted, but unconfirmed.
  bool body_complete = true;
  std::optional<Duration> retry_after;  // RFC 9110 §10.2.3, both forms, relative to this process's clock
  std::string location{};               // of a 3xx, as it was sent; redirects are not followed
};

struct HttpFailure {
  ErrorClass error_class = ErrorClass::reset;
  /// True when no byte of the request can have reached the server: sending again cannot duplicate.
  bool not_sent = false;
  std::string message;  // for status and logs; names host and error, never a path, query, header or body
};

/// Trust anchors and, where a server asks for one, the client's own certificate: parsed once and shared by
/// any number of clients; immutable.
class TrustRoots;
/// Certificates in PEM, one after the other. Null if there is none or one cannot be read.
std::shared_ptr<const TrustRoots> trust_roots_from_pem(const std::string& pem);

struct TlsCredentials {
  std::string roots_pem{};               // may be empty only with `verify` off
  std::string revocations_pem{};         // lists (CRL) of every authority that issues; empty: not checked
  std::string client_certificate_pem{};  // with its chain; empty: none
  std::string client_key_pem{};
  bool verify = true;  // false: any certificate of the server will do (kubeconfig's insecure-skip-tls-verify)
};
/// The error is one line that names what cannot be read, and no secret.
Result<std::shared_ptr<const TrustRoots>, std::string> trust_roots_from(const TlsCredentials& credentials);

struct HttpsClientOptions {
  Duration resolve_timeout = std::chrono::seconds{2};
  Duration connect_timeout = std::chrono::seconds{5};
  Duration tls_timeout = std::chrono::seconds{5};
  Duration first_byte_timeout = std::chrono::seconds{10};
  Duration total_timeout = std::chrono::seconds{15};
  Duration idle_timeout = std::chrono::seconds{60};  // a pooled connection unused for longer is closed
  std::size_t connections_max = 8;                   // for each endpoint; a request waits for a free one
  std::size_t answer_bytes_max = 64 * 1024;
  std::shared_ptr<const TrustRoots> roots{};  // the only trust anchors; null: https is not trusted at all
  std::string server_name{};  // expected in certificates instead of the URL's host; empty: the host
};

/// Counts for metrics and tests; monotonic.
struct HttpsClientCounts {
  std::uint64_t connections_opened = 0;
  std::uint64_t requests = 0;
  std::uint64_t reused = 0;
};

class HttpStream;  // core/net/http_exchange.hpp

class HttpsClient {
 public:
  HttpsClient(Runtime& runtime, HttpsClientOptions options);
  ~HttpsClient();
  HttpsClient(const HttpsClient&) = delete;
  HttpsClient& operator=(const HttpsClient&) = delete;

  /// Sends once. A request that finds its reused connection closed before any byte of an answer is not sent
  /// again blindly: the failure is `reset`. Any status is an answer, not a failure. Cancellation closes the
  /// connection.
  asio::awaitable<Result<HttpAnswer, HttpFailure>> send(HttpRequest request);

  /// The same for an answer that comes in pieces. Opens a connection of its own, outside the pool; the
  /// time-outs bound everything up to the answer's header.
  asio::awaitable<Result<HttpStream, HttpFailure>> stream(HttpRequest request);

  const HttpsClientCounts& counts() const;
  std::size_t open_connections() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace racebed::net
