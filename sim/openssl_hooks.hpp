// OpenSSL inside a run: its random generator is replaced by one that follows from a seed, so that keys,
// nonces and therefore every byte of TLS on the wire repeat. The only file that touches libcrypto's globals.
#pragma once

#include <cstdint>

namespace racebed::sim {

/// While it lives, all of OpenSSL's randomness in this process follows from `seed`. One at a time; the
/// default generator is back when it ends. A run draws its seed from its choices; what is made before runs
/// (certificates, contexts) is made under a fixed one.
class SeededOpenssl {
 public:
  explicit SeededOpenssl(std::uint64_t seed);
  ~SeededOpenssl();
  SeededOpenssl(const SeededOpenssl&) = delete;
  SeededOpenssl& operator=(const SeededOpenssl&) = delete;
};

}  // namespace racebed::sim
