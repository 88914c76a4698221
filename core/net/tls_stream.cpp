#include "core/net/tls_stream.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace racebed::net {

class TrustRoots {
 public:
  TrustRoots() : context_(asio::ssl::context::tls_client) {
    context_.set_verify_mode(asio::ssl::verify_peer);
    SSL_CTX* native = context_.native_handle();
    // 112 bits: no RSA below 2,048, no SHA-1. Said here, because builds of OpenSSL differ in their default.
    SSL_CTX_set_security_level(native, 2);
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(native, SSL_OP_NO_TICKET);
  }
  bool add_pem(const std::string& pem) {
    std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                  &BIO_free);
    X509_STORE* store = SSL_CTX_get_cert_store(context_.native_handle());
    int added = 0;
    while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
      added += X509_STORE_add_cert(store, certificate);
      X509_free(certificate);
    }
    ERR_clear_error();  // the end of the text is reported as an error
    return added > 0;
  }
  /// From now on a certificate whose issuer's list is missing is refused, too. False if there is no list.
  bool add_revocations(const std::string& pem) {
    std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                  &BIO_free);
    X509_STORE* store = SSL_CTX_get_cert_store(context_.native_handle());
    int added = 0;
    while (X509_CRL* list = PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)) {
      added += X509_STORE_add_crl(store, list);
      X509_CRL_free(list);
    }
    ERR_clear_error();
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);  // of the server's own certificate
    return added > 0;
  }
  /// False when either cannot be read, or when they do not belong together.
  bool use_certificate(const std::string& chain_pem, const std::string& key_pem) {
    ErrorCode error;
    context_.use_certificate_chain(asio::buffer(chain_pem), error);
    if (!error) context_.use_private_key(asio::buffer(key_pem), asio::ssl::context::pem, error);
    const bool fits = !error && SSL_CTX_check_private_key(context_.native_handle()) == 1;
    ERR_clear_error();
    return fits;
  }
  void trust_anything() { context_.set_verify_mode(asio::ssl::verify_none); }
  /// Shared by every connection; OpenSSL only counts references on it.
  asio::ssl::context& context() const { return context_; }

 private:
  mutable asio::ssl::context context_;
};

std::shared_ptr<const TrustRoots> trust_roots_from_pem(const std::string& pem) {
  auto roots = std::make_shared<TrustRoots>();
  if (!roots->add_pem(pem)) return nullptr;
  return roots;
}

Result<std::shared_ptr<const TrustRoots>, std::string> trust_roots_from(const TlsCredentials& credentials) {
  auto roots = std::make_shared<TrustRoots>();
  if (!credentials.verify) {
    roots->trust_anything();
  } else if (!roots->add_pem(credentials.roots_pem)) {
    return std::string("no certificate authority can be read, expected certificates in PEM");
  } else if (!credentials.revocations_pem.empty() && !roots->add_revocations(credentials.revocations_pem)) {
    return std::string("no revocation list can be read, expected lists in PEM");
  }
  const bool own = !credentials.client_certificate_pem.empty();
  if (own && !roots->use_certificate(credentials.client_certificate_pem, credentials.client_key_pem)) {
    return std::string("the client certificate and its key cannot be used together, expected both in PEM");
  }
  return std::shared_ptr<const TrustRoots>(std::move(roots));
}

namespace {

using SslStream = asio::ssl::stream<AnyStream>;

class TlsByteStream final : public ByteStream {
 public:
  TlsByteStream(AnyStream lower, std::shared_ptr<const TrustRoots> roots)
      : roots_(std::move(roots)), stream_(std::move(lower), roots_->context()) {}

  SslStream& stream() { return stream_; }
  asio::any_io_executor get_executor() override { return stream_.get_executor(); }
  void async_read(asio::mutable_buffer buffer, Handler handler) override {
    stream_.async_read_some(buffer, std::move(handler));
  }
  void async_write(asio::const_buffer buffer, Handler handler) override {
    stream_.async_write_some(buffer, std::move(handler));
  }
  /// Says close_notify first, as far as it can be taken at once. The peer's is not awaited: HTTP frames its
  /// own messages (RFC 9110 §6.1, RFC 8446 §6.1 allow it).
  void close(CloseKind kind) override {
    if (kind == CloseKind::graceful) say_goodbye();
    stream_.next_layer().close(kind);
  }
  std::string peer() const override { return stream_.next_layer().peer(); }

