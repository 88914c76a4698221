#include "models/ca/certificate.hpp"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <array>

#include "runtime/assert.hpp"

namespace racebed::models {
namespace {

void must(bool ok, const char* what) {
  RACEBED_ASSERT(ok, std::string("OpenSSL does it: ") + what);
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "add an extension");
  X509_EXTENSION_free(extension);
}

/// As OpenSSL's configuration has it: "DNS:a.example,IP:127.0.0.1".
std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string names;
  for (const std::string& host : hosts) {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    const bool address = inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
                         inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
    names += (names.empty() ? "" : ",") + std::string(address ? "IP:" : "DNS:") + host;
  }
  return names;
}

}  // namespace

KeyPtr key_from(const std::string& text) {
  // The scalar is SHA-256 of the text with its top bit cleared: below the order of P-256 and never 0 in
  // practice.
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  digest[0] &= 0x7f;
  std::unique_ptr<EC_GROUP, OpensslFree<EC_GROUP_free>> group(
      EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  std::unique_ptr<BIGNUM, OpensslFree<BN_free>> secret(
      BN_bin2bn(digest.data(), static_cast<int>(digest.size()), nullptr));
  std::unique_ptr<EC_POINT, OpensslFree<EC_POINT_free>> point(EC_POINT_new(group.get()));
  must(EC_POINT_mul(group.get(), point.get(), secret.get(), nullptr, nullptr, nullptr) == 1,
       "multiply a point");
  std::array<unsigned char, 65> public_key{};
  must(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, public_key.data(),
                          public_key.size(), nullptr) == public_key.size(),
       "encode a point");
  std::unique_ptr<OSSL_PARAM_BLD, OpensslFree<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, public_key.data(),
                                   public_key.size());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
  std::unique_ptr<OSSL_PARAM, OpensslFree<OSSL_PARAM_free>> parameters(
      OSSL_PARAM_BLD_to_param(builder.get()));
  std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  must(EVP_PKEY_fromdata_init(context.get()) == 1 &&
           EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) == 1,
       "make a key");
  return KeyPtr(key);
}

CertificatePtr make_certificate(const CertificateSpec& spec, EVP_PKEY* key, X509* issuer,
                                EVP_PKEY* issuer_key) {
  CertificatePtr certificate(X509_new());
  X509* x = certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), spec.serial);
  must(ASN1_TIME_set_string_X509(X509_getm_notBefore(x), spec.not_before) == 1, "set notBefore");
  must(ASN1_TIME_set_string_X509(X509_getm_notAfter(x), spec.not_after) == 1, "set notAfter");
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(spec.common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(issuer != nullptr ? issuer : x));
  X509_set_pubkey(x, key);
  X509* signer = issuer != nullptr ? issuer : x;
  add_extension(x, signer, NID_basic_constraints, spec.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(x, signer, NID_key_usage,
                spec.authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
  add_extension(x, signer, NID_subject_key_identifier, "hash");
  add_extension(x, signer, NID_authority_key_identifier, "keyid");
  if (!spec.hosts.empty()) {
    add_extension(x, signer, NID_subject_alt_name, alternative_names(spec.hosts));
    add_extension(x, signer, NID_ext_key_usage, "serverAuth");
  }
  must(X509_sign(x, issuer_key != nullptr ? issuer_key : key, EVP_sha256()) > 0, "sign");
  return certificate;
}

std::string to_pem(X509* certificate) {
  std::unique_ptr<BIO, OpensslFree<BIO_free>> bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(bio.get(), certificate) == 1, "write PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace racebed::models
