// Why an API call gave no object: a closed set of classes, and whether the server may have carried the call
// out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/kube/api_transport.hpp"
#include "runtime/result.hpp"
#include "runtime/time.hpp"

namespace racebed::kube {

struct ApiError {
  enum class Code {
    bad_request,         // 400
    unauthorized,        // 401
    forbidden,           // 403
    not_found,           // 404
    method_not_allowed,  // 405
    already_exists,      // 409 AlreadyExists
    conflict,            // 409 any other reason
    expired,             // 410: the revision asked for was compacted
    too_large,           // 413
    invalid,             // 422
    too_many_requests,   // 429
    server_error,        // 500, 503 and other 5xx
    timeout,             // 504
    revision_too_large,  // 504: the server is behind the revision asked for
    other_status,        // any other status >= 400
    malformed,           // the answer says success but is not what was asked for
    transport_not_sent,  // the server never saw the request
    transport_unknown    // no answer: reset, end of stream, time-out
  };
  /// `definite`: the server did not carry the call out. `unknown`: it may have (5xx, lost answer; spec 1.15),
  /// at this try or at an earlier one that was sent again: a `conflict` of unknown outcome may be with one's
  /// own write.
  enum class Outcome { definite, unknown };

  Code code = Code::other_status;
  Outcome outcome = Outcome::definite;
  int status = 0;       // HTTP status; 0 without an answer
  std::string reason;   // of the Status object ("Conflict"); empty when the answer was none
  std::string message;  // for logs and status; the server's own words where it had some
  std::optional<Duration> retry_after;
};

/// "not_found", "transport_unknown" ...
std::string_view to_string(ApiError::Code code);

template <class T>
using ApiResult = Result<T, ApiError>;

/// The error that an answer with status >= 400 means.
ApiError error_of(const ApiResponse& response);
/// The error that a Status object means: the object of a watch's ERROR event.
ApiError error_of_status(const Json& status);
ApiError error_of(const TransportError& error);

}  // namespace racebed::kube
