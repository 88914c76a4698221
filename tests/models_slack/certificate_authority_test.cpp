#include "models/ca/certificate_authority.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <catch2/catch.hpp>

#include "sim/openssl_hooks.hpp"
#include "tests/support/certificates.hpp"

using namespace racebed;
using models::ChainKind;

namespace {

/// The first 8 bytes of a SHA-256.
std::string fingerprint(const std::string& bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::string fingerprints(const models::CertificateAuthority& authority) {
  std::string all = "root " + fingerprint(authority.root_pem()) + "\n";
  all += "revocations " + fingerprint(authority.revocations_pem()) + "\n";
  for (ChainKind kind : models::kChainKinds) {
    all += fmt::format("{} {}\n", to_text(kind), fingerprint(authority.leaf_der(kind)));
  }
  return all;
}

}  // namespace

TEST_CASE("the authority makes the same bytes in every process") {
  const std::string expected = R"(root ec04531718dd9e5e
revocations a114dd9730e5b0d2
good 712d0a70438f8d02
expired adb564f6a283a1f3
not-yet-valid b8cd6fc929cc0ec1
wrong-host 651443a5d0ad3ad9
self-signed 9a36b8353e7283a4
unknown-authority cf98b310fc8f2038
expired-intermediate 5e5f4cb19159f798
missing-intermediate 8e23a12444d4fc43
wildcard-too-wide b8b297910280c58d
reversed-chain 094eaebf59de1038
revoked 6ee15dcb4cd4447d
wrong-key-usage d21763c65360da39
weak-key 3e173abdb1f9e905
sha1-signature dcb8ac8f367e6204
expires-soon f8dec3ab439f0b87
renewed 9adc09296576a93f
)";
  CHECK(fingerprints(tests::authority()) == expected);
  const sim::SeededOpenssl fixed(1);
  CHECK(fingerprints(models::CertificateAuthority({tests::kSlackHost})) == expected);
}

TEST_CASE("every chain has a name of its own") {
  std::string names;
  for (ChainKind kind : models::kChainKinds) names += std::string(to_text(kind)) + " ";
  CHECK(
      names ==
      "good expired not-yet-valid wrong-host self-signed unknown-authority expired-intermediate "
      "missing-intermediate wildcard-too-wide reversed-chain revoked wrong-key-usage weak-key sha1-signature "
      "expires-soon renewed ");
}
