#include "experiments/subjects/notification_2026_08_http.hpp"

#include <fmt/format.h>

namespace racebed::experiments::august_2026 {
namespace {

using net::ErrorClass;

constexpr int kRedirectsMax = 10;
constexpr const char* kTimedOut =
    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";

net::HttpsClientOptions options_of(std::shared_ptr<const net::TrustRoots> roots) {
  net::HttpsClientOptions options;
  options.resolve_timeout = options.connect_timeout = options.tls_timeout = options.first_byte_timeout =
      options.total_timeout = GoHttpClient::kTimeout;
  options.idle_timeout = std::chrono::seconds{90};
  options.connections_max = 1'000;  // Go's default transport has no limit
  options.answer_bytes_max = std::size_t{16} * 1024 * 1024;
  options.roots = std::move(roots);
  return options;
}

bool says(const net::HttpFailure& failure, std::string_view what) {
  return failure.message.find(what) != std::string::npos;
}

/// What stands between "(it is for " and ")": the names of a certificate.
std::string names_in(const std::string& message) {
  constexpr std::string_view kOpen = "(it is for ";
  const auto begin = message.find(kOpen);
  if (begin == std::string::npos) return {};
  return message.substr(begin + kOpen.size(), message.rfind(')') - begin - kOpen.size());
}

std::string x509(const std::string& what) {
  return "tls: failed to verify certificate: x509: " + what;
}

std::string certificate_text(const net::HttpFailure& failure, const std::string& host_and_port, Time now) {
  const std::string host = host_and_port.substr(0, host_and_port.rfind(':'));
  switch (failure.error_class) {
    case ErrorClass::tls_expired:
      return x509("certificate has expired or is not yet valid: current time " + to_rfc3339(now) +
                  " is after its NotAfter");
    case ErrorClass::tls_not_yet_valid:
      return x509("certificate has expired or is not yet valid: current time " + to_rfc3339(now) +
                  " is before its NotBefore");
    case ErrorClass::tls_host_mismatch: {
      const std::string names = names_in(failure.message);
      if (names.empty()) return x509("certificate is not valid for any names, but wanted to match " + host);
      return x509(fmt::format("certificate is valid for {}, not {}", names, host));
    }
    case ErrorClass::tls_self_signed:
    case ErrorClass::tls_unknown_authority:
      return x509("certificate signed by unknown authority");
    default:
      break;
  }
  if (says(failure, "refuses this client")) return "remote error: tls: bad certificate";
  if (says(failure, "purpose")) return x509("certificate specifies an incompatible key usage");
  const auto reason = failure.message.rfind(": ");
  return x509(reason == std::string::npos ? failure.message : failure.message.substr(reason + 2));
}

std::string protocol_text(const net::HttpFailure& failure) {
  if (says(failure, "protocol version")) return "remote error: tls: protocol version not supported";
  if (says(failure, "alert")) return "remote error: tls: handshake failure";
  if (says(failure, "TLS broken")) return "local error: tls: bad record MAC";
  return "tls: first record does not look like a TLS handshake";
}

}  // namespace

std::string go_text(const net::HttpFailure& failure, const std::string& host_and_port, Time now) {
  const std::string host = host_and_port.substr(0, host_and_port.rfind(':'));
  const std::string connecting = "dial tcp " + host_and_port + ": connect: ";
  switch (failure.error_class) {
    case ErrorClass::dns:
      if (says(failure, "in time")) return kTimedOut;
      return fmt::format("dial tcp: lookup {}: {}", host,
                         says(failure, "try again") ? "server misbehaving" : "no such host");
    case ErrorClass::refused:
      return connecting + "connection refused";
    case ErrorClass::unreachable:
      return connecting +
             (says(failure, "Network is unreachable") ? "network is unreachable" : "no route to host");
    case ErrorClass::connect_timeout:
      return says(failure, "connection failed") ? connecting + "connection timed out" : kTimedOut;
    case ErrorClass::read_timeout:
      return kTimedOut;
    case ErrorClass::reset:
      if (says(failure, "connection failed")) return connecting + "connection reset by peer";
      if (says(failure, "reset by peer") || says(failure, "Broken pipe"))
        return "read tcp " + host_and_port + ": read: connection reset by peer";
      return says(failure, "partial message") ? "unexpected EOF" : "EOF";
    case ErrorClass::malformed:
      return "net/http: HTTP/1.x transport connection broken: malformed HTTP response";
    case ErrorClass::tls_protocol:
      return protocol_text(failure);
    default:
      return certificate_text(failure, host_and_port, now);
  }
}

std::string resolve_reference(const std::string& base, const std::string& location) {
  if (location.find("://") != std::string::npos) return location;
  const auto scheme_end = base.find("://");
  if (location.starts_with("//")) return base.substr(0, scheme_end + 1) + location;
  const auto path = base.find('/', scheme_end + 3);
  const std::string authority = base.substr(0, path);
  if (location.starts_with("/")) return authority + location;
  const std::string folder = path == std::string::npos ? "/" : base.substr(path, base.rfind('/') - path + 1);
  return authority + folder + location;
}

GoHttpClient::GoHttpClient(Runtime& runtime, Context& context, std::shared_ptr<const net::TrustRoots> roots)
    : runtime_(runtime), context_(context), https_(runtime, options_of(std::move(roots))) {}

asio::awaitable<Result<net::HttpAnswer, net::HttpFailure>> GoHttpClient::send(const Hop& hop, net::Url url,
                                                                              Instant deadline) {
  // Go's transport sends once more when a connection from its pool breaks before any byte was written.
  for (int again = 0;; ++again) {
    net::HttpRequest request;
    request.method = hop.method;
    request.url = url;
    if (!hop.body.empty()) request.headers = {{"Content-Type", "application/json"}};
    request.body = hop.body;
    auto answer = co_await context_.within(deadline, https_.send(std::move(request)));
    if (!answer) co_return net::HttpFailure{ErrorClass::read_timeout, false, "timed out"};
    const bool rewind = !*answer && answer->error().not_sent && again == 0 &&
                        answer->error().error_class == ErrorClass::reset &&
                        says(answer->error(), "connection broken");
    if (!rewind) co_return std::move(*answer);
  }
}

asio::awaitable<Result<net::HttpAnswer, std::string>> GoHttpClient::post(std::string url, std::string body) {
  const Instant deadline = runtime_.clock.steady_now() + kTimeout + std::chrono::nanoseconds{1};
  Hop hop{"POST", std::move(url), std::move(body)};
  for (int redirects = 0;; ++redirects) {
    const std::string where = fmt::format("{} \"{}\": ", hop.method == "GET" ? "Get" : "Post", hop.url);
    const auto parsed = net::parse_url(hop.url);
    if (!parsed) {
      const auto scheme = hop.url.find("://");
      co_return fmt::format("{}unsupported protocol scheme \"{}\"", where,
                            scheme == std::string::npos ? "" : hop.url.substr(0, scheme));
    }
    if (redirects >= kRedirectsMax) co_return where + "stopped after 10 redirects";
    auto answer = co_await send(hop, *parsed, deadline);
    if (!answer && context_.is_cancelled()) co_return where + "context canceled";
    if (!answer) {
      const std::string host_and_port = fmt::format("{}:{}", parsed->host, parsed->port);
      co_return where + go_text(answer.error(), host_and_port, runtime_.clock.now());
    }
    const int status = answer->status;
    const bool becomes_get = status == 301 || status == 302 || status == 303;
    const bool repeats = status == 307 || status == 308;
    if ((!becomes_get && !repeats) || answer->location.empty()) co_return std::move(*answer);
    hop.url = resolve_reference(hop.url, answer->location);
    if (becomes_get) {
      hop.method = "GET";
      hop.body.clear();
    }
  }
}

}  // namespace racebed::experiments::august_2026
