#include "experiments/subjects/notification_2026_08_channels.hpp"

#include <fmt/format.h>

namespace racebed::experiments::august_2026 {
namespace {

const char* emoji_of(const std::string& priority) {
  if (priority == "critical") return "\U0001F6A8";
  if (priority == "high") return "\u26A0\uFE0F";
  if (priority == "medium") return "\u2139\uFE0F";
  if (priority == "low") return "\U0001F4AC";
  return "\U0001F4E2";
}

/// "20251129-000005.000123" of "2025-11-29T00:00:05.000123Z"
std::string file_time(Time now) {
  std::string compact;
  for (const char c : to_rfc3339_micro(now)) {
    if (c == 'T') compact += '-';
    if ((c >= '0' && c <= '9') || c == '.') compact += c;
  }
  return compact;
}

}  // namespace

std::string slack_payload(const Json& spec) {
  const std::string priority = spec.value("priority", "");
  const auto text = [](const char* type, std::string value) {
    return Json{{"type", type}, {"text", std::move(value)}};
  };
  const Json header{
      {"type", "header"},
      {"text", text("plain_text", fmt::format("{} {}", emoji_of(priority), spec.value("subject", "")))}};
  const Json section{{"type", "section"}, {"text", text("mrkdwn", spec.value("body", ""))}};
  const Json context{
      {"type", "context"},
      {"elements", Json::array({text("mrkdwn", fmt::format("*Priority:* {} | *Type:* {}", priority,
                                                           spec.value("type", "")))})}};
  return Json{{"blocks", Json::array({header, section, context})}}.dump(-1, ' ', false,
                                                                        Json::error_handler_t::replace);
}

ChannelResult slack_result(int status, const std::string& body) {
  if (status >= 200 && status < 300) return std::nullopt;
  if (status == 429 || status >= 500)
    return ChannelError{fmt::format("slack webhook returned {} (retryable): {}", status, body), true};
  return ChannelError{fmt::format("slack webhook returned {} (permanent failure): {}", status, body), false};
}

ChannelError slack_error(const std::string& text) {
  const bool certificate = text.find("tls:") != std::string::npos ||
                           text.find("x509:") != std::string::npos ||
                           text.find("certificate") != std::string::npos;
  if (certificate) return {"slack webhook TLS error: " + text, false};
  return {"slack webhook request failed: " + text, true};
}

Channels::Channels(SubjectEnvironment& environment, Context& context, Breakers& breakers)
    : environment_(environment),
      breakers_(breakers),
      http_(environment.runtime, context, environment.slack.roots) {}

bool Channels::is_registered(const std::string& channel) const {
  return channel == "console" || channel == "slack" || channel == "file" || channel == "log";
}

asio::awaitable<ChannelResult> Channels::deliver(std::string channel, Object object) {
  if (channel == "console") co_return write_console(object.json().at("spec"));
  if (channel == "log") co_return write_log(object);
  if (channel == "file") co_return co_await write_file(std::move(object));
  co_return co_await through_breaker(std::move(object));
}

/// A logger has no error to tell.
ChannelResult Channels::write_console(const Json& spec) {
  (void)environment_.console(fmt::format("[{}] [{}] {}\n{}\n", spec.value("priority", ""),
                                         spec.value("type", ""), spec.value("subject", ""),
                                         spec.value("body", "")));
  return std::nullopt;
}

ChannelResult Channels::write_log(const Object& object) {
  const Json& spec = object.json().at("spec");
  const Json& metadata = object.json().at("metadata");
  const Json status = object.json().value("status", Json::object());
  const Json line{{"timestamp", to_rfc3339(environment_.runtime.clock.now())},
                  {"name", object.name()},
                  {"namespace", object.ns()},
                  {"uid", object.uid()},
                  {"type", spec.value("type", "")},
                  {"priority", spec.value("priority", "")},
                  {"subject", spec.value("subject", "")},
                  {"body", spec.value("body", "")},
                  {"metadata", spec.value("metadata", Json::object())},
                  {"labels", metadata.value("labels", Json::object())},
                  {"annotations", metadata.value("annotations", Json::object())},
                  {"phase", status.value("phase", "")},
                  {"successfulDeliveries", status.value("successfulDeliveries", 0)},
                  {"failedDeliveries", status.value("failedDeliveries", 0)},
                  {"totalAttempts", status.value("totalAttempts", 0)},
                  {"actionLinks", spec.value("actionLinks", Json::array())}};
  (void)environment_.log_channel(line.dump(-1, ' ', false, Json::error_handler_t::replace));
  return std::nullopt;
}

asio::awaitable<ChannelResult> Channels::write_file(Object object) {
  std::string path = fmt::format("/var/lib/notification/notification-{}-{}.json", object.name(),
                                 file_time(environment_.runtime.clock.now()));
  std::string temporary = path + ".tmp";
  std::string content = object.json().dump(2, ' ', false, Json::error_handler_t::replace);
  const auto written = co_await environment_.runtime.files.write(temporary, std::move(content));
  if (!written) {
    co_return ChannelError{
        fmt::format("failed to write file: write {}: {}", temporary, written.error().message()), true};
  }
  const auto renamed = co_await environment_.runtime.files.rename(temporary, path);
  if (!renamed) {
    co_return ChannelError{
        fmt::format("failed to rename file: rename {} {}: {}", temporary, path, renamed.error().message()),
        true};
  }
  co_return std::nullopt;
}

asio::awaitable<ChannelResult> Channels::through_breaker(Object object) {
  Clock& clock = environment_.runtime.clock;
  Breaker& breaker = breakers_.named("slack");
  const Breaker::Ticket ticket = breaker.before_request(clock.steady_now());
  if (ticket.admission == Breaker::Admission::open_state)
    co_return ChannelError{"circuit breaker is open", false};
  if (ticket.admission == Breaker::Admission::too_many_requests)
    co_return ChannelError{"too many requests", false};
  ChannelResult result = co_await post_to_slack(std::move(object));
  breaker.after_request(ticket.generation, !result.has_value(), clock.steady_now());
  co_return result;
}

asio::awaitable<ChannelResult> Channels::post_to_slack(Object object) {
  std::string payload = slack_payload(object.json().at("spec"));
  const auto answer = co_await http_.post(environment_.slack.webhook_url, std::move(payload));
  if (!answer) co_return slack_error(answer.error());
  co_return slack_result(answer->status, answer->body);
}

}  // namespace racebed::experiments::august_2026
