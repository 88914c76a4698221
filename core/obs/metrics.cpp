#include "core/obs/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "runtime/assert.hpp"

namespace racebed::obs {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// Compares label values, owned or viewed, so that finding a series allocates nothing.
struct ValuesLess {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [](std::string_view x, std::string_view y) { return x < y; });
  }
};

struct HistogramValue {
  std::vector<std::uint64_t> counts;  // one for each bucket, not cumulative; the last is +Inf
  std::uint64_t count = 0;
  double sum = 0;
};

/// The series of one metric. Plain values: a process has one thread, and what prometheus-cpp adds to them
/// (locks, hash tables) costs more than a whole simulated run; its data model and its text are used when
/// somebody asks.
template <class Value>
struct FamilyOf {
  std::string help;
  std::vector<std::string> names;
  std::vector<double> buckets;
  std::map<std::vector<std::string>, Value, ValuesLess> series;

  Value* find(LabelValues values) {
    RACEBED_ASSERT(values.size() == names.size(), "one value for each label of the metric: " + help);
    const auto found = series.find(values);
    return found == series.end() ? nullptr : &found->second;
  }
  Value& at(LabelValues values) {
    if (Value* known = find(values)) return *known;
    return series[std::vector<std::string>(values.begin(), values.end())];
  }
};

}  // namespace

namespace detail {
struct CounterFamily : FamilyOf<std::uint64_t> {};
struct GaugeFamily : FamilyOf<std::int64_t> {};
struct HistogramFamily : FamilyOf<HistogramValue> {};
}  // namespace detail

namespace {

void put_value(ClientMetric& metric, const detail::CounterFamily&, std::uint64_t value) {
  metric.counter.value = static_cast<double>(value);
}
void put_value(ClientMetric& metric, const detail::GaugeFamily&, std::int64_t value) {
  metric.gauge.value = static_cast<double>(value);
}
void put_value(ClientMetric& metric, const detail::HistogramFamily& family, const HistogramValue& value) {
  metric.histogram.sample_count = value.count;
  metric.histogram.sample_sum = value.sum;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < value.counts.size(); ++i) {
    ClientMetric::Bucket bucket;
    bucket.cumulative_count = cumulative += value.counts[i];
    bucket.upper_bound =
        i < family.buckets.size() ? family.buckets[i] : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back(bucket);
  }
}

template <class Families>
void collect(const Families& families, MetricType type, std::vector<MetricFamily>& out) {
  for (const auto& [name, family] : families) {
    if (family.series.empty()) continue;
    MetricFamily& shown = out.emplace_back();
    shown.name = name;
    shown.help = family.help;
    shown.type = type;
    for (const auto& [values, value] : family.series) {
      ClientMetric& metric = shown.metric.emplace_back();
      for (std::size_t i = 0; i < values.size(); ++i) metric.label.push_back({family.names[i], values[i]});
      put_value(metric, family, value);
    }
  }
}

}  // namespace

struct Metrics::State {
  std::map<std::string, detail::CounterFamily> counters;
  std::map<std::string, detail::GaugeFamily> gauges;
  std::map<std::string, detail::HistogramFamily> histograms;

  /// The family of that name, made if need be.
  template <class Family>
  Family* family(std::map<std::string, Family>& families, std::string name, std::string help,
                 std::vector<std::string> labels) {
    auto found = families.find(name);
    if (found == families.end()) {
      RACEBED_ASSERT(counters.count(name) + gauges.count(name) + histograms.count(name) == 0,
                     "a metric name has one kind: " + name);
      found = families.emplace(std::move(name), Family()).first;
      found->second.help = std::move(help);
      found->second.names = std::move(labels);
    } else {
      RACEBED_ASSERT(found->second.names == labels, "a metric has one set of labels: " + name);
    }
    return &found->second;
  }
};

void Counter::add(LabelValues labels, std::uint64_t by) const {
  if (family_ != nullptr) family_->at(labels) += by;
}
std::uint64_t Counter::value(LabelValues labels) const {
  const auto* value = family_ != nullptr ? family_->find(labels) : nullptr;
  return value != nullptr ? *value : 0;
}

void Gauge::set(LabelValues labels, std::int64_t value) const {
  if (family_ != nullptr) family_->at(labels) = value;
}
void Gauge::add(LabelValues labels, std::int64_t by) const {
  if (family_ != nullptr) family_->at(labels) += by;
}
std::int64_t Gauge::value(LabelValues labels) const {
  const auto* value = family_ != nullptr ? family_->find(labels) : nullptr;
  return value != nullptr ? *value : 0;
}

void Histogram::observe(LabelValues labels, double value) const {
  if (family_ == nullptr) return;
  const std::vector<double>& buckets = family_->buckets;
  HistogramValue& series = family_->at(labels);
  series.counts.resize(buckets.size() + 1);
  const auto place = std::lower_bound(buckets.begin(), buckets.end(), value) - buckets.begin();
  ++series.counts[static_cast<std::size_t>(place)];
  ++series.count;
  series.sum += value;
}
std::uint64_t Histogram::count(LabelValues labels) const {
  const auto* value = family_ != nullptr ? family_->find(labels) : nullptr;
  return value != nullptr ? value->count : 0;
}

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(std::string name, std::string help, std::vector<std::string> labels) {
  Counter handle;
  handle.family_ = state_->family(state_->counters, std::move(name), std::move(help), std::move(labels));
  return handle;
}

Gauge Metrics::gauge(std::string name, std::string help, std::vector<std::string> labels) {
  Gauge handle;
  handle.family_ = state_->family(state_->gauges, std::move(name), std::move(help), std::move(labels));
  return handle;
}

Histogram Metrics::histogram(std::string name, std::string help, std::vector<double> buckets,
                             std::vector<std::string> labels) {
  RACEBED_ASSERT(std::is_sorted(buckets.begin(), buckets.end()), "buckets ascend: " + name);
  Histogram handle;
  handle.family_ = state_->family(state_->histograms, std::move(name), std::move(help), std::move(labels));
  if (handle.family_->series.empty()) handle.family_->buckets = std::move(buckets);
  return handle;
}

std::string Metrics::text() const {
  std::vector<MetricFamily> families;
  collect(state_->counters, MetricType::Counter, families);
  collect(state_->gauges, MetricType::Gauge, families);
  collect(state_->histograms, MetricType::Histogram, families);
  std::sort(families.begin(), families.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace racebed::obs
