#include "tests/support/certificates.hpp"

#include "sim/openssl_hooks.hpp"

namespace racebed::tests {
namespace {

struct Kept {
  std::unique_ptr<models::CertificateAuthority> authority;
  std::shared_ptr<const net::TrustRoots> roots;
};

const Kept& kept() {
  static const Kept made = [] {
    const sim::SeededOpenssl fixed(1);
    Kept k{std::make_unique<models::CertificateAuthority>(std::vector<std::string>{kSlackHost}), nullptr};
    const net::TlsCredentials trusted{.roots_pem = k.authority->root_pem(),
                                      .revocations_pem = k.authority->revocations_pem()};
    k.roots = *net::trust_roots_from(trusted);
    return k;
  }();
  return made;
}

}  // namespace

const models::CertificateAuthority& authority() {
  return *kept().authority;
}
std::shared_ptr<const net::TrustRoots> trusted_roots() {
  return kept().roots;
}

}  // namespace racebed::tests
