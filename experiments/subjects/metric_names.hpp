// How a subject's /metrics page is to be read.
#pragma once

#include <string>
#include <vector>

namespace racebed::experiments {

/// What a subject calls its metrics, so that what they say can be held against what happened. An empty name:
/// it has none such.
struct MetricNames {
  /// A counter of sends or of recorded attempts, by channel and by how they ended.
  struct Results {
    std::string name{};
    std::string channel_label{};
    std::string result_label{};
    std::vector<std::string> success{};  // values of result_label
    std::vector<std::string> failure{};  // others say neither
  };
  Results deliveries{};
  Results attempts{};
  std::string duration{};  // histogram of deliveries or sends
  std::string duration_channel_label{};
  std::string breaker{};  // gauge: 0 closed, 1 half-open, 2 open
  std::string phase{};    // gauge of objects now in a phase
  std::string phase_label{};
  std::string tls_errors{};   // counter
  std::string retries{};      // counter of further tries after failed ones, Slack's at least
  std::string conflicts{};    // counter of status writes refused as out of date
  std::string tasks{};        // gauge
  std::string queue_depth{};  // gauge
};

}  // namespace racebed::experiments
