#include "core/obs/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "runtime/assert.hpp"

namespace racebed::obs {
namespace {

using OwnedValues = std::vector<std::string>;

/// Compares label values, owned or viewed, so that finding a series allocates nothing.
struct ValuesLess {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [](std::string_view x, std::string_view y) { return x < y; });
  }
};

template <class Metric>
using Series = std::map<OwnedValues, Metric*, ValuesLess>;

prometheus::Labels named_labels(const std::vector<std::string>& names, LabelValues values) {
  prometheus::Labels labels;
  auto value = values.begin();
  for (const std::string& name : names) labels.emplace(name, std::string(*value++));
  return labels;
}

template <class Metric>
struct FamilyOf {
  std::vector<std::string> names;
  prometheus::Family<Metric>& family;
  Series<Metric> series;

  void check(LabelValues values) const {
    RACEBED_ASSERT(values.size() == names.size(), "one value for each label of " + family.GetName());
  }
  Metric* find(LabelValues values) const {
    check(values);
    const auto found = series.find(values);
    return found == series.end() ? nullptr : found->second;
  }
  template <class... Args>
  Metric& at(LabelValues values, const Args&... args) {
    if (Metric* known = find(values)) return *known;
    Metric& made = family.Add(named_labels(names, values), args...);
    series.emplace(OwnedValues(values.begin(), values.end()), &made);
    return made;
  }
};

}  // namespace

namespace detail {
struct CounterFamily : FamilyOf<prometheus::Counter> {};
struct GaugeFamily : FamilyOf<prometheus::Gauge> {};
struct HistogramFamily : FamilyOf<prometheus::Histogram> {
  std::vector<double> buckets;
};
}  // namespace detail

void Counter::add(LabelValues labels, std::uint64_t by) const {
  if (family_ != nullptr) family_->at(labels).Increment(static_cast<double>(by));
}
std::uint64_t Counter::value(LabelValues labels) const {
  const auto* series = family_ != nullptr ? family_->find(labels) : nullptr;
  return series != nullptr ? static_cast<std::uint64_t>(series->Value()) : 0;
}

void Gauge::set(LabelValues labels, std::int64_t value) const {
  if (family_ != nullptr) family_->at(labels).Set(static_cast<double>(value));
}
void Gauge::add(LabelValues labels, std::int64_t by) const {
  if (family_ != nullptr) family_->at(labels).Increment(static_cast<double>(by));
}
std::int64_t Gauge::value(LabelValues labels) const {
  const auto* series = family_ != nullptr ? family_->find(labels) : nullptr;
  return series != nullptr ? static_cast<std::int64_t>(series->Value()) : 0;
}

void Histogram::observe(LabelValues labels, double value) const {
  if (family_ == nullptr) return;
  auto& series = family_->at(labels, family_->buckets);
  series.Observe(value);
}
std::uint64_t Histogram::count(LabelValues labels) const {
  const auto* series = family_ != nullptr ? family_->find(labels) : nullptr;
  return series != nullptr ? series->Collect().histogram.sample_count : 0;
}

struct Metrics::State {
  prometheus::Registry registry;
  std::map<std::string, detail::CounterFamily> counters;
  std::map<std::string, detail::GaugeFamily> gauges;
  std::map<std::string, detail::HistogramFamily> histograms;

  void check_free(const std::string& name) const {
    RACEBED_ASSERT(counters.count(name) + gauges.count(name) + histograms.count(name) == 0,
                   "a metric name has one kind: " + name);
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(std::string name, std::string help, std::vector<std::string> labels) {
  auto found = state_->counters.find(name);
  if (found == state_->counters.end()) {
    state_->check_free(name);
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry);
    found = state_->counters.emplace(std::move(name), detail::CounterFamily{{labels, family, {}}}).first;
  }
  RACEBED_ASSERT(found->second.names == labels, "a metric has one set of labels: " + found->first);
  Counter handle;
  handle.family_ = &found->second;
  return handle;
}

Gauge Metrics::gauge(std::string name, std::string help, std::vector<std::string> labels) {
  auto found = state_->gauges.find(name);
  if (found == state_->gauges.end()) {
    state_->check_free(name);
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry);
    found = state_->gauges.emplace(std::move(name), detail::GaugeFamily{{labels, family, {}}}).first;
  }
  RACEBED_ASSERT(found->second.names == labels, "a metric has one set of labels: " + found->first);
  Gauge handle;
  handle.family_ = &found->second;
  return handle;
}

Histogram Metrics::histogram(std::string name, std::string help, std::vector<double> buckets,
                             std::vector<std::string> labels) {
  auto found = state_->histograms.find(name);
  if (found == state_->histograms.end()) {
    state_->check_free(name);
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry);
    found = state_->histograms
                .emplace(std::move(name), detail::HistogramFamily{{labels, family, {}}, std::move(buckets)})
                .first;
  }
  RACEBED_ASSERT(found->second.names == labels, "a metric has one set of labels: " + found->first);
  Histogram handle;
  handle.family_ = &found->second;
  return handle;
}

std::string Metrics::text() const {
  std::vector<prometheus::MetricFamily> families = state_->registry.Collect();
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  std::sort(families.begin(), families.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (auto& family : families) {
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace racebed::obs
