#include "plots/cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "plots/script.hpp"

namespace racebed::plots {

std::vector<const CellSummary*> cells_of(const Material& material, const std::string& scenario,
                                         const std::string& subject) {
  std::vector<const CellSummary*> found;
  for (const CellSummary& cell : material.cells) {
    if (!cell.cell.is_canary && cell.cell.scenario == scenario && cell.cell.subject == subject &&
        cell.runs > 0)
      found.push_back(&cell);
  }
  return found;
}

std::optional<std::string> setting(const CellSummary& cell, const std::string& path) {
  const auto settings = evidence::settings_of(cell.cell);
  const auto found = settings.find(path);
  if (found == settings.end()) return std::nullopt;
  return found->second;
}

std::optional<double> amount(const std::string& text) {
  const std::size_t end = text.find_first_not_of("0123456789.");
  if (end == 0 || text.empty()) return std::nullopt;
  static const std::map<std::string, double> kUnits = {{"", 1}, {"ms", 1}, {"s", 1e3}, {"m", 60e3}};
  const auto unit = kUnits.find(end == std::string::npos ? "" : text.substr(end));
  if (unit == kUnits.end()) return std::nullopt;
  return std::stod(text.substr(0, end)) * unit->second;
}

bool varies_only(const CellSummary& cell, const std::vector<std::string>& paths) {
  const auto settings = evidence::settings_of(cell.cell);
  return std::all_of(settings.begin(), settings.end(), [&](const auto& one) {
    return std::find(paths.begin(), paths.end(), one.first) != paths.end();
  });
}

const std::vector<std::int64_t>& values(const CellSummary& cell, const std::string& measure) {
  static const std::vector<std::int64_t> kNone;
  const auto found = cell.measures.find(measure);
  return found == cell.measures.end() ? kNone : found->second;
}

Counts above_zero(const CellSummary& cell, const std::string& measure) {
  const auto& sorted = values(cell, measure);
  const auto first = std::upper_bound(sorted.begin(), sorted.end(), 0);
  return {static_cast<std::uint64_t>(sorted.end() - first), sorted.size()};
}

Counts broken(const CellSummary& cell, const std::string& invariant) {
  for (const auto& one : cell.invariants) {
    if (one.id == invariant) return {one.allowed + one.violated, one.reached()};
  }
  return {};
}

std::string rate_with_interval(const Counts& counts) {
  const evidence::Interval interval = evidence::clopper_pearson(counts.events, counts.n);
  const double rate = counts.n == 0 ? 0 : static_cast<double>(counts.events) / static_cast<double>(counts.n);
  return fmt::format("{} {} {}", number(100 * rate), number(100 * interval.low), number(100 * interval.high));
}

std::string median_with_interval(const std::vector<std::int64_t>& sorted, double unit) {
  const evidence::Percentile median = evidence::percentile(sorted, 50);
  const auto in_units = [&](std::int64_t value) { return number(static_cast<double>(value) / unit); };
  return fmt::format("{} {} {}", in_units(median.value), in_units(median.low), in_units(median.high));
}

const Material::Portrayed* portrayed(const Material& material, const CellSummary& cell) {
  for (const auto& one : material.portraits) {
    if (one.cell == cell.cell.id) return &one;
  }
  return nullptr;
}

}  // namespace racebed::plots
