#include "evidence/report/difference.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "evidence/report/rules.hpp"
#include "evidence/statistics/interval.hpp"

namespace racebed::evidence {
namespace {

constexpr std::string_view kTimes[] = {"latency_p50_us", "latency_p95_us", "latency_p99_us", "failover_us"};

const std::vector<std::int64_t>& measure(const CellSummary& cell, std::string_view name) {
  static const std::vector<std::int64_t> kNone;
  const auto found = cell.measures.find(std::string(name));
  return found == cell.measures.end() ? kNone : found->second;
}

std::string median_text(const std::vector<std::int64_t>& sorted) {
  constexpr double kMillisecond = 1000;
  const Percentile median = percentile(sorted, 50);
  return fmt::format("median {:.1f} ms (95 %: {:.1f} to {:.1f} ms) of {} runs",
                     static_cast<double>(median.value) / kMillisecond,
                     static_cast<double>(median.low) / kMillisecond,
                     static_cast<double>(median.high) / kMillisecond, sorted.size());
}

Difference of_rate(const Pair& pair, const char* quantity, Counts before, Counts after) {
  return {pair,
          quantity,
          rate_text(before.events, before.n),
          rate_text(after.events, after.n),
          fisher_exact(before, after),
          after.events * before.n > before.events * after.n,
          true};
}

void add_all(const Pair& pair, std::vector<Difference>& all) {
  const auto& [first, second] = pair;
  all.push_back(
      of_rate(pair, "runs that violate", {first->violated, first->runs}, {second->violated, second->runs}));
  if (first->allowed + second->allowed > 0)
    all.push_back(of_rate(pair, "runs that the guarantee allows", {first->allowed, first->runs},
                          {second->allowed, second->runs}));
  for (const std::string_view name : kTimes) {
    const std::vector<std::int64_t>& before = measure(*first, name);
    const std::vector<std::int64_t>& after = measure(*second, name);
    if (before.empty() || after.empty()) continue;
    all.push_back({pair, std::string(name), median_text(before), median_text(after),
                   mann_whitney(before, after), percentile(after, 50).value > percentile(before, 50).value,
                   false});
  }
}

}  // namespace

std::vector<Difference> differences(const std::vector<Pair>& pairs, double real, std::size_t& compared) {
  std::vector<Difference> all;
  for (const Pair& pair : pairs) add_all(pair, all);
  compared = all.size();
  std::vector<double> chances;
  for (const Difference& difference : all) chances.push_back(difference.p);
  const std::vector<double> adjusted = holm(chances);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].p = adjusted[i];
  std::erase_if(all, [&](const Difference& difference) { return difference.p >= real; });
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.p < b.p; });
  return all;
}

}  // namespace racebed::evidence
