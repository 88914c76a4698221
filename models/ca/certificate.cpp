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

using NumberPtr = std::unique_ptr<BIGNUM, OpensslFree<BN_free>>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, OpensslFree<OSSL_PARAM_BLD_free>>;

KeyPtr key_of(OSSL_PARAM_BLD* builder, const char* algorithm) {
  std::unique_ptr<OSSL_PARAM, OpensslFree<OSSL_PARAM_free>> parameters(OSSL_PARAM_BLD_to_param(builder));
  std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  must(EVP_PKEY_fromdata_init(context.get()) == 1 &&
           EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) == 1,
       "make a key");
  return KeyPtr(key);
}

NumberPtr number_of(const char* hexadecimal) {
  BIGNUM* number = nullptr;
  must(BN_hex2bn(&number, hexadecimal) > 0, "read a number");
  return NumberPtr(number);
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
  const NumberPtr secret(BN_bin2bn(digest.data(), static_cast<int>(digest.size()), nullptr));
  std::unique_ptr<EC_POINT, OpensslFree<EC_POINT_free>> point(EC_POINT_new(group.get()));
  must(EC_POINT_mul(group.get(), point.get(), secret.get(), nullptr, nullptr, nullptr) == 1,
       "multiply a point");
  std::array<unsigned char, 65> public_key{};
  must(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, public_key.data(),
                          public_key.size(), nullptr) == public_key.size(),
       "encode a point");
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, public_key.data(),
                                   public_key.size());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
  return key_of(builder.get(), "EC");
}

KeyPtr weak_key() {
  // Each the first prime from SHA-512 of "racebed weak key p" (and q) on, its two top bits and its lowest
  // set.
  const NumberPtr p = number_of(
      "D94E66DD97511317FACBECBB143D0CF5C8CC3E0EB5DD7E162A67A11BAB58D8AF"
      "AD60011683954C3308AF2ED8ABF1278F68577FCC9DF2DA5A1EA4D89E4951C911");
  const NumberPtr q = number_of(
      "EFD0D49A19F4C82B73FDB7CCA965CBC512AF55DE46DF52CCB5FD5B101F0A3B1F"
      "8F614944E774F045C37BE2476484D54A6D7A691E928A75A9E5933F8573940F09");
  const NumberPtr e = number_of("10001");
  const NumberPtr n(BN_new());
  const NumberPtr d(BN_new());
  const NumberPtr p_less(BN_dup(p.get()));
  const NumberPtr q_less(BN_dup(q.get()));
  const NumberPtr order(BN_new());
  std::unique_ptr<BN_CTX, OpensslFree<BN_CTX_free>> scratch(BN_CTX_new());
  must(BN_mul(n.get(), p.get(), q.get(), scratch.get()) == 1 && BN_sub_word(p_less.get(), 1) == 1 &&
           BN_sub_word(q_less.get(), 1) == 1 &&
           BN_mul(order.get(), p_less.get(), q_less.get(), scratch.get()) == 1 &&
           BN_mod_inverse(d.get(), e.get(), order.get(), scratch.get()) != nullptr,
       "compute a key");
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_D, d.get());
  return key_of(builder.get(), "RSA");
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
    add_extension(x, signer, NID_ext_key_usage, spec.extended_usage);
  }
  must(X509_sign(x, issuer_key != nullptr ? issuer_key : key, spec.sha1 ? EVP_sha1() : EVP_sha256()) > 0,
       "sign");
  return certificate;
}

namespace {

using BioPtr = std::unique_ptr<BIO, OpensslFree<BIO_free>>;

std::string text_in(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

std::string to_pem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(bio.get(), certificate) == 1, "write PEM");
  return text_in(bio.get());
}

std::string revocation_list_pem(X509* issuer, EVP_PKEY* issuer_key, const std::vector<long>& serials) {
  std::unique_ptr<X509_CRL, OpensslFree<X509_CRL_free>> list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer));
  const std::unique_ptr<ASN1_TIME, OpensslFree<ASN1_TIME_free>> time(ASN1_TIME_new());
  const auto at = [&](const char* text) {
    must(ASN1_TIME_set_string_X509(time.get(), text) == 1, "set a time");
    return time.get();
  };
  X509_CRL_set1_lastUpdate(list.get(), at("20250101000000Z"));
  X509_CRL_set1_nextUpdate(list.get(), at("20350101000000Z"));
  for (const long serial : serials) {
    std::unique_ptr<X509_REVOKED, OpensslFree<X509_REVOKED_free>> entry(X509_REVOKED_new());
    const std::unique_ptr<ASN1_INTEGER, OpensslFree<ASN1_INTEGER_free>> number(ASN1_INTEGER_new());
    ASN1_INTEGER_set(number.get(), serial);
    X509_REVOKED_set_serialNumber(entry.get(), number.get());
    X509_REVOKED_set_revocationDate(entry.get(), at("20251101000000Z"));
    must(X509_CRL_add0_revoked(list.get(), entry.get()) == 1, "revoke");
    (void)entry.release();  // the list's now
  }
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, nullptr, nullptr, list.get(), 0);
  X509_EXTENSION* key_id = X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid");
  must(key_id != nullptr && X509_CRL_add_ext(list.get(), key_id, -1) == 1, "add an extension");
  X509_EXTENSION_free(key_id);
  must(X509_CRL_sort(list.get()) == 1 && X509_CRL_sign(list.get(), issuer_key, EVP_sha256()) > 0, "sign");
  const BioPtr bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509_CRL(bio.get(), list.get()) == 1, "write PEM");
  return text_in(bio.get());
}

}  // namespace racebed::models
