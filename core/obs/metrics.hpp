// Metrics of one process, handed in, never global.
// A series comes into being with its first value: a family without one shows nothing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace racebed::obs {

/// Label values, in the order of the family's label names.
using LabelValues = std::initializer_list<std::string_view>;

namespace detail {
struct CounterFamily;
struct GaugeFamily;
struct HistogramFamily;
}  // namespace detail

/// Handles are cheap to copy and live as long as their Metrics. Default-constructed ones discard.
class Counter {
 public:
  void add(LabelValues labels, std::uint64_t by = 1) const;
  /// 0 for a series that does not exist.
  std::uint64_t value(LabelValues labels) const;

 private:
  friend class Metrics;
  detail::CounterFamily* family_ = nullptr;
};

class Gauge {
 public:
  void set(LabelValues labels, std::int64_t value) const;
  void add(LabelValues labels, std::int64_t by) const;
  std::int64_t value(LabelValues labels) const;

 private:
  friend class Metrics;
  detail::GaugeFamily* family_ = nullptr;
};

class Histogram {
 public:
  /// In the unit of the buckets (seconds, by Prometheus' custom).
  void observe(LabelValues labels, double value) const;
  std::uint64_t count(LabelValues labels) const;

 private:
  friend class Metrics;
  detail::HistogramFamily* family_ = nullptr;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The same name again gives the same family; its kind and labels must agree.
  Counter counter(std::string name, std::string help, std::vector<std::string> labels = {});
  Gauge gauge(std::string name, std::string help, std::vector<std::string> labels = {});
  Histogram histogram(std::string name, std::string help, std::vector<double> buckets,
                      std::vector<std::string> labels = {});

  /// Exposition text (version 0.0.4): families by name, series by labels; families without series left out.
  std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace racebed::obs
