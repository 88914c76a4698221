// TLS over any stream, with the peer's certificate verified for a name and at a given time. The one place in
// core that instantiates asio::ssl.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "core/net/https_client.hpp"
#include "runtime/byte_stream.hpp"
#include "runtime/time.hpp"

namespace racebed::net {

/// Takes `lower` over and shakes hands as a client that expects `host`; the certificate must be good at
/// `now`. No session is resumed and none is kept. On failure the lower stream is closed. Cancellation closes
/// it too.
asio::awaitable<Result<AnyStream, HttpFailure>> tls_client_handshake(AnyStream lower,
                                                                     std::shared_ptr<const TrustRoots> roots,
                                                                     std::string host, Time now);

/// Whether `error` is the server's refusal of this client's certificate, or of its having none. With TLS 1.3
/// the client's handshake is over before the server can say so: the first read tells.
bool refuses_client_certificate(ErrorCode error);

}  // namespace racebed::net
