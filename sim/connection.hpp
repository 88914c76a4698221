// A TCP-like connection between two processes: two byte pipes with a window, first in first out, whose
// segments take as long as the link policy says. Private to sim/; processes see it as a racebed::ByteStream.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "runtime/byte_stream.hpp"
#include "sim/kernel.hpp"
#include "sim/link_policy.hpp"

namespace racebed::sim {

/// A read or write that waits.
struct StreamOperation : Operation {
  explicit StreamOperation(ByteStream::Handler h) : Operation(&perform), handler(std::move(h)) {}
  static void perform(Operation* base, Outcome outcome);
  ByteStream::Handler handler;
  ErrorCode error;
  std::size_t bytes = 0;
};

/// What the two ends share. Lives as long as either end or a segment on its way.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  enum class Side : std::uint8_t { client = 0, server = 1 };
  static constexpr std::size_t kWindowBytes = 64 * 1024;

  Connection(Kernel& kernel, LinkPolicy& policy, std::uint64_t number, Process& client, Process& server,
             std::uint16_t port);

  std::uint64_t number() const { return number_; }
  Process& process(Side side) const { return *ends_[index(side)].process; }
  std::uint16_t port() const { return port_; }

  void read(Side side, asio::mutable_buffer buffer, ByteStream::Handler handler);
  void write(Side side, asio::const_buffer buffer, ByteStream::Handler handler);
  /// Idempotent. `silent`: the peer hears nothing (loss of power). Pending operations complete with
  /// operation_aborted, or are dropped when their process is dead.
  void close(Side side, CloseKind kind, bool silent = false);
  bool closed(Side side) const { return ends_[index(side)].closed; }

 private:
  struct End {
    Process* process = nullptr;
    Domain* domain = nullptr;
    std::deque<std::string> inbox;  // arrived, not yet read
    std::size_t inbox_offset = 0;   // read of the first chunk
    std::size_t unread = 0;         // bytes sent to this end and not yet read by it: what the window bounds
    Time last_arrival;              // no segment to this end arrives earlier
    bool closed = false;            // by its own process
    bool eof = false;               // the peer's FIN has arrived
    bool reset = false;             // an RST has arrived
    bool unreachable = false;       // segments to this end are lost
    StreamOperation* reader = nullptr;
    asio::mutable_buffer read_buffer;
    StreamOperation* writer = nullptr;
    asio::const_buffer write_buffer;
  };
  struct Canceller;
  enum class Flag : std::uint8_t { data, fin, rst };

  static std::size_t index(Side side) { return static_cast<std::size_t>(side); }
  static Side other(Side side) { return side == Side::client ? Side::server : Side::client; }
  End& end(Side side) { return ends_[index(side)]; }
  StreamOperation* begin(Side side, ByteStream::Handler handler);
  void finish(Side side, StreamOperation*& slot, ErrorCode error, std::size_t bytes);
  void try_read(Side side);
  void try_write(Side side);
  void send(Side from, Flag flag, std::string data);
  void arrive(Side to, Flag flag, std::string data);
  void on_reset(Side side);
  Link link(Side from) const;
  std::size_t portion(Side from, std::size_t bytes, Site site);

  Kernel& kernel_;
  LinkPolicy& policy_;
  std::uint64_t number_;
  std::uint16_t port_;
  std::array<End, 2> ends_;
};

/// One end of a connection, as its process holds it.
std::unique_ptr<ByteStream> stream_end(std::shared_ptr<Connection> connection, Connection::Side side);

}  // namespace racebed::sim
