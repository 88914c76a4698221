// RAND_METHOD is deprecated since OpenSSL 3.0 in favour of providers, but still honoured before them
// (rand_lib.c), and a provider of our own would be a second library context.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "sim/openssl_hooks.hpp"

#include <openssl/rand.h>

#include "runtime/assert.hpp"

namespace racebed::sim {
namespace {

struct Generator {
  std::uint64_t state = 0;
  bool active = false;
  std::uint64_t next() {
    std::uint64_t x = state += 0x9e3779b97f4a7c15ULL;  // SplitMix64
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }
};

// OpenSSL's method table has no room for a context, so the generator is global, as OpenSSL's own is.
constinit Generator generator;

int fill(unsigned char* bytes, int count) {
  std::uint64_t word = 0;
  for (int i = 0; i < count; ++i) {
    if (i % 8 == 0) word = generator.next();
    bytes[i] = static_cast<unsigned char>(word >> (8 * (i % 8)));
  }
  return 1;
}
int ready() {
  return 1;
}

constexpr RAND_METHOD kSeeded = {nullptr, fill, nullptr, nullptr, fill, ready};

}  // namespace

SeededOpenssl::SeededOpenssl(std::uint64_t seed) {
  RACEBED_ASSERT(!generator.active, "OpenSSL has one seeded generator at a time");
  generator = {seed, true};
  RAND_set_rand_method(&kSeeded);
}

SeededOpenssl::~SeededOpenssl() {
  RAND_set_rand_method(nullptr);
  generator.active = false;
}

}  // namespace racebed::sim
