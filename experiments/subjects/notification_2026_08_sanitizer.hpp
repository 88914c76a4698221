// What the controller of 2026-08 takes out of subject and body before a delivery (notification.md C.4, HEAD):
// the families of its rules, by hand instead of by regular expression.
#pragma once

#include <string>

namespace racebed::experiments::august_2026 {

/// Values of keys that name secrets, bearer and well-known tokens, credentials in URLs, PEM blocks, e-mail
/// and IPv4 addresses become [REDACTED]. "[token:...]", by which the fake world knows a message, stays.
std::string sanitize(const std::string& text);

}  // namespace racebed::experiments::august_2026
