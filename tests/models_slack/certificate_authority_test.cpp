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
  for (ChainKind kind : models::kChainKinds) {
    all += fmt::format("{} {}\n", to_text(kind), fingerprint(authority.leaf_der(kind)));
  }
  return all;
}

}  // namespace

TEST_CASE("the authority makes the same bytes in every process") {
  const std::string expected = R"(root ec04531718dd9e5e
good e4aed0ce10a6c726
expired 9ff5435f3e7f5236
not-yet-valid f93c395fe64a0cba
wrong-host 1bc0088a1cdfce66
self-signed 20b25cc88f097e14
unknown-authority 97bcbb6963baeff8
expired-intermediate 9aefeb583a45c64b
missing-intermediate dd0cdb58fe39f513
)";
  CHECK(fingerprints(tests::authority()) == expected);
  const sim::SeededOpenssl fixed(1);
  CHECK(fingerprints(models::CertificateAuthority({tests::kSlackHost})) == expected);
}

TEST_CASE("every chain has a name of its own") {
  std::string names;
  for (ChainKind kind : models::kChainKinds) names += std::string(to_text(kind)) + " ";
  CHECK(names ==
        "good expired not-yet-valid wrong-host self-signed unknown-authority expired-intermediate "
        "missing-intermediate ");
}
