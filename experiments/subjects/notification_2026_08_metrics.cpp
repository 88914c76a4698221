#include "experiments/subjects/notification_2026_08_metrics.hpp"

namespace racebed::experiments::august_2026 {
namespace {

std::string prefixed(const char* name) {
  return std::string("kubernaut_notification_") + name;
}

}  // namespace

Metrics::Metrics()
    : reconciler_active_(metrics_.gauge(prefixed("reconciler_active"),
                                        "Notifications that are being reconciled, by phase", {"phase"})),
      attempts_(
          metrics_.counter(prefixed("delivery_attempts_total"), "Delivery attempts", {"channel", "status"})),
      durations_(metrics_.histogram(prefixed("delivery_duration_seconds"), "How long deliveries took",
                                    {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}, {"channel"})),
      breaker_state_(metrics_.gauge(prefixed("channel_circuit_breaker_state"),
                                    "0=closed, 1=open, 2=half-open", {"channel"})) {
  metrics_.counter(prefixed("delivery_retries_total"), "Delivery retries", {"channel", "reason"});
  metrics_.gauge(prefixed("channel_health_score"), "Health of a channel", {"channel"});
  durations_.observe({"console"}, 0);
  attempted("console", true);
}

MetricNames metric_names() {
  MetricNames names;
  names.attempts = {
      prefixed("delivery_attempts_total"), "channel", "status", {"success"}, {"failed", "failure"}};
  names.duration = prefixed("delivery_duration_seconds");
  names.duration_channel_label = "channel";
  names.breaker = prefixed("channel_circuit_breaker_state");
  names.retries = prefixed("delivery_retries_total");
  names.phase = prefixed("reconciler_active");
  names.phase_label = "phase";
  return names;
}

}  // namespace racebed::experiments::august_2026
