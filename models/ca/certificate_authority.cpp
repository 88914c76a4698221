#include "models/ca/certificate_authority.hpp"

#include <openssl/ssl.h>

#include "models/ca/certificate.hpp"
#include "models/ca/server_identity.hpp"
#include "runtime/assert.hpp"

namespace racebed::models {
namespace {

/// An authority: its certificate and key.
struct Authority {
  KeyPtr key;
  CertificatePtr certificate;
};

Authority make_root(const std::string& name, long serial) {
  Authority root{key_from(name), nullptr};
  root.certificate = make_certificate({.common_name = name, .authority = true, .serial = serial},
                                      root.key.get(), nullptr, nullptr);
  return root;
}

Authority make_intermediate(const std::string& name, long serial, const Authority& issuer,
                            const char* not_after = "20350101000000Z") {
  Authority authority{key_from(name), nullptr};
  authority.certificate =
      make_certificate({.common_name = name, .authority = true, .not_after = not_after, .serial = serial},
                       authority.key.get(), issuer.certificate.get(), issuer.key.get());
  return authority;
}

/// What goes over the wire, in this order; `key` is that of the first.
struct Presented {
  X509* first = nullptr;
  EVP_PKEY* key = nullptr;
  X509* second = nullptr;
};

std::unique_ptr<ServerIdentity> make_identity(const Presented& chain) {
  auto identity = std::make_unique<ServerIdentity>();
  SSL_CTX* native = identity->context().native_handle();
  // A server may present what its clients must refuse.
  SSL_CTX_set_security_level(native, 0);
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(native, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(native, 0);
  // No chain is built from the store: what is sent is exactly what is given here.
  SSL_CTX_set_mode(native, SSL_MODE_NO_AUTO_CHAIN);
  const bool ok = SSL_CTX_use_certificate(native, chain.first) == 1 &&
                  SSL_CTX_use_PrivateKey(native, chain.key) == 1 &&
                  (chain.second == nullptr || SSL_CTX_add1_chain_cert(native, chain.second) == 1);
  RACEBED_ASSERT(ok, "OpenSSL takes a certificate, its key and its chain");
  return identity;
}

/// "*.example" and "*.*.example" for "hooks.slack.example".
std::vector<std::string> wildcards_for(const std::string& host) {
  const std::size_t dot = host.rfind('.');
  const std::string last = dot == std::string::npos ? "" : host.substr(dot);
  return {"*" + last, "*.*" + last};
}

}  // namespace

std::string_view to_text(ChainKind kind) {
  switch (kind) {
    case ChainKind::good:
      return "good";
    case ChainKind::expired:
      return "expired";
    case ChainKind::not_yet_valid:
      return "not-yet-valid";
    case ChainKind::wrong_host:
      return "wrong-host";
    case ChainKind::self_signed:
      return "self-signed";
    case ChainKind::unknown_authority:
      return "unknown-authority";
    case ChainKind::expired_intermediate:
      return "expired-intermediate";
    case ChainKind::missing_intermediate:
      return "missing-intermediate";
    case ChainKind::wildcard_too_wide:
      return "wildcard-too-wide";
    case ChainKind::reversed_chain:
      return "reversed-chain";
    case ChainKind::revoked:
      return "revoked";
    case ChainKind::wrong_key_usage:
      return "wrong-key-usage";
    case ChainKind::weak_key:
      return "weak-key";
    case ChainKind::sha1_signature:
      return "sha1-signature";
    case ChainKind::expires_soon:
      return "expires-soon";
    case ChainKind::renewed:
      return "renewed";
  }
  return "good";
}

CertificateAuthority::CertificateAuthority(const std::vector<std::string>& hosts) {
  const std::string& host = hosts.front();
  constexpr const char* kPast = "20251101000000Z";
  constexpr const char* kToCome = "20340101000000Z";
  constexpr const char* kSoon = "20251129000130Z";  // kExpiresSoon
  const Authority root = make_root("racebed root", 1);
  const Authority stranger = make_root("racebed stranger", 2);
  const Authority issuer = make_intermediate("racebed issuing authority", 3, root);
  const Authority late = make_intermediate("racebed expired authority", 4, root, kPast);
  const Authority foreign = make_intermediate("racebed foreign authority", 5, stranger);
  root_pem_ = to_pem(root.certificate.get());

  constexpr long kRevoked = 20;

  const auto leaf_by = [](const CertificateSpec& spec, const Authority* by, EVP_PKEY* key) {
    return make_certificate(spec, key, by != nullptr ? by->certificate.get() : nullptr,
                            by != nullptr ? by->key.get() : nullptr);
  };
  const auto set = [&](ChainKind kind, const CertificateSpec& spec, const Authority* by,
                       bool send_issuer = true) {
    const KeyPtr key =
        kind == ChainKind::weak_key ? weak_key() : key_from("racebed leaf " + std::to_string(spec.serial));
    const CertificatePtr leaf = leaf_by(spec, by, key.get());
    identities_[static_cast<std::size_t>(kind)] =
        make_identity({leaf.get(), key.get(), send_issuer ? by->certificate.get() : nullptr});
  };
  set(ChainKind::good, {.common_name = host, .hosts = hosts, .serial = 10}, &issuer);
  set(ChainKind::expired, {.common_name = host, .hosts = hosts, .not_after = kPast, .serial = 11}, &issuer);
  set(ChainKind::not_yet_valid, {.common_name = host, .hosts = hosts, .not_before = kToCome, .serial = 12},
      &issuer);
  set(ChainKind::wrong_host, {.common_name = "other.example", .hosts = {"other.example"}, .serial = 13},
      &issuer);
  set(ChainKind::self_signed, {.common_name = host, .hosts = hosts, .serial = 14}, nullptr, false);
  set(ChainKind::unknown_authority, {.common_name = host, .hosts = hosts, .serial = 15}, &foreign);
  set(ChainKind::expired_intermediate, {.common_name = host, .hosts = hosts, .serial = 16}, &late);
  set(ChainKind::missing_intermediate, {.common_name = host, .hosts = hosts, .serial = 17}, &issuer, false);
  set(ChainKind::wildcard_too_wide,
      {.common_name = wildcards_for(host).front(), .hosts = wildcards_for(host), .serial = 18}, &issuer);
  set(ChainKind::revoked, {.common_name = host, .hosts = hosts, .serial = kRevoked}, &issuer);
  set(ChainKind::wrong_key_usage,
      {.common_name = host, .hosts = hosts, .serial = 21, .extended_usage = "clientAuth"}, &issuer);
  set(ChainKind::weak_key, {.common_name = host, .hosts = hosts, .serial = 22}, &issuer);
  set(ChainKind::sha1_signature, {.common_name = host, .hosts = hosts, .serial = 23, .sha1 = true}, &issuer);
  set(ChainKind::expires_soon, {.common_name = host, .hosts = hosts, .not_after = kSoon, .serial = 24},
      &issuer);
  set(ChainKind::renewed, {.common_name = host, .hosts = hosts, .serial = 25}, &issuer);

  // OpenSSL serves no first certificate whose key it has not, so this server has the authority's key: a
  // client refuses what it sees before it would come to the proof of possession, the one thing that differs.
  const KeyPtr key = key_from("racebed leaf 19");
  const CertificatePtr leaf =
      leaf_by({.common_name = host, .hosts = hosts, .serial = 19}, &issuer, key.get());
  identities_[static_cast<std::size_t>(ChainKind::reversed_chain)] =
      make_identity({issuer.certificate.get(), issuer.key.get(), leaf.get()});
  revocations_pem_ = revocation_list_pem(issuer.certificate.get(), issuer.key.get(), {kRevoked}) +
                     revocation_list_pem(late.certificate.get(), late.key.get(), {}) +
                     revocation_list_pem(root.certificate.get(), root.key.get(), {});
}

CertificateAuthority::~CertificateAuthority() = default;

const ServerIdentity& CertificateAuthority::identity(ChainKind kind) const {
  return *identities_[static_cast<std::size_t>(kind)];
}

std::string CertificateAuthority::leaf_der(ChainKind kind) const {
  X509* leaf = SSL_CTX_get0_certificate(identity(kind).context().native_handle());
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(leaf, &bytes);
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace racebed::models
