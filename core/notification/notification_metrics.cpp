#include "core/notification/notification_metrics.hpp"

#include "core/notification/reconcile_step.hpp"

namespace racebed::notification {
namespace {

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

const char* status_label(AttemptStatus status) {
  return status == AttemptStatus::success ? "success" : "failed";
}

const char* result_label(const DeliveryResult& result) {
  switch (result.outcome) {
    case DeliveryResult::Outcome::delivered:
      return "delivered";
    case DeliveryResult::Outcome::delivered_unconfirmed:
      return "unconfirmed";
    case DeliveryResult::Outcome::rejected:
      return "rejected";
    case DeliveryResult::Outcome::unknown:
      return "unknown";
  }
  return "unknown";
}

/// An attempt that was not there before, or was still open.
bool is_new(const Status& before, const Attempt& attempt) {
  for (const Attempt& a : before.attempts) {
    if (a.channel == attempt.channel && a.number == attempt.number) return a.status == AttemptStatus::pending;
  }
  return true;
}

}  // namespace

NotificationMetrics::NotificationMetrics(obs::Metrics& m)
    : deliveries_(m.counter("notification_deliveries_total", "Recorded delivery attempts",
                            {"namespace", "status", "channel"})),
      attempts_(m.counter("notification_delivery_attempts_total", "Sends, by how they ended",
                          {"channel", "result"})),
      tls_errors_(m.counter("notification_tls_errors_total", "Sends that failed in TLS", {"class"})),
      conflicts_(m.counter("notification_status_conflicts_total", "Status writes refused as out of date")),
      connections_(m.counter("notification_connections_opened_total", "Connections opened to endpoints")),
      slack_retries_(m.counter("notification_slack_retry_count", "Slack retries", {"namespace", "reason"})),
      durations_(m.histogram("notification_delivery_duration_seconds", "How long sends took",
                             {1, 2, 5, 10, 30, 60, 120, 300}, {"namespace", "channel"})),
      retries_(m.histogram("notification_retry_count", "Retries of finished notifications",
                           {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {"namespace"})),
      stuck_(m.histogram("notification_stuck_duration_seconds", "From queued to finished, when over a minute",
                         {60, 300, 600, 900, 1800}, {"namespace"})),
      slack_backoff_(m.histogram("notification_slack_backoff_duration_seconds", "Waits before Slack retries",
                                 {30, 60, 120, 240, 480}, {"namespace"})),
      phases_(m.gauge("notification_phase", "Objects now in a phase", {"namespace", "phase"})),
      failure_rate_(
          m.gauge("notification_failure_rate", "Failed attempts of this process, per cent", {"namespace"})),
      breakers_(m.gauge("notification_circuit_breaker_state", "0 closed, 1 half-open, 2 open", {"endpoint"})),
      queue_depth_(m.gauge("notification_queue_depth", "Keys ready to be reconciled")),
      tasks_(m.gauge("notification_tasks", "Tasks of the process")),
      leader_(m.gauge("notification_leader", "1 while this process leads")) {}

void NotificationMetrics::sent(std::string_view ns, std::string_view channel, const DeliveryResult& result,
                               Duration took) {
  attempts_.add({channel, result_label(result)});
  durations_.observe({ns, channel}, seconds(took));
  if (!result.error_class) return;
  const bool tls =
      is_certificate_failure(*result.error_class) || *result.error_class == net::ErrorClass::tls_protocol;
  if (tls) tls_errors_.add({net::to_text(*result.error_class)});
  if (channel == "slack")
    slack_retries_.add(
        {ns, *result.error_class == net::ErrorClass::http_429 ? "rate_limiting" : "delivery_failure"});
}

void NotificationMetrics::committed(std::string_view ns, const Status& before, const Status& after,
                                    Time now) {
  for (const Attempt& attempt : after.attempts) {
    if (attempt.status == AttemptStatus::pending || !is_new(before, attempt)) continue;
    deliveries_.add({ns, status_label(attempt.status), attempt.channel});
    auto found = tallies_.find(ns);
    if (found == tallies_.end()) found = tallies_.emplace(std::string(ns), Tally{}).first;
    Tally& tally = found->second;
    ++tally.attempts;
    if (attempt.status != AttemptStatus::success) ++tally.failures;
    failure_rate_.set({ns}, tally.failures * 100 / tally.attempts);
  }
  const ChannelStatus* slack = after.find_channel("slack");
  const ChannelStatus* was = before.find_channel("slack");
  if (slack != nullptr && slack->next_attempt && (was == nullptr || was->next_attempt != slack->next_attempt))
    slack_backoff_.observe({ns}, seconds(*slack->next_attempt - now));
  if (is_terminal(before.phase) || !is_terminal(after.phase)) return;
  int retries = 0;
  for (const ChannelStatus& channel : after.channels) retries = std::max(retries, channel.attempts - 1);
  retries_.observe({ns}, retries);
  const auto queued = parse_rfc3339(after.queued_at);
  if (queued && now - *queued >= std::chrono::seconds{60}) stuck_.observe({ns}, seconds(now - *queued));
}

void NotificationMetrics::breaker(std::string_view endpoint, Breaker::State state) {
  breakers_.set({endpoint}, static_cast<std::int64_t>(state));
}

void NotificationMetrics::phase_seen(const std::string& ns, Phase before, bool had_before, Phase after,
                                     bool has_after) {
  if (had_before && has_after && before == after) return;
  const auto label = [](Phase phase) {
    return phase == Phase::none ? std::string_view("New") : to_text(phase);
  };
  if (had_before) phases_.add({ns, label(before)}, -1);
  if (has_after) phases_.add({ns, label(after)}, 1);
}

void NotificationMetrics::sample(std::size_t queue_depth, std::size_t tasks, std::uint64_t connections_opened,
                                 bool leads) {
  queue_depth_.set({}, static_cast<std::int64_t>(queue_depth));
  tasks_.set({}, static_cast<std::int64_t>(tasks));
  leader_.set({}, leads ? 1 : 0);
  if (connections_opened > connections_seen_) connections_.add({}, connections_opened - connections_seen_);
  connections_seen_ = connections_opened;
}

}  // namespace racebed::notification
