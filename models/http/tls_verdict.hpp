// How a server behaves while a client shakes hands with it: which chain it presents, what it speaks, and
// where it stops. Calm weather is the default; faults give others.
#pragma once

#include "models/ca/certificate_authority.hpp"
#include "runtime/time.hpp"

namespace racebed::models {

struct TlsVerdict {
  ChainKind chain = ChainKind::good;
  /// What the server is. Each but the first fails against a client of today.
  enum class Server {
    usual,
    old_protocol,                // speaks TLS 1.0 and 1.1 only
    rare_cipher,                 // TLS 1.3 with a cipher that clients do not offer
    demands_client_certificate,  // refuses clients without one; the client learns it after its own handshake
    plain_http,                  // answers the hello with "400 Bad Request": a wrong port, a captive portal
    garbage                      // answers the hello with bytes that mean nothing
  } server = Server::usual;
  /// The moment at which the server goes no further. Its flight is ServerHello to Finished, in one write.
  enum class StopAt {
    nowhere,
    accept,        // nothing has been read
    client_hello,  // it has been read, nothing written
    server_hello,  // that record has been written and nothing after it
    certificate,   // half of the flight has been written
    flight,        // all of it has; the client's Finished is not read
    established    // the handshake is over on both sides; no request is read
  } stop_at = StopAt::nowhere;
  enum class StopHow {
    close,   // FIN, without close_notify
    reset,   // RST
    silence  // nothing more comes; the connection stays open until the client leaves
  } stop_how = StopHow::close;
  Duration delay{0};  // between the connection and the server's first look at it
};

/// Whether a chain goes over the wire, whole, in a handshake like this.
bool presents_chain(const TlsVerdict& verdict);

}  // namespace racebed::models
