// The certificate authority of the test programs: made once, under a fixed seed, before any run.
#pragma once

#include "core/net/https_client.hpp"
#include "models/ca/certificate_authority.hpp"

namespace racebed::tests {

inline constexpr const char* kSlackHost = "hooks.slack.example";

const models::CertificateAuthority& authority();
std::shared_ptr<const net::TrustRoots> trusted_roots();

}  // namespace racebed::tests
