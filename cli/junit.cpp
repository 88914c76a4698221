#include "cli/junit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evidence/report/rules.hpp"
#include "evidence/report/xml.hpp"
#include "evidence/statistics/interval.hpp"

namespace racebed::cli {
namespace {

using evidence::CellSummary;
using evidence::InvariantSummary;

/// Bytes that are no UTF-8 replaced.
std::string utf8(const std::string& text) {
  using Json = nlohmann::json;
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

/// XML 1.0: what it gives a meaning, and what it does not allow at all.
std::string escaped(const std::string& text) {
  std::string allowed = utf8(text);
  std::replace_if(
      allowed.begin(), allowed.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return evidence::xml_escaped(allowed);
}

std::string name_of(const evidence::Cell& cell) {
  return cell.scenario + " with " + cell.subject + cell.settings + (cell.is_canary ? " (canary)" : "");
}

std::string failure_of(const CellSummary& cell, const InvariantSummary& invariant) {
  return fmt::format("      <failure message=\"{} of {} runs: {}\">{}</failure>\n", invariant.violated,
                     cell.runs, escaped(invariant.first_what),
                     escaped(evidence::replay_command(cell.cell, invariant.first_seed)));
}

/// A canary that lives is the failure.
std::string canary_case(const CellSummary& cell) {
  const bool caught = cell.caught == cell.runs;
  return fmt::format("    <testcase classname=\"canary\" name=\"is caught\"{}\n",
                     caught ? "/>"
                            : fmt::format(">\n      <failure message=\"caught in {} of {} runs\"/>\n"
                                          "    </testcase>",
                                          cell.caught, cell.runs));
}

}  // namespace

std::string junit_xml(const std::vector<CellSummary>& cells) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"racebed\">\n";
  for (const CellSummary& cell : cells) {
    std::string cases;
    std::size_t tests = 0;
    std::size_t failures = 0;
    if (cell.cell.is_canary) {
      cases = canary_case(cell);
      ++tests;
      failures += cell.caught != cell.runs;
    }
    for (const InvariantSummary& invariant : cell.invariants) {
      if (!cell.cell.is_judged() || invariant.reached() == 0) continue;
      ++tests;
      cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", escaped(cell.cell.scenario),
                           invariant.id);
      if (invariant.violated == 0) {
        cases += "/>\n";
        continue;
      }
      ++failures;
      cases += ">\n" + failure_of(cell, invariant) + "    </testcase>\n";
    }
    if (cell.broken > 0 && !cell.cell.is_canary) {
      ++tests;
      ++failures;
      cases += fmt::format(
          "    <testcase classname=\"{}\" name=\"run-completes\">\n      <failure message=\"{} of "
          "{} runs did not end\"/>\n    </testcase>\n",
          escaped(cell.cell.scenario), cell.broken, cell.runs);
    }
    text +=
        fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n{}  </testsuite>\n",
                    escaped(name_of(cell.cell)), tests, failures, cases);
  }
  return text + "</testsuites>\n";
}

std::string summary_json(const std::vector<CellSummary>& cells) {
  using Json = nlohmann::json;
  const evidence::Totals sum = evidence::totals(cells);
  Json list = Json::array();
  for (const CellSummary& cell : cells) {
    Json invariants = Json::object();
    for (const InvariantSummary& invariant : cell.invariants) {
      if (invariant.reached() == 0) continue;
      const evidence::Interval rate = evidence::clopper_pearson(invariant.violated, invariant.reached());
      Json row = {{"reached", invariant.reached()},
                  {"allowed", invariant.allowed},
                  {"violated", invariant.violated},
                  {"rate_95", {rate.low, rate.high}}};
      if (invariant.violated > 0) row["first_seed"] = invariant.first_seed;
      if (invariant.violated > 0) row["what"] = invariant.first_what;
      invariants[invariant.id] = std::move(row);
    }
    list.push_back({{"scenario", cell.cell.scenario},
                    {"subject", cell.cell.subject},
                    {"settings", cell.cell.settings},
                    {"canary", cell.cell.is_canary},
                    {"exhibit", cell.cell.is_exhibit},
                    {"runs", cell.runs},
                    {"reached", cell.reached},
                    {"violated", cell.violated},
                    {"broken", cell.broken},
                    {"chance_of_a_new_kind", cell.discovery.chance_of_new()},
                    {"invariants", std::move(invariants)}});
  }
  const Json document = {{"green", sum.is_green()},  {"runs", sum.runs},
                         {"violated", sum.violated}, {"broken", sum.broken},
                         {"canaries", sum.canaries}, {"canaries_caught", sum.canaries_caught},
                         {"cells", std::move(list)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace racebed::cli
