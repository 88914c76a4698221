// What every run of this process shares and none changes: certificates and trust, and what the API servers
// know of the kinds that they serve. Made once, before the first run, under a fixed seed, so that they have
// the same bytes in every process.
#pragma once

#include <memory>

#include "core/net/https_client.hpp"
#include "models/apiserver/resource.hpp"
#include "models/ca/certificate_authority.hpp"

namespace racebed::experiments {

inline constexpr const char* kSlackHost = "hooks.slack.example";

struct Fixtures {
  Fixtures();
  std::unique_ptr<models::CertificateAuthority> authority;
  std::shared_ptr<const net::TrustRoots> roots;
  models::BuiltinKinds kinds;
};

/// Not from inside a run the first time.
const Fixtures& fixtures();

}  // namespace racebed::experiments
