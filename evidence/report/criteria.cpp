#include "evidence/report/criteria.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "evidence/report/rules.hpp"
#include "evidence/report/sums.hpp"
#include "evidence/statistics/interval.hpp"

namespace racebed::evidence {
namespace {

using Cells = std::vector<const CellSummary*>;

Cells cells_named(const Material& material, const std::vector<std::string>& prefixes) {
  Cells found;
  for (const CellSummary* cell : judged_cells(material)) {
    const bool named = std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
      return cell->cell.scenario.starts_with(prefix);
    });
    if (named && cell->cell.settings.empty()) found.push_back(cell);
  }
  return found;
}

/// A measure over all runs of some cells, in ascending order.
std::vector<std::int64_t> pooled(const Cells& cells, const std::string& measure) {
  std::vector<std::int64_t> all;
  for (const CellSummary* cell : cells) {
    const auto found = cell->measures.find(measure);
    if (found != cell->measures.end()) all.insert(all.end(), found->second.begin(), found->second.end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

class Part {
 public:
  Part(const Material& material, std::string name, std::vector<Criterion>& out)
      : material_(material), name_(std::move(name)), out_(out) {}

  /// The greatest value of a measure stays under a limit; `shown` says it in the limit's unit.
  void at_most(const std::string& asked, const std::vector<std::string>& scenarios, const char* measure,
               std::int64_t limit, const std::function<std::string(std::int64_t)>& shown,
               const std::string& by_hand = "") {
    const Cells cells = cells_named(material_, scenarios);
    const auto values = pooled(cells, measure);
    if (values.empty()) return add(asked, cells, Holds::not_measured, "no runs", by_hand);
    const Percentile median = percentile(values, 50);
    add(asked, cells, values.back() <= limit ? Holds::yes : Holds::no,
        fmt::format("at most {} in {} runs (median {})", shown(values.back()), values.size(),
                    shown(median.value)),
        by_hand);
  }

  /// An invariant is never violated.
  void never(const std::string& asked, const std::vector<std::string>& scenarios, const char* invariant,
             const std::string& by_hand = "") {
    const Cells cells = cells_named(material_, scenarios);
    const InvariantSum sum = sum_of_invariant(cells, invariant);
    const Holds holds = sum.reached == 0 ? Holds::not_measured : sum.violated == 0 ? Holds::yes : Holds::no;
    add(asked, cells, holds,
        sum.reached == 0 ? "no run reached it" : "violated in " + rate_text(sum.violated, sum.reached),
        by_hand, sum.command);
  }

  /// Notifications that end Sent, of all, in the run with the fewest.
  void sent_share(const std::string& asked, const std::vector<std::string>& scenarios, int least_per_cent,
                  const std::string& by_hand = "") {
    const Cells cells = cells_named(material_, scenarios);
    const auto sent = pooled(cells, "phase_sent");
    if (sent.empty()) return add(asked, cells, Holds::not_measured, "no runs", by_hand);
    const auto sum = [](const std::vector<std::int64_t>& values) {
      return std::accumulate(values.begin(), values.end(), std::int64_t{0});
    };
    const std::int64_t all = sum(pooled(cells, "created"));
    const bool holds = sum(sent) * 100 >= all * least_per_cent;
    add(asked, cells, holds ? Holds::yes : Holds::no,
        fmt::format("{} of {} notifications in {} runs end Sent", sum(sent), all, sent.size()), by_hand);
  }

  /// No limit is asked, only that it is known.
  void captured(const std::string& asked, const std::vector<std::string>& scenarios) {
    const Cells cells = cells_named(material_, scenarios);
    std::string text;
    std::size_t runs = 0;
    for (const int p : {50, 95, 99}) {
      const auto values = pooled(cells, fmt::format("latency_p{}_us", p));
      if (values.empty()) return add(asked, cells, Holds::not_measured, "no runs", "");
      const Percentile median = percentile(values, 50);
      const auto ms = [](std::int64_t us) { return us / 1000; };
      text += fmt::format("{}P{} {} ms ({} to {})", text.empty() ? "" : ", ", p, ms(median.value),
                          ms(median.low), ms(median.high));
      runs = values.size();
    }
    add(asked, cells, Holds::yes, fmt::format("{}: medians over {} runs, 95 %", text, runs), "");
  }

 private:
  void add(const std::string& asked, const Cells& cells, Holds holds, std::string measured,
           const std::string& by_hand, std::string command = "") {
    if (command.empty() && !cells.empty()) command = replay_command(cells.front()->cell, 0);
    out_.push_back({name_, asked, holds, std::move(measured), by_hand, std::move(command)});
  }

  const Material& material_;
  std::string name_;
  std::vector<Criterion>& out_;
};

std::string plain(std::int64_t value) {
  return std::to_string(value);
}
std::string megabytes(std::int64_t bytes) {
  return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6);
}
std::string in_seconds(std::int64_t microseconds) {
  return fmt::format("{:.1f} s", static_cast<double>(microseconds) / 1e6);
}

constexpr std::int64_t kSecond = 1'000'000;

void load(const Material& material, std::vector<Criterion>& out) {
  Part part(material, "100 notifications at once", out);
  const std::vector<std::string> all = {"load-100-console", "load-100-slack", "load-100-mixed"};
  part.sent_share("console: all are delivered", {"load-100-console"}, 100, "100 %");
  part.sent_share("Slack: all are delivered", {"load-100-slack"}, 100, "100 %");
  part.sent_share("mixed: all are delivered", {"load-100-mixed"}, 100, "100 %");
  part.sent_share("partly failing channel: at least 90 % are delivered", {"load-100-partial"}, 90);
  part.at_most("console: memory grows by less than 500 MB", {"load-100-console"}, "bytes_growth",
               500'000'000 - 1, megabytes, "+4.54 MB");
  part.at_most("Slack: memory grows by less than 500 MB", {"load-100-slack"}, "bytes_growth", 500'000'000 - 1,
               megabytes, "+0.79 MB");
  part.at_most("mixed: memory grows by less than 500 MB", {"load-100-mixed"}, "bytes_growth", 500'000'000 - 1,
               megabytes, "+2.34 MB");
  part.at_most("fewer than 1,000 tasks at the peak", all, "tasks_peak", 999, plain);
  part.at_most("fewer than 50 tasks more at the end than before", all, "tasks_growth", 49, plain,
               "+1, +1, +4 goroutines");
  part.never("nothing leaks: tasks and connections come back", all, "resources-return-to-baseline");
  part.at_most("connections are reused: far fewer than 100 to Slack", {"load-100-slack", "load-100-mixed"},
               "connections", 20, plain);
  part.at_most("each is delivered within 30 s", all, "latency_max_us", 30 * kSecond, in_seconds);
  part.never("each is terminal within 30 s", all, "terminal-within");
  part.captured("console: P50, P95, P99 are known", {"load-100-console"});
  part.captured("Slack: P50, P95, P99 are known", {"load-100-slack"});
  part.captured("mixed: P50, P95, P99 are known", {"load-100-mixed"});
}

void create_delete_create(const Material& material, std::vector<Criterion>& out) {
  Part part(material, "Create, delete, create", out);
  const std::vector<std::string> all = {"create-delete-", "ten-rapid-cycles", "five-cycles"};
  part.never("ten rapid cycles: nothing is delivered twice", {"ten-rapid-cycles"}, "no-duplicate-delivery",
             "10 of 10, no duplicates");
  part.never("five cycles of one name: nothing is delivered twice", {"five-cycles"}, "no-duplicate-delivery",
             "5 of 5");
  part.never("no duplicate in any variant, (a) to (g)", all, "no-duplicate-delivery");
  part.never("each incarnation's status is its own", all, "no-cross-incarnation-status");
  part.never("phases change only as they may", all, "legal-phase-transitions");
  part.never("nothing remains of what was deleted", all, "no-orphans");
  part.never("whatever should be delivered is", all, "no-lost-notification");
  part.never("nothing crashes", all, "no-crash");
}

void tls(const Material& material, std::vector<Criterion>& out) {
  Part part(material, "TLS failures", out);
  const std::vector<std::string> all = {"tls-expired", "tls-host-mismatch", "tls-self-signed", "tls-invalid"};
  part.never("the status names the TLS error", all, "tls-error-named-in-status");
  part.never("the breaker opens, and closes again", all, "breaker-opens-and-recovers");
  part.never("nothing is sent to a peer that is not trusted", all, "no-payload-to-untrusted-peer");
  part.never("other channels still deliver", all, "channels-independent");
  part.never("nothing crashes", all, "no-crash");
}

void leader(const Material& material, std::vector<Criterion>& out) {
  Part part(material, "The leader dies during delivery", out);
  const std::vector<std::string> all = {"leader-kill"};
  part.at_most("a new leader within 30 s", all, "failover_us", 30 * kSecond, in_seconds, "skipped");
  part.sent_share("all are delivered", all, 100, "skipped");
  part.never("nothing is delivered twice", all, "no-duplicate-delivery", "skipped");
  part.never("nothing is lost", all, "no-lost-notification", "skipped");
}

void manager(const Material& material, std::vector<Criterion>& out) {
  Part part(material, "Manager and metrics", out);
  part.never("the manager starts, 50 times in a row", {"manager-start"}, "no-crash",
             "failed: timed out waiting for manager");
  part.never("metrics say what happened", {"metrics-"}, "metrics-match-ledger",
             "failed: timed out waiting for manager");
}

}  // namespace

std::vector<Criterion> criteria(const Material& material) {
  std::vector<Criterion> all;
  load(material, all);
  create_delete_create(material, all);
  tls(material, all);
  leader(material, all);
  manager(material, all);
  return all;
}

std::string to_text(Holds holds) {
  return holds == Holds::yes ? "yes" : holds == Holds::no ? "NO" : "not measured";
}

}  // namespace racebed::evidence
