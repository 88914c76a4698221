// A notification as Slack's Block Kit. Whatever the notification holds, the payload keeps Slack's limits:
// what does not fit is cut with a visible mark, never inside a character.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/notification/delivery.hpp"

namespace racebed::notification {

/// Slack's limits (Block Kit reference), in characters.
struct SlackLimits {
  static constexpr std::size_t kHeader = 150;
  static constexpr std::size_t kSection = 3000;
  static constexpr std::size_t kSections = 48;  // with header and context: 50 blocks
  static constexpr std::size_t kContext = 2000;
};

/// {"text", "blocks": [header, section..., context]}; `text` is what clients show in notifications.
nlohmann::json slack_payload(const Message& message);
/// The same for chat.postMessage: with "channel" and the metadata that history is searched for.
nlohmann::json slack_api_payload(const Message& message, const std::string& channel);

constexpr const char* kSlackEventType = "kubernaut_notification";

}  // namespace racebed::notification
