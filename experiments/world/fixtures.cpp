#include "experiments/world/fixtures.hpp"

#include "models/apiserver/notification_schema.hpp"
#include "runtime/assert.hpp"
#include "sim/kernel.hpp"
#include "sim/openssl_hooks.hpp"

namespace racebed::experiments {

Fixtures::Fixtures() : kinds(models::NotificationTypeOptions{}) {
  RACEBED_ASSERT(sim::Kernel::running() == nullptr, "certificates are made before the first run");
  const sim::SeededOpenssl fixed(1);
  authority = std::make_unique<models::CertificateAuthority>(std::vector<std::string>{kSlackHost});
  const net::TlsCredentials trusted{.roots_pem = authority->root_pem(),
                                    .revocations_pem = authority->revocations_pem()};
  roots = *net::trust_roots_from(trusted);
}

const Fixtures& fixtures() {
  static const Fixtures made;
  return made;
}

}  // namespace racebed::experiments
