#include "runtime/assert.hpp"

#include <unistd.h>

#include <cstdio>

namespace racebed {
namespace {
AssertionHandler handler_for_tests = nullptr;
constexpr int kOwnFault = 3;  // the exit status for a fault of the testbed itself
}  // namespace

void set_assertion_handler(AssertionHandler handler) {
  handler_for_tests = handler;
}

void assertion_failed(const char* condition, std::string_view what, const char* file, int line) {
  if (handler_for_tests != nullptr) handler_for_tests(condition, what);
  std::fflush(stdout);
  std::fprintf(stderr, "racebed: internal fault at %s:%d: \"%s\" does not hold: %.*s\n", file, line,
               condition, static_cast<int>(what.size()), what.data());
  _exit(kOwnFault);
}

}  // namespace racebed
