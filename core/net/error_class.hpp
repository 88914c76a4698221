// The closed set of ways in which an HTTPS request fails. Each is decided once, where the failure happens,
// from error codes and verification results, never by searching text.
#pragma once

#include <string_view>

namespace racebed::net {

enum class ErrorClass {
  dns,                    // the name has no address, or the name server failed or was too slow
  refused,                // nobody listens
  unreachable,            // no route
  connect_timeout,        // no answer to the connection attempt, or a TLS handshake that took too long
  tls_expired,            // a certificate of the chain is past its notAfter
  tls_not_yet_valid,      // ... or before its notBefore
  tls_host_mismatch,      // the certificate is for another name
  tls_self_signed,        // the leaf signed itself and is not trusted
  tls_unknown_authority,  // the chain does not end in a trusted root
  tls_protocol,           // no common version or cipher, garbage instead of TLS
  tls_other,     // any other refusal of a certificate: revoked, wrong purpose, weak key or signature,
                 // or the server's of the client's own
  read_timeout,  // connected and sent, but no (whole) answer in time
  reset,         // the connection broke, in the TLS handshake or later
  http_4xx,      // a 4xx other than 429, and 3xx, which is not followed
  http_429,
  http_5xx,
  malformed  // the answer is not HTTP, or its body not what it must be
};

/// "tls-expired", "http-429" ...: what status, logs and metrics say.
std::string_view to_text(ErrorClass error_class);

}  // namespace racebed::net
