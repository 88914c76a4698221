// A stream whose owner goes no further than a part of its first flight: what it writes after that is taken
// and thrown away, and where it reads next the connection ends, or nothing comes. Private to models/http.
#pragma once

#include "models/http/tls_verdict.hpp"
#include "runtime/byte_stream.hpp"

namespace racebed::models {

/// Over `lower`, for a stop at server_hello, certificate or flight; the flight begins with a record of TLS.
AnyStream stopping_stream(AnyStream lower, TlsVerdict::StopAt at, TlsVerdict::StopHow how);

/// Ends `stream` as `how` says; with silence it returns when the client has left.
asio::awaitable<void> stop(AnyStream& stream, TlsVerdict::StopHow how);

}  // namespace racebed::models
