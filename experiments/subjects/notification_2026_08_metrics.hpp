// What the controller of 2026-08 counts (notification.md C.5, HEAD), and what it shows from the start.
#pragma once

#include <string>

#include "core/obs/metrics.hpp"
#include "experiments/subjects/metric_names.hpp"
#include "experiments/subjects/notification_2026_08_breaker.hpp"

namespace racebed::experiments::august_2026 {

class Metrics {
 public:
  Metrics();
  void phase_reached(const std::string& phase) { reconciler_active_.set({phase}, 1); }
  void attempted(const std::string& channel, bool success) {
    attempts_.add({channel, success ? "success" : "failed"});
  }
  void breaker_changed(const std::string& name, Breaker::State to) {
    breaker_state_.set({name}, static_cast<std::int64_t>(to));
  }
  std::string text() const { return metrics_.text(); }

 private:
  obs::Metrics metrics_;
  obs::Gauge reconciler_active_;
  obs::Counter attempts_;
  obs::Histogram durations_;
  obs::Gauge breaker_state_;
};

MetricNames metric_names();

}  // namespace racebed::experiments::august_2026
