#include "models/http/tls_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "models/ca/server_identity.hpp"

namespace racebed::models {
namespace {

class TlsServerStream final : public ByteStream {
 public:
  TlsServerStream(AnyStream lower, const ServerIdentity& identity)
      : stream_(std::move(lower), identity.context()) {}
  asio::ssl::stream<AnyStream>& stream() { return stream_; }
  asio::any_io_executor get_executor() override { return stream_.get_executor(); }
  void async_read(asio::mutable_buffer buffer, Handler handler) override {
    stream_.async_read_some(buffer, std::move(handler));
  }
  void async_write(asio::const_buffer buffer, Handler handler) override {
    stream_.async_write_some(buffer, std::move(handler));
  }
  void close(CloseKind kind) override { stream_.next_layer().close(kind); }
  std::string peer() const override { return stream_.next_layer().peer(); }

 private:
  asio::ssl::stream<AnyStream> stream_;
};

}  // namespace

asio::awaitable<Result<AnyStream, std::string>> tls_server_handshake(AnyStream lower,
                                                                     const ServerIdentity& identity) {
  auto tls = std::make_unique<TlsServerStream>(std::move(lower), identity);
  auto [error] = co_await tls->stream().async_handshake(asio::ssl::stream_base::server,
                                                        asio::as_tuple(asio::use_awaitable));
  if (error) co_return error.message();
  co_return AnyStream(std::move(tls));
}

}  // namespace racebed::models
