// What the fuzzer feeds: each target takes bytes from anybody and aborts (by an exception, an assertion or a
// sanitizer) where the program would have gone wrong. Pure functions of the bytes: an input that once broke
// one is kept in tests/fuzz/regressions/TARGET and goes through it again in every run of the tests.
#pragma once

#include <array>
#include <string_view>

namespace racebed::fuzz {

/// What one client sends on one connection to the API server, in virtual time.
void http(std::string_view bytes);

/// "json|merge|strategic RESOURCE", a line; a document; "==="; a patch. Applied as a function, and by the
/// server to an object made from the document.
void patch(std::string_view bytes);

/// A label selector, a line; a field selector, a line; the object that they are to match.
void selector(std::string_view bytes);

/// A schema; "==="; an object. And the same object as a NotificationRequest for the server.
void schema(std::string_view bytes);

/// A scenario file; "==="; settings, "PATH=VALUE", a line each. Refused in one line that names its place, or
/// loaded; what loads prints to what loads to the same.
void scenario(std::string_view bytes);

struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
};
inline constexpr std::array kTargets = {Target{"http", http}, Target{"patch", patch},
                                        Target{"selector", selector}, Target{"schema", schema},
                                        Target{"scenario", scenario}};

}  // namespace racebed::fuzz
