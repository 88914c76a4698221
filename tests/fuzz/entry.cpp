#include "tests/fuzz/entry.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "runtime/assert.hpp"
#include "sim/guards.hpp"

namespace racebed::fuzz {

void prepare() {
  sim::guards::stand_down();
  set_assertion_handler([](const char* condition, std::string_view what) {
    std::fprintf(stderr, "assertion \"%s\" failed: %s\n", condition, std::string(what).c_str());
    std::abort();
  });
}

}  // namespace racebed::fuzz
