// Which certificates a careful client accepts, and by which words it may say why it does not.
#pragma once

#include <string_view>

#include "runtime/time.hpp"

namespace racebed::experiments {

/// Whether a client that verifies accepts a chain of this kind (models::ChainKind, as text) at `now`.
bool is_trustworthy(std::string_view certificate, Time now);
/// Whether `error` says that TLS or the certificate failed, and how: an expired one, another host's ...
bool names_certificate_failure(std::string_view error, std::string_view certificate);

}  // namespace racebed::experiments
