// Names, addresses, connections, as one process sees them. Resolving and connecting are separate because each
// has a time-out of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/byte_stream.hpp"
#include "runtime/result.hpp"

namespace racebed {

/// An IP address in text form. The simulation hands out addresses of its own in 10.0.0.0/8.
struct Address {
  std::string text;
  friend bool operator==(const Address&, const Address&) = default;
};

class Listener {
 public:
  virtual ~Listener() = default;
  /// The next connection. Errors: operation_aborted after close() or on cancellation.
  virtual asio::awaitable<Result<AnyStream>> accept() = 0;
  virtual std::uint16_t port() const = 0;
  virtual void close() = 0;
};

class Network {
 public:
  virtual ~Network() = default;
  /// At least one address, in the order in which to try them. Errors (asio::error): host_not_found
  /// (NXDOMAIN), host_not_found_try_again (SERVFAIL), operation_aborted. Takes as long as the name server
  /// does.
  virtual asio::awaitable<Result<std::vector<Address>>> resolve(std::string host) = 0;
  /// Errors (asio::error): connection_refused, network_unreachable, host_unreachable, connection_reset,
  /// operation_aborted. Nobody answering (a black hole) never completes: bound it with a time-out of your
  /// own.
  virtual asio::awaitable<Result<AnyStream>> connect(Address address, std::uint16_t port) = 0;
  /// Binds and listens on all of this host's addresses; port 0 picks a free one. Errors: address_in_use.
  virtual Result<std::unique_ptr<Listener>> listen(std::uint16_t port) = 0;
};

}  // namespace racebed
