#include "experiments/subjects/notification_2025_11_delivery.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/notification/sanitizer.hpp"

namespace racebed::experiments {
namespace {

using kube::Json;

net::HttpsClientOptions http_options(const SubjectEnvironment& environment) {
  net::HttpsClientOptions options;
  // One time-out over everything: 10 s.
  options.resolve_timeout = options.connect_timeout = options.tls_timeout = options.first_byte_timeout =
      options.total_timeout = std::chrono::seconds{10};
  options.roots = environment.slack.roots;
  return options;
}

const char* emoji_of(const std::string& priority) {
  if (priority == "critical") return "\U0001F6A8";
  if (priority == "high") return "\u26A0\uFE0F";
  if (priority == "medium") return "\u2139\uFE0F";
  if (priority == "low") return "\U0001F4AC";
  return "\U0001F4E2";
}

std::string payload_of(const Json& spec) {
  const std::string priority = spec.value("priority", "");
  const auto text = [](const char* type, std::string value) {
    return Json{{"type", type}, {"text", std::move(value)}};
  };
  const Json header{
      {"type", "header"},
      {"text", text("plain_text", fmt::format("{} {}", emoji_of(priority),
                                              notification::sanitize(spec.value("subject", ""))))}};
  const Json section{{"type", "section"},
                     {"text", text("mrkdwn", notification::sanitize(spec.value("body", "")))}};
  const Json context{
      {"type", "context"},
      {"elements", Json::array({text("mrkdwn", fmt::format("*Priority:* {} | *Type:* {}", priority,
                                                           spec.value("type", "")))})}};
  return Json{{"blocks", Json::array({header, section, context})}}.dump(-1, ' ', false,
                                                                        Json::error_handler_t::replace);
}

/// What Go's text matched with "tls:", "x509:" or "certificate". Its handshake time-out says "TLS" and did
/// not.
bool is_certificate_error(const net::HttpFailure& failure) {
  using net::ErrorClass;
  switch (failure.error_class) {
    case ErrorClass::tls_expired:
    case ErrorClass::tls_not_yet_valid:
    case ErrorClass::tls_host_mismatch:
    case ErrorClass::tls_self_signed:
    case ErrorClass::tls_unknown_authority:
    case ErrorClass::tls_protocol:
      return true;
    case ErrorClass::tls_other:
      return failure.message.find("handshake timed out") == std::string::npos;
    default:
      return false;
  }
}

}  // namespace

Notification202511Delivery::Notification202511Delivery(SubjectEnvironment& environment)
    : environment_(environment), https_(environment.runtime, http_options(environment)) {}

asio::awaitable<std::string> Notification202511Delivery::deliver(std::string channel, kube::Object object) {
  const Json& spec = object.json().at("spec");
  if (channel == "console") {
    const ErrorCode error = environment_.console(fmt::format(
        "[{}] [{}] {}\n{}\n", spec.value("priority", ""), spec.value("type", ""),
        notification::sanitize(spec.value("subject", "")), notification::sanitize(spec.value("body", ""))));
    co_return error ? error.message() : std::string();
  }
  if (channel == "slack") co_return co_await post_to_slack(std::move(object));
  co_return fmt::format("permanent failure: unsupported channel: {}", channel);
}

asio::awaitable<std::string> Notification202511Delivery::post_to_slack(kube::Object object) {
  const auto url = net::parse_url(environment_.slack.webhook_url);
  if (!url) co_return std::string("failed to send Slack webhook: unsupported protocol scheme \"\"");
  net::HttpRequest request;
  request.url = *url;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = payload_of(object.json().at("spec"));
  const auto answer = co_await https_.send(std::move(request));
  if (!answer) {
    const bool permanent = is_certificate_error(answer.error());
    co_return fmt::format("{}{}", permanent ? "permanent failure: TLS " : "", answer.error().message);
  }
  if (answer->status >= 200 && answer->status < 300) co_return std::string();
  const bool retryable = answer->status == 429 || answer->status >= 500;
  co_return fmt::format("{}Slack webhook returned {}",
                        retryable ? "" : "permanent failure: ", answer->status);
}

}  // namespace racebed::experiments
