// A full-duplex stream of bytes: what TCP gives. `ByteStream` is the seam that sim/ and live/ implement;
// `AnyStream` is its Asio-shaped face (an AsyncStream, and the lowest layer that asio::ssl::stream and Beast
// want).
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "runtime/result.hpp"

namespace racebed {

namespace asio = boost::asio;

/// How a stream ends: `graceful` is FIN (the peer reads all that was sent, then eof), `abort` is RST (the
/// peer's reads and writes fail with connection_reset, and what was in flight is lost).
enum class CloseKind { graceful, abort };

/// One host's end of a connection. Contract, the same for sim/ and live/ (tests/runtime holds both to it):
/// - A handler is called exactly once, never inside the initiating call, on its associated executor or else
/// on
///   get_executor(). Its cancellation slot is honoured (operation_aborted, 0 bytes).
/// - At most one read and one write are outstanding at a time.
/// - A read of 0 bytes completes at once with success. After the peer's graceful close: eof. After an abort:
///   connection_reset. After the local close: bad_descriptor; operations pending then: operation_aborted.
/// - Destruction is close(abort) unless closed before.
class ByteStream {
 public:
  using Handler = asio::any_completion_handler<void(ErrorCode, std::size_t)>;
  virtual ~ByteStream() = default;
  virtual asio::any_io_executor get_executor() = 0;
  /// Reads between 1 and buffer.size() bytes.
  virtual void async_read(asio::mutable_buffer buffer, Handler handler) = 0;
  /// Takes between 1 and buffer.size() bytes; completes when they are taken, not when they arrive.
  virtual void async_write(asio::const_buffer buffer, Handler handler) = 0;
  virtual void close(CloseKind kind) = 0;
  /// "10.0.0.7:443", for logs and ledgers.
  virtual std::string peer() const = 0;
};

/// Owns a ByteStream and gives it the shape that Asio's composed operations expect. Movable; a moved-from or
/// default-constructed one may only be assigned or destroyed.
class AnyStream {
 public:
  using executor_type = asio::any_io_executor;
  using lowest_layer_type = AnyStream;

  AnyStream() = default;
  explicit AnyStream(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)) {}

  executor_type get_executor() { return stream_->get_executor(); }
  lowest_layer_type& lowest_layer() { return *this; }
  const lowest_layer_type& lowest_layer() const { return *this; }
  explicit operator bool() const { return stream_ != nullptr; }
  std::string peer() const { return stream_->peer(); }
  void close(CloseKind kind = CloseKind::graceful) { stream_->close(kind); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
        [stream = stream_.get(), buffer = first<asio::mutable_buffer>(buffers)](auto handler) {
          stream->async_read(buffer, std::move(handler));
        },
        token);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
        [stream = stream_.get(), buffer = first<asio::const_buffer>(buffers)](auto handler) {
          stream->async_write(buffer, std::move(handler));
        },
        token);
  }

 private:
  /// The first buffer that is not empty, as Asio's own sockets would take at least; an empty one if all are.
  template <class Buffer, class Buffers>
  static Buffer first(const Buffers& buffers) {
    for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers); ++it) {
      Buffer buffer(*it);
      if (buffer.size() != 0) return buffer;
    }
    return Buffer();
  }
  std::unique_ptr<ByteStream> stream_;
};

}  // namespace racebed
