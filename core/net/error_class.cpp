#include "core/net/error_class.hpp"

#include "runtime/assert.hpp"

namespace racebed::net {

std::string_view to_text(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::dns:
      return "dns";
    case ErrorClass::refused:
      return "refused";
    case ErrorClass::unreachable:
      return "unreachable";
    case ErrorClass::connect_timeout:
      return "connect-timeout";
    case ErrorClass::tls_expired:
      return "tls-expired";
    case ErrorClass::tls_not_yet_valid:
      return "tls-not-yet-valid";
    case ErrorClass::tls_host_mismatch:
      return "tls-host-mismatch";
    case ErrorClass::tls_self_signed:
      return "tls-self-signed";
    case ErrorClass::tls_unknown_authority:
      return "tls-unknown-authority";
    case ErrorClass::tls_protocol:
      return "tls-protocol";
    case ErrorClass::tls_other:
      return "tls-other";
    case ErrorClass::read_timeout:
      return "read-timeout";
    case ErrorClass::reset:
      return "reset";
    case ErrorClass::http_4xx:
      return "http-4xx";
    case ErrorClass::http_429:
      return "http-429";
    case ErrorClass::http_5xx:
      return "http-5xx";
    case ErrorClass::malformed:
      return "malformed";
  }
  RACEBED_ASSERT(false, "every error class has a text");
  return {};
}

}  // namespace racebed::net
