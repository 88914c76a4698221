// Assertions that stay on in release builds. A broken assumption ends the program with exit status 3 and one
// clear line: it is our own fault, never the user's.
#pragma once

#include <string_view>

namespace racebed {

/// Prints `file:line: assertion "condition" failed: what` on standard error and ends the process with exit
/// status 3, running no destructors. A test may install a handler that throws instead.
[[noreturn]] void assertion_failed(const char* condition, std::string_view what, const char* file, int line);

/// Called instead of ending the process; must not return. Null restores the default. For tests only.
using AssertionHandler = void (*)(const char* condition, std::string_view what);
void set_assertion_handler(AssertionHandler handler);

}  // namespace racebed

/// RACEBED_ASSERT(condition, "what, and with which values"): the text is evaluated only on failure.
#define RACEBED_ASSERT(condition, what)   \
  (static_cast<bool>(condition) ? void(0) \
                                : ::racebed::assertion_failed(#condition, (what), __FILE__, __LINE__))
