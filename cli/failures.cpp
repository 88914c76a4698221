#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/sweep_options.hpp"
#include "evidence/report/rules.hpp"
#include "evidence/store/database.hpp"
#include "experiments/replay/record.hpp"
#include "experiments/run/run.hpp"
#include "sweep/measure.hpp"

namespace racebed::cli {
namespace {

using evidence::Cell;
using evidence::Database;
using evidence::Failure;

/// Those that are defects, with their cells: of canaries and exhibits failures are wanted.
std::vector<std::pair<Failure, Cell>> judged_failures(const Database& database) {
  std::map<std::int64_t, Cell> cells;
  for (const Cell& cell : database.cells()) cells[cell.id] = cell;
  std::vector<std::pair<Failure, Cell>> judged;
  for (const Failure& failure : database.failures()) {
    if (const Cell& cell = cells.at(failure.cell); cell.is_judged()) judged.emplace_back(failure, cell);
  }
  return judged;
}

std::string title_of(const Failure& failure, const Cell& cell) {
  return fmt::format("{}, subject {}{}: {}", cell.scenario, cell.subject, cell.settings, failure.invariant);
}

/// "in 100 runs, first seen 2026-01-02T03:04:05Z by racebed 0.1.0, last 2026-02-03T04:05:06Z".
std::string seen_text(const Failure& failure) {
  std::string text = fmt::format("in {} run{}, first seen {} by racebed {}", failure.times,
                                 failure.times == 1 ? "" : "s", failure.first_seen, failure.version);
  if (failure.last_seen != failure.first_seen) text += ", last " + failure.last_seen;
  return text;
}

nlohmann::json json_of(const Failure& failure, const Cell& cell) {
  return {{"scenario", cell.scenario},
          {"subject", cell.subject},
          {"settings", cell.settings},
          {"invariant", failure.invariant},
          {"seed", failure.seed},
          {"what", failure.what},
          {"times", failure.times},
          {"version", failure.version},
          {"first_seen", failure.first_seen},
          {"last_seen", failure.last_seen},
          {"recorded", !failure.record.empty()},
          {"replay", evidence::replay_command(cell, failure.seed)}};
}

bool still_fails(const Failure& failure, const std::string& file) {
  const experiments::Record record = experiments::parse_record(failure.record, file);
  const experiments::Subject* subject = experiments::find_subject(record.subject);
  if (subject == nullptr)
    throw experiments::InputError(
        fmt::format("{}: unknown subject \"{}\", see racebed list", file, record.subject));
  const evidence::Run now = sweep::measured(experiments::execute({record.scenario, *subject, record.seed}));
  return std::any_of(now.violations.begin(), now.violations.end(),
                     [&](const auto& violation) { return violation.invariant == failure.invariant; });
}

}  // namespace

int failures_command(const FailuresCommand& command) {
  const Database database(command.database, Database::Mode::read);
  const auto failures = judged_failures(database);
  if (command.json) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& [failure, cell] : failures) list.push_back(json_of(failure, cell));
    fmt::print("{}\n", list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else if (failures.empty()) {
    fmt::print("no failures\n");
  } else {
    for (const auto& [failure, cell] : failures)
      fmt::print("{}\n  {}\n  {}\n  {}\n", title_of(failure, cell), failure.what, seen_text(failure),
                 evidence::replay_command(cell, failure.seed));
    fmt::print("{} kind{} of failure; to see which are mended by now: racebed recheck --db {}\n",
               failures.size(), failures.size() == 1 ? "" : "s", command.database);
  }
  return failures.empty() ? kHolds : kViolated;
}

int recheck_command(const RecheckCommand& command) {
  const Database database(command.database, Database::Mode::read);
  std::size_t there = 0;
  std::size_t mended = 0;
  std::size_t not_run = 0;
  const auto failures = judged_failures(database);
  for (const auto& [failure, cell] : failures) {
    // A run that did not end may not end here either, and nobody would stop it.
    const bool runs = !failure.record.empty();
    const bool fails = runs && still_fails(failure, command.database);
    ++(!runs ? not_run : fails ? there : mended);
    fmt::print("{:<8} {}, seed {}: {}\n",
               !runs   ? "not run"
               : fails ? "fails"
                       : "mended",
               title_of(failure, cell), failure.seed, failure.what);
    std::fflush(stdout);
  }
  if (failures.empty()) fmt::print("no failures\n");
  if (failures.empty()) return kHolds;
  fmt::print("{} fail, {} mended{}\n", there, mended,
             not_run == 0 ? "" : fmt::format(", {} not run again: they have no record", not_run));
  return there + not_run == 0 ? kHolds : kViolated;
}

}  // namespace racebed::cli
