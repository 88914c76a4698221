// The channels of the controller of 2026-08 (notification.md C.3 and C.4, HEAD): console through the logger,
// Slack's webhook behind its breaker, file, log.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "experiments/subjects/notification_2026_08_breaker.hpp"
#include "experiments/subjects/notification_2026_08_http.hpp"
#include "experiments/subjects/notification_2026_08_working.hpp"
#include "experiments/subjects/subject.hpp"

namespace racebed::experiments::august_2026 {

struct ChannelError {
  std::string text;
  bool retryable = false;
};
using ChannelResult = std::optional<ChannelError>;  // nothing: delivered

class Channels {
 public:
  Channels(SubjectEnvironment& environment, Context& context, Breakers& breakers);
  bool is_registered(const std::string& channel) const;
  /// Sends `object` once. REQUIRES: is_registered(channel).
  asio::awaitable<ChannelResult> deliver(std::string channel, Object object);

 private:
  ChannelResult write_console(const Json& spec);
  ChannelResult write_log(const Object& object);
  asio::awaitable<ChannelResult> write_file(Object object);
  asio::awaitable<ChannelResult> through_breaker(Object object);
  asio::awaitable<ChannelResult> post_to_slack(Object object);

  SubjectEnvironment& environment_;
  Breakers& breakers_;
  GoHttpClient http_;
};

/// C.4: header, section and context, without limits.
std::string slack_payload(const Json& spec);
/// C.3: what the delivery layer makes of Slack's status and of the client's error.
ChannelResult slack_result(int status, const std::string& body);
ChannelError slack_error(const std::string& text);

}  // namespace racebed::experiments::august_2026
