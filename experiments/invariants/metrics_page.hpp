// Reads an exposition page (Prometheus text format 0.0.4): its samples, whole numbers only. They point into
// the page's text, which they share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace racebed::experiments {

class MetricsPage {
 public:
  struct Sample {
    std::string_view name;
    std::vector<std::pair<std::string_view, std::string>> labels;  // in the page's order
    std::int64_t value = 0;                                        // its whole part
    /// "" for a label that it does not have.
    const std::string& label(std::string_view name) const;
  };

  explicit MetricsPage(std::string_view text);

  const std::vector<Sample>& samples() const { return samples_; }
  bool has(std::string_view name) const;
  /// Over all samples of that name.
  std::int64_t sum(std::string_view name) const;

 private:
  std::shared_ptr<const std::string> text_;
  std::vector<Sample> samples_;
};

}  // namespace racebed::experiments
