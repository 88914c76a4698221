// The metrics of specification A14, fed from committed status changes and finished sends.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/notification/breaker.hpp"
#include "core/notification/delivery.hpp"
#include "core/notification/status.hpp"
#include "core/obs/metrics.hpp"

namespace racebed::notification {

class NotificationMetrics {
 public:
  explicit NotificationMetrics(obs::Metrics& metrics);

  /// A send ended.
  void sent(std::string_view ns, std::string_view channel, const DeliveryResult& result, Duration took);
  /// A status change was committed.
  void committed(std::string_view ns, const Status& before, const Status& after, Time now);
  void conflict() { conflicts_.add({}); }
  void breaker(std::string_view endpoint, Breaker::State state);
  /// An object's phase as the cache shows it; "" takes it out of the count.
  void phase_seen(const std::string& ns, Phase before, bool had_before, Phase after, bool has_after);
  void sample(std::size_t queue_depth, std::size_t tasks, std::uint64_t connections_opened, bool leads);

 private:
  struct Tally {
    std::int64_t attempts = 0;
    std::int64_t failures = 0;
  };
  obs::Counter deliveries_;
  obs::Counter attempts_;
  obs::Counter tls_errors_;
  obs::Counter conflicts_;
  obs::Counter connections_;
  obs::Counter slack_retries_;
  obs::Histogram durations_;
  obs::Histogram retries_;
  obs::Histogram stuck_;
  obs::Histogram slack_backoff_;
  obs::Gauge phases_;
  obs::Gauge failure_rate_;
  obs::Gauge breakers_;
  obs::Gauge queue_depth_;
  obs::Gauge tasks_;
  obs::Gauge leader_;
  std::map<std::string, Tally, std::less<>> tallies_;
  std::uint64_t connections_seen_ = 0;
};

}  // namespace racebed::notification
