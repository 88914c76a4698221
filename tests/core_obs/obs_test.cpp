#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <catch2/catch.hpp>
#include <limits>

#include <string>
#include <utility>

#include "core/obs/log.hpp"
#include "core/obs/metrics.hpp"

namespace racebed::obs {
namespace {

using namespace std::chrono_literals;

class StoppedClock final : public Clock {
 public:
  Time now() const override { return Time{1764374400s + 123456789ns}; }
  Instant steady_now() const override { return Instant{}; }
  void async_wait_until(Instant, WaitHandler) override {}
};

struct Lines final : LogSink {
  void line(Level level, std::string_view text) override {
    ++levels[static_cast<int>(level)];
    (all += text) += '\n';
  }
  std::string all;
  int levels[5] = {};
};

}  // namespace

TEST_CASE("a log line has the clock's time in UTC, the level, the name, the words and the fields") {
  StoppedClock clock;
  Lines lines;
  const Logger log = Logger("kube", clock, lines).named("elector");
  log.info("leading", {{"lease", "default/x"}, {"calls", 3}, {"ok", true}, {"wait", Duration{1500ms}}});
  log.warning("odd", {{"text", "two words"}, {"quote", "a\"b\\"}, {"line", "x\ny\x01"}, {"empty", ""}});
  CHECK(lines.all ==
        "2025-11-29T00:00:00.123456Z info kube.elector: leading lease=default/x calls=3 ok=true wait=1500ms\n"
        "2025-11-29T00:00:00.123456Z warning kube.elector: odd text=\"two words\" quote=\"a\\\"b\\\\\" "
        "line=\"x\\ny\\x01\" empty=\"\"\n");
}

TEST_CASE("lines below the level are dropped, and a logger without a sink drops all") {
  StoppedClock clock;
  Lines lines;
  const Logger log("x", clock, lines, Level::warning);
  log.debug("no");
  log.info("no");
  log.warning("yes");
  log.error("yes");
  CHECK(lines.levels[static_cast<int>(Level::warning)] == 1);
  CHECK(lines.levels[static_cast<int>(Level::error)] == 1);
  CHECK(lines.levels[static_cast<int>(Level::info)] == 0);
  CHECK_FALSE(log.enabled(Level::info));
  const Logger nothing;
  nothing.error("into the void");
  CHECK_FALSE(nothing.named("x").enabled(Level::error));
}

TEST_CASE("metrics come out sorted, and a family without a value shows nothing") {
  Metrics metrics;
  const Counter b = metrics.counter("b_total", "Second.", {"channel", "result"});
  const Gauge a = metrics.gauge("a", "First.");
  metrics.counter("never_total", "Never counted.");
  const Histogram h = metrics.histogram("h_seconds", "Took.", {0.5, 1}, {"channel"});
  b.add({"slack", "success"});
  b.add({"console", "success"}, 2);
  b.add({"slack", "failed"});
  b.add({"slack", "success"});
  a.set({}, 5);
  a.add({}, -2);
  h.observe({"slack"}, 0.5);
  h.observe({"slack"}, 3);
  CHECK(metrics.text() ==
        "# HELP a First.\n# TYPE a gauge\na 3\n"
        "# HELP b_total Second.\n# TYPE b_total counter\n"
        "b_total{channel=\"console\",result=\"success\"} 2\n"
        "b_total{channel=\"slack\",result=\"failed\"} 1\n"
        "b_total{channel=\"slack\",result=\"success\"} 2\n"
        "# HELP h_seconds Took.\n# TYPE h_seconds histogram\n"
        "h_seconds_count{channel=\"slack\"} 2\nh_seconds_sum{channel=\"slack\"} 3.5\n"
        "h_seconds_bucket{channel=\"slack\",le=\"0.5\"} 1\nh_seconds_bucket{channel=\"slack\",le=\"1\"} 1\n"
        "h_seconds_bucket{channel=\"slack\",le=\"+Inf\"} 2\n");
  CHECK(b.value({"slack", "success"}) == 2);
  CHECK(b.value({"none", "success"}) == 0);
  CHECK(a.value({}) == 3);
  CHECK(h.count({"slack"}) == 2);
}

TEST_CASE("a page is, byte for byte, what prometheus-cpp prints of the same metrics") {
  Metrics metrics;
  const std::vector<double> buckets = {0.005, 0.1, 1.0 / 3, 2.5, 1e20};
  const auto histogram = metrics.histogram("h_seconds", "Took.", buckets, {"channel"});
  metrics.counter("a_total", "", {"text"}).add({"a \"quoted\" \\ and\na line"}, 12345678901234);
  metrics.gauge("b", "Below zero.").set({}, -3);
  for (const double value : {0.1, 0.2, 0.7, 3e20}) histogram.observe({"slack"}, value);

  std::vector<prometheus::MetricFamily> families(3);
  families[0] = {"a_total", "", prometheus::MetricType::Counter, {prometheus::ClientMetric{}}};
  families[0].metric[0].label = {{"text", "a \"quoted\" \\ and\na line"}};
  families[0].metric[0].counter.value = 12345678901234;
  families[1] = {"b", "Below zero.", prometheus::MetricType::Gauge, {prometheus::ClientMetric{}}};
  families[1].metric[0].gauge.value = -3;
  families[2] = {"h_seconds", "Took.", prometheus::MetricType::Histogram, {prometheus::ClientMetric{}}};
  prometheus::ClientMetric& shown = families[2].metric[0];
  shown.label = {{"channel", "slack"}};
  shown.histogram.sample_count = 4;
  shown.histogram.sample_sum = 0.1 + 0.2 + 0.7 + 3e20;
  const std::vector<std::uint64_t> counts = {0, 1, 2, 3, 3, 4};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double bound = i < buckets.size() ? buckets[i] : std::numeric_limits<double>::infinity();
    shown.histogram.bucket.push_back({counts[i], bound});
  }
  CHECK(metrics.text() == prometheus::TextSerializer().Serialize(families));
}

TEST_CASE("the same name gives the same family, and two registries share nothing") {
  Metrics one;
  Metrics other;
  one.counter("c_total", "C.").add({});
  one.counter("c_total", "C.").add({});
  CHECK(one.counter("c_total", "C.").value({}) == 2);
  CHECK(other.counter("c_total", "C.").value({}) == 0);
  CHECK(other.text().empty());
  Counter{}.add({});
}

}  // namespace racebed::obs
