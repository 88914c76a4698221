// Reads an exposition page (Prometheus text format 0.0.4): its samples, whole numbers only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace racebed::experiments {

class MetricsPage {
 public:
  struct Sample {
    std::string name;
    std::map<std::string, std::string> labels;
    std::int64_t value = 0;  // its whole part
    /// "" for a label that it does not have.
    const std::string& label(const std::string& name) const;
  };

  explicit MetricsPage(std::string_view text);

  const std::vector<Sample>& samples() const { return samples_; }
  bool has(std::string_view name) const;
  /// Over all samples of that name.
  std::int64_t sum(std::string_view name) const;

 private:
  std::vector<Sample> samples_;
};

}  // namespace racebed::experiments
