#include "experiments/subjects/notification_2026_08_working.hpp"

#include <algorithm>
#include <array>

namespace racebed::experiments::august_2026 {

kube::Resource notification_requests() {
  return {"notification.kubernaut.ai", "v1alpha1", "notificationrequests", "NotificationRequest", true};
}

Json to_json(const Attempt& attempt) {
  Json json{{"channel", attempt.channel},
            {"attempt", attempt.number},
            {"timestamp", to_rfc3339(attempt.timestamp)},
            {"status", attempt.success ? "success" : "failed"}};
  if (!attempt.error.empty()) json["error"] = attempt.error;
  const auto milliseconds = std::chrono::round<std::chrono::milliseconds>(attempt.took).count();
  if (milliseconds != 0) json["durationSeconds"] = static_cast<double>(milliseconds) / 1000.0;
  return json;
}

void Working::take(Object read) {
  object_ = std::move(read);
  const Json* held = object_.find("status");
  status = held != nullptr && held->is_object() ? *held : Json::object();
}

std::vector<std::string> Working::channels() const {
  return spec().at("channels").get<std::vector<std::string>>();
}

RetryPolicy Working::policy() const {
  const Json given = spec().value("retryPolicy", Json::object());
  RetryPolicy policy;
  policy.max_attempts = given.value("maxAttempts", policy.max_attempts);
  policy.initial = std::chrono::seconds{given.value("initialBackoffSeconds", std::int64_t{30})};
  policy.multiplier = given.value("backoffMultiplier", policy.multiplier);
  policy.max = std::chrono::seconds{given.value("maxBackoffSeconds", std::int64_t{480})};
  return policy;
}

const Json& Working::attempts() const {
  static const Json none = Json::array();
  const auto found = status.find("deliveryAttempts");
  return found != status.end() && found->is_array() ? *found : none;
}

std::int64_t Working::attempts_of(const std::string& channel) const {
  return std::count_if(attempts().begin(), attempts().end(),
                       [&](const Json& attempt) { return attempt.value("channel", "") == channel; });
}

bool Working::has_recorded_success(const std::string& channel) const {
  return std::any_of(attempts().begin(), attempts().end(), [&](const Json& attempt) {
    return attempt.value("channel", "") == channel && attempt.value("status", "") == "success";
  });
}

bool Working::has_permanent_error(const std::string& channel) const {
  return std::any_of(attempts().begin(), attempts().end(), [&](const Json& attempt) {
    return attempt.value("channel", "") == channel && attempt.value("status", "") == "failed" &&
           attempt.value("error", "").find("permanent failure") != std::string::npos;
  });
}

void Working::set_condition(const char* type, const char* value, const char* reason, const char* message,
                            Time now) {
  put_condition({{"type", type},
                 {"status", value},
                 {"reason", reason},
                 {"message", message},
                 {"lastTransitionTime", to_rfc3339(now)}});
}

Json Working::condition(std::string_view type) const {
  for (const Json& known : status.value("conditions", Json::array())) {
    if (known.value("type", "") == type) return known;
  }
  return nullptr;
}

void Working::put_condition(Json condition) {
  Json& all = status["conditions"];
  if (!all.is_array()) all = Json::array();
  for (Json& known : all) {
    if (known.value("type", "") != condition.value("type", "")) continue;
    if (known.value("status", "") == condition.value("status", ""))
      condition["lastTransitionTime"] = known["lastTransitionTime"];
    known = std::move(condition);
    return;
  }
  all.push_back(std::move(condition));
}

bool is_terminal(std::string_view phase) {
  return phase == "Sent" || phase == "PartiallySent" || phase == "Failed";
}

bool can_transition(std::string_view from, std::string_view to) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kLegal = {
      {{"", "Pending"},
       {"Pending", "Sending"},
       {"Pending", "Failed"},
       {"Sending", "Sent"},
       {"Sending", "Retrying"},
       {"Sending", "PartiallySent"},
       {"Sending", "Failed"},
       {"Retrying", "Sent"},
       {"Retrying", "Retrying"},
       {"Retrying", "PartiallySent"},
       {"Retrying", "Failed"}}};
  return std::find(kLegal.begin(), kLegal.end(), std::pair{from, to}) != kLegal.end();
}

}  // namespace racebed::experiments::august_2026
