#include "live/tcp_stream.hpp"

#include <array>
#include <boost/asio/steady_timer.hpp>

namespace racebed::live {
namespace {

using asio::ip::tcp;

/// After a graceful close: what we sent must reach the peer even if it is still sending. Closing a socket
/// with unread bytes makes the kernel send a reset, which would throw our last answer away at the peer (RFC
/// 9112 §9.6); so we stop sending, read on for a while, and close then.
class Farewell : public std::enable_shared_from_this<Farewell> {
 public:
  explicit Farewell(tcp::socket socket)
      : socket_(std::move(socket)), limit_(socket_.get_executor(), std::chrono::seconds{2}) {}

  void begin() {
    ErrorCode error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    if (error) return;
    limit_.async_wait([self = shared_from_this()](ErrorCode stopped) {
      ErrorCode ignored;
      if (!stopped) self->socket_.close(ignored);
    });
    read();
  }

 private:
  void read() {
    socket_.async_read_some(asio::buffer(ignored_),
                            [self = shared_from_this()](ErrorCode error, std::size_t) {
                              if (!error) return self->read();
                              self->limit_.cancel();
                            });
  }
  tcp::socket socket_;
  asio::steady_timer limit_;
  std::array<char, 16 * 1024> ignored_{};
};

class TcpStream final : public ByteStream {
 public:
  explicit TcpStream(tcp::socket socket) : socket_(std::move(socket)) {
    ErrorCode ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    if (const auto remote = socket_.remote_endpoint(ignored); !ignored) {
      const std::string address = remote.address().to_string();
      peer_ =
          (remote.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(remote.port());
    }
  }
  ~TcpStream() override {
    if (socket_.is_open()) TcpStream::close(CloseKind::abort);
  }
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;

  asio::any_io_executor get_executor() override { return socket_.get_executor(); }

  void async_read(asio::mutable_buffer buffer, Handler handler) override {
    socket_.async_read_some(buffer, std::move(handler));
  }

  void async_write(asio::const_buffer buffer, Handler handler) override {
    socket_.async_write_some(buffer, std::move(handler));
  }

  void close(CloseKind kind) override {
    if (!socket_.is_open()) return;
    ErrorCode ignored;
    if (kind == CloseKind::abort) {
      socket_.set_option(asio::socket_base::linger(true, 0), ignored);
      socket_.close(ignored);
      return;
    }
    socket_.cancel(ignored);
    auto farewell = std::make_shared<Farewell>(std::move(socket_));
    farewell->begin();
  }

  std::string peer() const override { return peer_; }

 private:
  tcp::socket socket_;
  std::string peer_;
};

}  // namespace

AnyStream tcp_stream(tcp::socket socket) {
  return AnyStream(std::make_unique<TcpStream>(std::move(socket)));
}

}  // namespace racebed::live
