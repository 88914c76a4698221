// docs/alerts: promtool reads the rules, and evaluates them on what simulated controllers showed to a
// scraper.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "experiments/invariants/metrics_page.hpp"
#include "experiments/run/run.hpp"
#include "experiments/scenario/load.hpp"
#include "tests/e2e/world.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace racebed::tests {
namespace {

using namespace std::chrono_literals;
using experiments::MetricsPage;

const std::string kRules = RACEBED_SOURCE_DIR "/docs/alerts/notification.rules.yaml";
const std::vector<std::string> kAlerts = {"NotificationMemoryHigh", "NotificationTasksHigh",
                                          "NotificationStatusConflicts", "NotificationTlsErrors",
                                          "NotificationBreakerChanged"};
constexpr Duration kScrape = 15s;

/// By series: its values by scrape.
using Series = std::map<std::string, std::map<std::int64_t, std::int64_t>>;

/// What a Prometheus would have: every page of every controller, and what its node says of its memory.
Series scraped(const experiments::RunResult& run) {
  constexpr std::int64_t kLimit = 128LL * 1024 * 1024;  // the chart's
  Series series;
  const auto at = [&](Time time) { return (time - run.final_state.begin) / kScrape; };
  for (const models::Fact& fact : run.facts) {
    const auto* claim = std::get_if<models::Claimed>(&fact.what);
    if (claim == nullptr || claim->kind != "metrics") continue;
    const MetricsPage page(claim->content->value("page", ""));
    for (const MetricsPage::Sample& sample : page.samples_ending("")) {
      std::string labels = fmt::format("pod=\"{}\"", fact.actor.process);
      for (const auto& [name, value] : sample.labels) labels += fmt::format(",{}=\"{}\"", name, value);
      series[std::string(sample.name) + "{" + labels + "}"][at(fact.time)] = sample.value;
    }
  }
  const std::string container = "{container=\"notification-controller\",pod=\"controller-0\"}";
  for (std::int64_t i = 0; i <= at(run.final_state.end); ++i) {
    series["container_spec_memory_limit_bytes" + container][i] = kLimit;
    for (const experiments::ProcessAccount& account : run.final_state.processes) {
      if (account.process == "controller-0")
        series["container_memory_working_set_bytes" + container][i] = account.accounts.bytes.peak;
    }
  }
  return series;
}

/// A file of `promtool test rules`: which alerts fired at some time.
std::string rule_test(const Series& series, const std::map<std::string, bool>& fires) {
  std::int64_t end = 0;
  for (const auto& [name, values] : series) end = std::max(end, values.rbegin()->first);
  std::string text = fmt::format(
      "rule_files: ['{}']\nevaluation_interval: 15s\ntests:\n- interval: 15s\n"
      "  input_series:\n",
      kRules);
  for (const auto& [name, values] : series) {
    text += fmt::format("  - series: '{}'\n    values: '", name);
    for (std::int64_t i = 0; i <= end; ++i) {
      const auto value = values.find(i);
      text += value == values.end() ? "_ " : fmt::format("{} ", value->second);
    }
    text += "'\n";
  }
  text += "  promql_expr_test:\n";
  for (const auto& [alert, expected] : fires) {
    text += fmt::format(
        "  - expr: 'max_over_time((count(ALERTS{{alertname=\"{}\",alertstate=\"firing\"}}) or "
        "vector(0))[2h:15s])'\n"
        "    eval_time: {}s\n    exp_samples: [{{labels: '{{}}', value: {}}}]\n",
        alert, end * 15, expected ? 1 : 0);
  }
  return text;
}

Ran evaluated(const Series& series, const std::map<std::string, bool>& fires) {
  const TemporaryFolder folder;
  return run({client("bin/promtool"), "test", "rules", folder.write("test.yaml", rule_test(series, fires))});
}

}  // namespace

TEST_CASE("promtool accepts the alerts") {
  const Ran checked = run({client("bin/promtool"), "check", "rules", kRules});
  INFO(report(checked));
  CHECK(checked.status == 0);
}

TEST_CASE("each alert fires in the simulated runs that should raise it, and none on a calm day") {
  struct Row {
    const char* scenario;
    std::vector<std::string> fire;
  };
  for (const Row& row : {Row{"happy-path", {}}, Row{"all-channels", {}}, Row{"create-delete-create", {}},
                         Row{"load-100-mixed", {}},
                         Row{"tls-expired", {"NotificationTlsErrors", "NotificationBreakerChanged"}},
                         Row{"conflict-wall", {"NotificationStatusConflicts"}},
                         Row{"http-500", {"NotificationBreakerChanged"}}}) {
    const experiments::Scenario scenario = experiments::load_scenario(row.scenario);
    const experiments::RunResult result =
        experiments::execute({scenario, *experiments::find_subject("notification"), 0});
    std::map<std::string, bool> fires;
    for (const std::string& alert : kAlerts)
      fires[alert] = std::find(row.fire.begin(), row.fire.end(), alert) != row.fire.end();
    const Ran ran = evaluated(scraped(result), fires);
    INFO(row.scenario << ", seed 0\n" << report(ran));
    CHECK(ran.status == 0);
  }
}

/// The core stays far below both on purpose; so the series are written by hand.
TEST_CASE("memory and tasks: above their bounds for a minute, the alert fires; just below, it does not") {
  struct Row {
    std::int64_t bytes;
    std::int64_t tasks;
    bool memory_fires;
    bool tasks_fire;
  };
  for (const Row& row :
       {Row{79, 1000, false, false}, Row{81, 1000, true, false}, Row{79, 1001, false, true}}) {
    Series series;
    for (std::int64_t i = 0; i < 12; ++i) {
      const std::string container = "{container=\"notification-controller\",pod=\"a\"}";
      series["container_memory_working_set_bytes" + container][i] = row.bytes;
      series["container_spec_memory_limit_bytes" + container][i] = 100;
      series["notification_tasks{pod=\"a\"}"][i] = row.tasks;
    }
    const Ran ran = evaluated(
        series, {{"NotificationMemoryHigh", row.memory_fires}, {"NotificationTasksHigh", row.tasks_fire}});
    INFO(report(ran));
    CHECK(ran.status == 0);
  }
}

}  // namespace racebed::tests
