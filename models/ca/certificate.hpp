// X.509 certificates made with OpenSSL. Private to models/ca.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

namespace racebed::models {

template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, OpensslFree<X509_free>>;

struct CertificateSpec {
  std::string common_name;
  std::vector<std::string> hosts{};  // subjectAltName: names and addresses; none for an authority
  bool authority = false;
  const char* not_before = "20250101000000Z";
  const char* not_after = "20350101000000Z";
  long serial = 1;
  const char* extended_usage = "serverAuth";  // of one with hosts
  bool sha1 = false;                          // signed with SHA-1 instead of SHA-256
};

/// A P-256 key that follows from `text` alone.
KeyPtr key_from(const std::string& text);
/// RSA of 1024 bits, always the same one: numbers that anybody can read here, for tests and nothing else.
KeyPtr weak_key();
/// A certificate for `key`, signed by `issuer` with `issuer_key`; null `issuer` for one that signs itself.
CertificatePtr make_certificate(const CertificateSpec& spec, EVP_PKEY* key, X509* issuer,
                                EVP_PKEY* issuer_key);
std::string to_pem(X509* certificate);
/// What `issuer` has revoked, on 2025-11-01, in PEM; the list is valid from 2025-01-01 to 2035-01-01.
std::string revocation_list_pem(X509* issuer, EVP_PKEY* issuer_key, const std::vector<long>& serials);

}  // namespace racebed::models
