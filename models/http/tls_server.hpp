// The server's side of TLS over any stream. The one place in models that instantiates asio::ssl.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "models/ca/certificate_authority.hpp"
#include "models/http/tls_verdict.hpp"
#include "runtime/byte_stream.hpp"

namespace racebed::models {

/// Takes `lower` over and shakes hands as `identity`, which must outlive the stream. The error is what
/// OpenSSL or the stream said, in words. An alert that explains a refusal reaches the client: the connection
/// ends with FIN.
asio::awaitable<Result<AnyStream, std::string>> tls_server_handshake(AnyStream lower,
                                                                     const ServerIdentity& identity);

/// The same, behaving as `verdict` says, its chain and delay apart: those are the caller's. `noise` is what
/// Server::garbage says. Returns an error wherever the verdict stops the server, once the connection has
/// ended: with StopHow::silence that is when the client leaves.
asio::awaitable<Result<AnyStream, std::string>> tls_server_handshake(AnyStream lower,
                                                                     const ServerIdentity& identity,
                                                                     TlsVerdict verdict, std::string noise);

}  // namespace racebed::models
