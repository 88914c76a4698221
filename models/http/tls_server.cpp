#include "models/http/tls_server.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "models/ca/server_identity.hpp"
#include "models/http/stopping_stream.hpp"
#include "runtime/assert.hpp"

namespace racebed::models {
namespace {

using Server = TlsVerdict::Server;
using StopAt = TlsVerdict::StopAt;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

/// An RSA key of OpenSSL's changes with use: blinding draws random bytes at the first signature and again
/// after 32. A connection that has a copy of the unused key draws the same ones whatever runs came before it.
void forget_earlier_signatures(SSL* ssl) {
  EVP_PKEY* shared = SSL_get_privatekey(ssl);
  if (EVP_PKEY_get_base_id(shared) != EVP_PKEY_RSA) return;
  EVP_PKEY* own = EVP_PKEY_dup(shared);
  const bool ok = own != nullptr && SSL_use_PrivateKey(ssl, own) == 1;
  EVP_PKEY_free(own);
  RACEBED_ASSERT(ok, "OpenSSL takes a copy of a server's key");
}

class TlsServerStream final : public ByteStream {
 public:
  TlsServerStream(AnyStream lower, const ServerIdentity& identity)
      : stream_(std::move(lower), identity.context()) {
    forget_earlier_signatures(stream_.native_handle());
  }
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

int accept_any_certificate(int, X509_STORE_CTX*) {
  return 1;
}

/// On this connection only: the context is shared.
void become(SSL* ssl, Server server) {
  bool ok = true;
  if (server == Server::old_protocol) {
    ok = SSL_set_min_proto_version(ssl, TLS1_VERSION) == 1 &&
         SSL_set_max_proto_version(ssl, TLS1_1_VERSION) == 1;
  } else if (server == Server::rare_cipher) {
    ok = SSL_set_min_proto_version(ssl, TLS1_3_VERSION) == 1 &&
         SSL_set_ciphersuites(ssl, "TLS_AES_128_CCM_SHA256") == 1;
  } else if (server == Server::demands_client_certificate) {
    SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, &accept_any_certificate);
  }
  RACEBED_ASSERT(ok, "OpenSSL takes a server's versions and ciphers");
}

/// The client's hello, or some of it: read so that what the server does next is not a reset.
asio::awaitable<bool> read_hello(AnyStream& stream) {
  std::array<char, 4096> hello{};
  const auto [error, bytes] = co_await stream.async_read_some(asio::buffer(hello), kTuple);
  co_return !error;
}

asio::awaitable<void> answer_hello(AnyStream& stream, std::string text) {
  const bool asked = co_await read_hello(stream);
  if (!asked) co_return;
  co_await asio::async_write(stream, asio::buffer(text), kTuple);  // whether it is taken matters to nobody
  stream.close(CloseKind::graceful);
}

}  // namespace

asio::awaitable<Result<AnyStream, std::string>> tls_server_handshake(AnyStream lower,
                                                                     const ServerIdentity& identity) {
  return tls_server_handshake(std::move(lower), identity, TlsVerdict{}, std::string());
}

asio::awaitable<Result<AnyStream, std::string>> tls_server_handshake(AnyStream lower,
                                                                     const ServerIdentity& identity,
                                                                     TlsVerdict verdict, std::string noise) {
  if (verdict.server == Server::plain_http || verdict.server == Server::garbage) {
    constexpr const char* kPlain =
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    std::string text = verdict.server == Server::garbage ? std::move(noise) : kPlain;
    co_await answer_hello(lower, std::move(text));
    co_return "the server speaks no TLS";
  }
  if (verdict.stop_at == StopAt::accept || verdict.stop_at == StopAt::client_hello) {
    bool asked = true;
    if (verdict.stop_at == StopAt::client_hello) asked = co_await read_hello(lower);
    if (asked) co_await stop(lower, verdict.stop_how);
    co_return "the server stopped before its hello";
  }
  const bool stops_in_flight = verdict.stop_at >= StopAt::server_hello && verdict.stop_at <= StopAt::flight;
  if (stops_in_flight) lower = stopping_stream(std::move(lower), verdict.stop_at, verdict.stop_how);
  auto tls = std::make_unique<TlsServerStream>(std::move(lower), identity);
  become(tls->stream().native_handle(), verdict.server);
  ERR_clear_error();
  auto [error] = co_await tls->stream().async_handshake(asio::ssl::stream_base::server, kTuple);
  AnyStream secured(std::move(tls));
  if (error) {
    secured.close(CloseKind::graceful);
    if (stops_in_flight) co_return "the server stopped in its flight";
    co_return error.message();
  }
  if (verdict.stop_at == StopAt::established) {
    co_await stop(secured, verdict.stop_how);
    co_return "the server stopped after the handshake";
  }
  co_return std::move(secured);
}

}  // namespace racebed::models
