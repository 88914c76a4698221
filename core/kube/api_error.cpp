#include "core/kube/api_error.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace racebed::kube {
namespace {

using Code = ApiError::Code;
using Outcome = ApiError::Outcome;

std::string text_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Code code_of(int status, std::string_view reason) {
  switch (status) {
    case 400:
      return Code::bad_request;
    case 401:
      return Code::unauthorized;
    case 403:
      return Code::forbidden;
    case 404:
      return Code::not_found;
    case 405:
      return Code::method_not_allowed;
    case 409:
      return reason == "AlreadyExists" ? Code::already_exists : Code::conflict;
    case 410:
      return Code::expired;
    case 413:
      return Code::too_large;
    case 422:
      return Code::invalid;
    case 429:
      return Code::too_many_requests;
    case 504:
      return Code::timeout;
    default:
      return status >= 500 ? Code::server_error : Code::other_status;
  }
}

/// client-go isTooLargeResourceVersionError: by cause, or, from servers that send none, by the words.
bool says_revision_too_large(const Json& status, const std::string& message) {
  const auto details = status.find("details");
  if (details != status.end() && details->is_object()) {
    const auto causes = details->find("causes");
    if (causes != details->end() && causes->is_array()) {
      for (const Json& cause : *causes) {
        if (cause.is_object() && text_member(cause, "reason") == "ResourceVersionTooLarge") return true;
      }
    }
  }
  return message.find("Too large resource version") != std::string::npos;
}

void read_status(const Json& status, ApiError& error) {
  error.reason = text_member(status, "reason");
  error.message = text_member(status, "message");
  error.code = code_of(error.status, error.reason);
  if (error.code == Code::timeout && says_revision_too_large(status, error.message)) {
    error.code = Code::revision_too_large;
  }
  const auto details = status.find("details");
  if (error.retry_after || details == status.end() || !details->is_object()) return;
  const auto seconds = details->find("retryAfterSeconds");
  if (seconds != details->end() && seconds->is_number_integer() && seconds->get<std::int64_t>() > 0) {
    error.retry_after = std::chrono::seconds{seconds->get<std::int64_t>()};
  }
}

}  // namespace

std::string_view to_string(Code code) {
  switch (code) {
    case Code::bad_request:
      return "bad_request";
    case Code::unauthorized:
      return "unauthorized";
    case Code::forbidden:
      return "forbidden";
    case Code::not_found:
      return "not_found";
    case Code::method_not_allowed:
      return "method_not_allowed";
    case Code::already_exists:
      return "already_exists";
    case Code::conflict:
      return "conflict";
    case Code::expired:
      return "expired";
    case Code::too_large:
      return "too_large";
    case Code::invalid:
      return "invalid";
    case Code::too_many_requests:
      return "too_many_requests";
    case Code::server_error:
      return "server_error";
    case Code::timeout:
      return "timeout";
    case Code::revision_too_large:
      return "revision_too_large";
    case Code::other_status:
      return "other_status";
    case Code::malformed:
      return "malformed";
    case Code::transport_not_sent:
      return "transport_not_sent";
    case Code::transport_unknown:
      return "transport_unknown";
  }
  return "unknown";
}

ApiError error_of(const ApiResponse& response) {
  ApiError error;
  error.status = response.status;
  error.outcome = response.status >= 500 ? Outcome::unknown : Outcome::definite;
  error.retry_after = response.retry_after;
  if (response.body && response.body->is_object()) {
    read_status(*response.body, error);
  } else {
    error.code = code_of(response.status, {});
    error.message = response.text.substr(0, 256);
  }
  if (error.message.empty())
    error.message = fmt::format("the server answered with status {}", response.status);
  return error;
}

ApiError error_of_status(const Json& status) {
  ApiError error;
  if (!status.is_object()) {
    error.code = Code::malformed;
    error.message = "the ERROR event of a watch carries no Status";
    return error;
  }
  const auto code = status.find("code");
  if (code != status.end() && code->is_number_integer()) error.status = code->get<int>();
  error.outcome = error.status >= 500 ? Outcome::unknown : Outcome::definite;
  read_status(status, error);
  return error;
}

ApiError error_of(const TransportError& error) {
  ApiError result;
  const bool not_sent = error.outcome == TransportError::Outcome::not_sent;
  result.code = not_sent ? Code::transport_not_sent : Code::transport_unknown;
  result.outcome = not_sent ? Outcome::definite : Outcome::unknown;
  result.message = error.message;
  return result;
}

}  // namespace racebed::kube
