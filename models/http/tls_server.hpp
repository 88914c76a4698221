// The server's side of TLS over any stream. The one place in models that instantiates asio::ssl.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "models/ca/certificate_authority.hpp"
#include "runtime/byte_stream.hpp"

namespace racebed::models {

/// Takes `lower` over and shakes hands as `identity`, which must outlive the stream. The error is what
/// OpenSSL or the stream said, in words.
asio::awaitable<Result<AnyStream, std::string>> tls_server_handshake(AnyStream lower,
                                                                     const ServerIdentity& identity);

}  // namespace racebed::models
