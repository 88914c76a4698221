// A certificate authority that makes real chains, good ones and ones that OpenSSL really rejects. Made once
// per process, before any run; immutable afterwards and shared by all runs.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace racebed::models {

/// What a server presents.
enum class ChainKind {
  good,
  expired,               // the leaf's notAfter is past
  not_yet_valid,         // the leaf's notBefore is to come
  wrong_host,            // the leaf is for another name
  self_signed,           // the leaf signed itself
  unknown_authority,     // a root that nobody trusts signed it
  expired_intermediate,  // the leaf is good, its issuer is past its time
  missing_intermediate,  // the leaf comes alone
  wildcard_too_wide,     // for "*.example" and "*.*.example": no name of three labels (RFC 6125 §6.4.3)
  reversed_chain,        // the issuer first, the leaf last: clients take the issuer's for the server's own
  revoked,               // on the issuer's revocation list; good for a client that has none
  wrong_key_usage,       // extendedKeyUsage clientAuth only
  weak_key,              // RSA, 1024 bits
  sha1_signature,        // the issuer signed the leaf with SHA-1
  expires_soon,          // good until kExpiresSoon: 90 s after the moment at which runs begin
  renewed                // good, another certificate and key for the same names: after a rotation
};
inline constexpr std::array kChainKinds = {ChainKind::good,
                                           ChainKind::expired,
                                           ChainKind::not_yet_valid,
                                           ChainKind::wrong_host,
                                           ChainKind::self_signed,
                                           ChainKind::unknown_authority,
                                           ChainKind::expired_intermediate,
                                           ChainKind::missing_intermediate,
                                           ChainKind::wildcard_too_wide,
                                           ChainKind::reversed_chain,
                                           ChainKind::revoked,
                                           ChainKind::wrong_key_usage,
                                           ChainKind::weak_key,
                                           ChainKind::sha1_signature,
                                           ChainKind::expires_soon,
                                           ChainKind::renewed};
std::string_view to_text(ChainKind kind);  // "good", "not-yet-valid" ...

/// The notAfter of ChainKind::expires_soon, in RFC 3339.
inline constexpr std::string_view kExpiresSoon = "2025-11-29T00:01:30Z";

/// A chain and its key, ready to serve TLS with: an SSL_CTX without session tickets and session cache.
class ServerIdentity;

class CertificateAuthority {
 public:
  /// Makes the root, intermediates and every chain for `hosts` (names or addresses, at least one). Keys
  /// follow from fixed texts; signatures take OpenSSL's randomness, so make it under a seeded generator to
  /// have the same bytes in every process. Good certificates are valid from 2025-01-01 to 2035-01-01; expired
  /// ones ended on 2025-11-01, early ones begin on 2034-01-01.
  explicit CertificateAuthority(const std::vector<std::string>& hosts);
  ~CertificateAuthority();
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  /// The trusted root, in PEM.
  const std::string& root_pem() const { return root_pem_; }
  /// The revocation lists of the root and its authorities, in PEM, valid until 2035-01-01.
  const std::string& revocations_pem() const { return revocations_pem_; }
  const ServerIdentity& identity(ChainKind kind) const;
  /// The certificate that `kind` presents first, in DER; for tests.
  std::string leaf_der(ChainKind kind) const;

 private:
  std::string root_pem_;
  std::string revocations_pem_;
  std::array<std::unique_ptr<ServerIdentity>, kChainKinds.size()> identities_;
};

}  // namespace racebed::models