 private:
  void say_goodbye() {
    SSL* ssl = stream_.native_handle();
    if (said_goodbye_ || SSL_is_init_finished(ssl) != 1) return;
    said_goodbye_ = true;
    // Asio's own shutdown would wait for the peer. Nothing else is written any more, so OpenSSL may write
    // into memory instead of Asio's buffer.
    BIO* memory = BIO_new(BIO_s_mem());
    SSL_set0_wbio(ssl, memory);
    ERR_clear_error();
    SSL_shutdown(ssl);
    ERR_clear_error();
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    if (size <= 0) return;
    auto record = std::make_shared<const std::string>(data, static_cast<std::size_t>(size));
    stream_.next_layer().async_write_some(asio::buffer(*record),
                                          [record](ErrorCode, std::size_t) { /* nobody can mend it now */ });
  }
  std::shared_ptr<const TrustRoots> roots_;
  SslStream stream_;
  bool said_goodbye_ = false;
};

/// Nothing when the certificate is not what failed.
std::optional<ErrorClass> class_of_verification(long result) {
  switch (result) {
    case X509_V_OK:
      return std::nullopt;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return ErrorClass::tls_expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return ErrorClass::tls_not_yet_valid;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return ErrorClass::tls_host_mismatch;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return ErrorClass::tls_self_signed;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return ErrorClass::tls_unknown_authority;
    default:
      return ErrorClass::tls_other;
  }
}

/// By OpenSSL's own check and not a callback, so that a wrong name has an error of its own.
void expect_host(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1)
    return;  // an address: no SNI (RFC 6066 §3)
  ERR_clear_error();
  SSL_set_tlsext_host_name(ssl, host.c_str());
  SSL_set1_host(ssl, host.c_str());
}

/// The names that a certificate is for, as far as they can be shown.
std::string names_of(X509* certificate) {
  constexpr std::size_t kBytesMax = 200;
  std::string names;
  auto* all =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
    if (name->type != GEN_DNS) continue;
    names += names.empty() ? "" : ", ";
    const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    names.append(bytes, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  GENERAL_NAMES_free(all);
  names.resize(std::min(names.size(), kBytesMax));
  std::ranges::replace_if(names, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return names;
}

/// What helps to mend it.
std::string advice(SSL* ssl, long verification, ErrorClass refused) {
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl);
  const bool for_another = refused == ErrorClass::tls_host_mismatch;
  if (sk_X509_num(chain) < 1 || (!for_another && verification != X509_V_ERR_INVALID_PURPOSE)) return {};
  X509* first = sk_X509_value(chain, 0);
  if (X509_check_ca(first) != 0 && sk_X509_num(chain) > 1)
    return " (an authority's certificate comes first: the chain is in the wrong order)";
  const std::string names = for_another ? names_of(first) : std::string();
  return names.empty() ? std::string() : fmt::format(" (it is for {})", names);
}

HttpFailure failure_of(ErrorCode error, SSL* ssl, const std::string& host) {
  HttpFailure failure;
  failure.not_sent = true;
  const long verification = SSL_get_verify_result(ssl);
  if (const auto refused = class_of_verification(verification)) {
    failure.error_class = *refused;
    failure.message =
        fmt::format("{}: certificate verification failed: {}{}", host,
                    X509_verify_cert_error_string(verification), advice(ssl, verification, *refused));
    return failure;
  }
  if (error == asio::ssl::error::stream_truncated || error == asio::error::eof) {
    failure.error_class = ErrorClass::reset;
    failure.message = fmt::format("{}: the connection was closed during the TLS handshake", host);
    return failure;
  }
  const bool broken = error == asio::error::connection_reset || error == asio::error::broken_pipe;
  failure.error_class = broken                              ? ErrorClass::reset
                        : refuses_client_certificate(error) ? ErrorClass::tls_other
                                                            : ErrorClass::tls_protocol;
  failure.message = fmt::format("{}: TLS handshake failed: {}", host, error.message());
  return failure;
}

}  // namespace

bool refuses_client_certificate(ErrorCode error) {
  if (error.category() != asio::error::get_ssl_category()) return false;
  switch (ERR_GET_REASON(static_cast<unsigned long>(error.value()))) {
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

asio::awaitable<Result<AnyStream, HttpFailure>> tls_client_handshake(AnyStream lower,
                                                                     std::shared_ptr<const TrustRoots> roots,
                                                                     std::string host, Time now) {
  if (roots == nullptr) {
    co_return HttpFailure{ErrorClass::tls_unknown_authority, true,
                          fmt::format("{}: no authority is trusted", host)};
  }
  auto tls = std::make_unique<TlsByteStream>(std::move(lower), std::move(roots));
  SSL* ssl = tls->stream().native_handle();
  expect_host(ssl, host);
  X509_VERIFY_PARAM_set_time(
      SSL_get0_param(ssl), std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  ERR_clear_error();
  auto [error] = co_await tls->stream().async_handshake(asio::ssl::stream_base::client,
                                                        asio::as_tuple(asio::use_awaitable));
  if (!error) co_return AnyStream(std::move(tls));
  co_return failure_of(error, ssl, host);
}

}  // namespace racebed::net
