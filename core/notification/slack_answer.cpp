#include "core/notification/slack_answer.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace racebed::notification {
namespace {

using Outcome = DeliveryResult::Outcome;
using net::ErrorClass;

DeliveryResult failed(Outcome outcome, ErrorClass error_class, std::string error) {
  DeliveryResult result;
  result.outcome = outcome;
  result.error_class = error_class;
  result.error = std::string(net::to_text(error_class)) + ": " + std::move(error);
  return result;
}

DeliveryResult status_result(const net::HttpAnswer& answer) {
  const std::string text = "HTTP status " + std::to_string(answer.status);
  DeliveryResult result;
  if (answer.status == 429) {
    result = failed(Outcome::rejected, ErrorClass::http_429, text);
  } else if (answer.status >= 500) {
    // A server that fails after it has accepted says the same.
    result = failed(Outcome::unknown, ErrorClass::http_5xx, text);
  } else {
    result = failed(Outcome::rejected, ErrorClass::http_4xx, text);
    result.permanent = answer.status != 408 && answer.status != 425;
    result.timed_out = answer.status == 408;
  }
  result.retry_after = answer.retry_after;
  return result;
}

/// 200, and not in Slack's words: a portal, a proxy, somebody's web site. It may have passed the message on.
DeliveryResult not_slacks() {
  return failed(Outcome::unknown, ErrorClass::malformed, "the answer is not Slack's");
}

/// chat.postMessage errors that a later attempt may not meet; every other is about this message or this
/// token.
constexpr std::array<std::string_view, 5> kPassing = {"internal_error", "fatal_error", "service_unavailable",
                                                      "request_timeout", "team_added_to_org"};

}  // namespace

DeliveryResult webhook_result(const net::HttpAnswer& answer) {
  if (answer.status < 200 || answer.status > 299) return status_result(answer);
  DeliveryResult result;
  result.outcome = answer.body_complete ? Outcome::delivered : Outcome::delivered_unconfirmed;
  if (answer.body_complete && !answer.body.empty() && answer.body != "ok") return not_slacks();
  return result;
}

DeliveryResult web_api_result(const net::HttpAnswer& answer) {
  if (answer.status < 200 || answer.status > 299) return status_result(answer);
  DeliveryResult result;
  result.outcome = Outcome::delivered_unconfirmed;
  if (!answer.body_complete) return result;
  const auto body = nlohmann::json::parse(answer.body, nullptr, false);
  const auto ok = body.is_object() ? body.find("ok") : body.end();
  if (!body.is_object() || ok == body.end() || !ok->is_boolean()) return not_slacks();
  if (ok->get<bool>()) {
    result.outcome = Outcome::delivered;
    return result;
  }
  const auto error = body.find("error");
  const std::string name =
      error != body.end() && error->is_string() ? error->get<std::string>() : "unknown_error";
  if (name == "ratelimited" || name == "rate_limited") {
    result = failed(Outcome::rejected, ErrorClass::http_429, name);
  } else if (std::find(kPassing.begin(), kPassing.end(), name) != kPassing.end()) {
    result = failed(Outcome::unknown, ErrorClass::http_5xx, name);
  } else {
    result = failed(Outcome::rejected, ErrorClass::http_4xx, name);
    result.permanent = true;
  }
  result.retry_after = answer.retry_after;
  return result;
}

DeliveryResult failure_result(const net::HttpFailure& failure) {
  DeliveryResult result =
      failed(failure.not_sent ? Outcome::rejected : Outcome::unknown, failure.error_class, failure.message);
  result.timed_out =
      failure.error_class == ErrorClass::read_timeout || failure.error_class == ErrorClass::connect_timeout;
  return result;
}

Health health_of(const DeliveryResult& result) {
  switch (result.outcome) {
    case Outcome::delivered:
    case Outcome::delivered_unconfirmed:
      return Health::well;
    case Outcome::rejected:
    case Outcome::unknown:
      break;
  }
  return !result.error_class || *result.error_class == ErrorClass::http_4xx ? Health::nothing : Health::sick;
}

}  // namespace racebed::notification
