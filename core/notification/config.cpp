#include "core/notification/config.hpp"

namespace racebed::notification {

std::string check(const Config& config) {
  if (config.workers < 1) return "workers: at least 1";
  const SlackConfig& slack = config.slack;
  if (!slack.webhook_url.empty() && !slack.token.empty()) return "slack: a webhook URL or a token, not both";
  if (!slack.webhook_url.empty() && !net::parse_url(slack.webhook_url))
    return "slack.webhookUrl: not an http(s) URL";
  if (!slack.token.empty() && !net::parse_url(slack.api_url)) return "slack.apiUrl: not an http(s) URL";
  for (const auto& [channel, guarantee] : config.delivery.guarantee) {
    const bool can_be_asked = channel == "file" || (channel == "slack" && !slack.token.empty());
    if (guarantee == Guarantee::probe && !can_be_asked)
      return "delivery.guarantee." + channel + ": this channel cannot be asked, so it cannot be `probe`";
  }
  const BreakerConfig& breaker = config.breaker;
  if (breaker.window < 1 || breaker.failures_in_window > breaker.window || breaker.consecutive_failures < 1 ||
      breaker.successes_to_close < 1 || breaker.open_initial > breaker.open_max)
    return "breaker: counts must be positive, failuresInWindow <= window, openInitial <= openMax";
  const ElectionConfig& election = config.election;
  if (election.enabled && config.delivery.leadership_min >= election.renew_deadline - election.retry_period)
    return "delivery.leadershipMin: must be below election.renewDeadline less election.retryPeriod, or "
           "nothing would ever be "
           "sent";
  if (config.delivery.deadline <= Duration{0}) return "delivery.deadline: must be positive";
  return {};
}

kube::Resource notification_requests() {
  return {"notification.kubernaut.ai", "v1alpha1", "notificationrequests", "NotificationRequest", true};
}

}  // namespace racebed::notification
