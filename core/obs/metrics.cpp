#include "core/obs/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <utility>

#include "runtime/assert.hpp"

namespace racebed::obs {
namespace {

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

/// The series of one metric. Plain values and a page of our own: a process has one thread, and what
/// prometheus-cpp adds to them (locks, hash tables, streams) costs more than a whole simulated run.
template <class Value>
struct FamilyOf {
  std::string help;
  std::vector<std::string> names;
  std::vector<double> buckets;
  std::vector<std::string> bounds;  // of the buckets and +Inf, as a page shows them
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

struct Labels {
  const std::vector<std::string>& names;
  const std::vector<std::string>& values;
};

}  // namespace

namespace detail {
struct CounterFamily : FamilyOf<std::uint64_t> {};
struct GaugeFamily : FamilyOf<std::int64_t> {};
struct HistogramFamily : FamilyOf<HistogramValue> {};
}  // namespace detail

namespace {

/// Sixteen digits, as prometheus-cpp prints.
std::string shown(double value) {
  if (std::isnan(value)) return "Nan";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  return fmt::format("{:.16g}", value);
}

/// One page of exposition text. A process is asked for it every few seconds, all day long.
class Page {
 public:
  void head(const std::string& name, const std::string& help, const char* type) {
    if (!help.empty()) append({"# HELP ", name, " ", help, "\n"});
    append({"# TYPE ", name, " ", type, "\n"});
  }
  void sample(const std::string& name, const char* suffix, const Labels& labels, std::uint64_t value) {
    begin(name, suffix, labels, {});
    fmt::format_to(std::back_inserter(text_), " {}\n", value);
  }
  void sample(const std::string& name, const char* suffix, const Labels& labels, std::int64_t value) {
    begin(name, suffix, labels, {});
    fmt::format_to(std::back_inserter(text_), " {}\n", value);
  }
  void sample(const std::string& name, const char* suffix, const Labels& labels, double value) {
    begin(name, suffix, labels, {});
    append({" ", shown(value), "\n"});
  }
  void bucket(const std::string& name, const Labels& labels, std::string_view bound, std::uint64_t count) {
    begin(name, "_bucket", labels, bound);
    fmt::format_to(std::back_inserter(text_), " {}\n", count);
  }
  std::string take() { return std::move(text_); }

 private:
  void append(std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) text_ += part;
  }
  /// `bound` is the label `le`; empty: there is none.
  void begin(const std::string& name, const char* suffix, const Labels& labels, std::string_view bound) {
    append({name, suffix});
    if (labels.names.empty() && bound.empty()) return;
    char before = '{';
    for (std::size_t i = 0; i < labels.values.size(); ++i) {
      text_ += before;
      append({labels.names[i], "=\""});
      append_escaped(labels.values[i]);
      text_ += '"';
      before = ',';
    }
    if (!bound.empty()) {
      text_ += before;
      append({"le=\"", bound, "\""});
    }
    text_ += '}';
  }
  void append_escaped(std::string_view value) {
    for (const char c : value) {
      if (c == '\n') {
        text_ += "\\n";
      } else {
        if (c == '\\' || c == '"') text_ += '\\';
        text_ += c;
      }
    }
  }
  std::string text_;
};

constexpr const char* type_of(const detail::CounterFamily&) {
  return "counter";
}
constexpr const char* type_of(const detail::GaugeFamily&) {
  return "gauge";
}
constexpr const char* type_of(const detail::HistogramFamily&) {
  return "histogram";
}

template <class Family, class Value>
void print(Page& page, const std::string& name, const Family&, const Labels& labels, const Value& value) {
  page.sample(name, "", labels, value);
}
void print(Page& page, const std::string& name, const detail::HistogramFamily& family, const Labels& labels,
           const HistogramValue& value) {
  page.sample(name, "_count", labels, value.count);
  page.sample(name, "_sum", labels, value.sum);
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < value.counts.size(); ++i) {
    cumulative += value.counts[i];
    page.bucket(name, labels, family.bounds[i], cumulative);
  }
}

/// Where each family that has series prints itself, by its name.
using Printers = std::map<std::string_view, std::function<void(Page& page)>>;

template <class Families>
void collect(const Families& families, Printers& printers) {
  for (const auto& entry : families) {
    if (entry.second.series.empty()) continue;
    printers[entry.first] = [&entry](Page& page) {
      const auto& [name, family] = entry;
      page.head(name, family.help, type_of(family));
      for (const auto& [values, value] : family.series)
        print(page, name, family, {family.names, values}, value);
    };
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
  if (!handle.family_->series.empty()) return handle;
  handle.family_->bounds.clear();
  for (const double bound : buckets) handle.family_->bounds.push_back(shown(bound));
  handle.family_->bounds.push_back(shown(std::numeric_limits<double>::infinity()));
  handle.family_->buckets = std::move(buckets);
  return handle;
}

std::string Metrics::text() const {
  Printers printers;
  collect(state_->counters, printers);
  collect(state_->gauges, printers);
  collect(state_->histograms, printers);
  Page page;
  for (const auto& [name, print_it] : printers) print_it(page);
  return page.take();
}

}  // namespace racebed::obs
