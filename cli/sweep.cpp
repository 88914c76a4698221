#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/junit.hpp"
#include "cli/progress.hpp"
#include "cli/sweep_options.hpp"
#include "evidence/report/rules.hpp"
#include "sweep/sweep.hpp"

namespace racebed::cli {
namespace {

using evidence::CellSummary;
using evidence::Database;

std::atomic<int> interrupted_by = 0;  // a signal

std::string now_text() {
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  return to_rfc3339(Time{now.time_since_epoch()});
}

std::string counted(std::uint64_t n, const char* what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

void print_violations(const CellSummary& cell, const std::string& database) {
  for (const evidence::InvariantSummary& invariant : cell.invariants) {
    if (invariant.violated == 0) continue;
    fmt::print("  {}: {}\n    {}\n    {}\n", invariant.id,
               evidence::rate_text(invariant.violated, invariant.reached()), invariant.first_what,
               evidence::replay_command(cell.cell, invariant.first_seed));
  }
  if (cell.broken > 0)
    fmt::print("  {} of {} runs did not end; see racebed failures --db {}\n", cell.broken, cell.runs,
               database);
}

/// A part of a sweep may have no run of the canary: it is dealt out, too.
std::string canary_text(const evidence::Totals& sum) {
  if (sum.canaries == 0) return "canary: none of its runs is among these; they prove nothing by themselves";
  return fmt::format(
      "canary: caught in {} of {} runs{}", sum.canaries_caught, sum.canaries,
      sum.canaries_caught == sum.canaries ? "" : ": this sweep would not see a defect, and proves nothing");
}

void print_summary(const std::vector<CellSummary>& cells, const std::string& database) {
  const evidence::Totals sum = evidence::totals(cells);
  for (const CellSummary& cell : cells) {
    if (!cell.cell.is_judged() || cell.violated == 0) continue;
    fmt::print("{}, subject {}{}: {} of {} runs violate\n", cell.cell.scenario, cell.cell.subject,
               cell.cell.settings, cell.violated, cell.runs);
    print_violations(cell, database);
  }
  fmt::print("{}, {}; violated: {}\n", counted(sum.cells, "cell"), counted(sum.runs, "run"),
             evidence::rate_text(sum.violated, sum.runs));
  if (sum.exhibit_runs > 0)
    fmt::print("beside them, for comparison: {} runs of studies' other subjects\n", sum.exhibit_runs);
  fmt::print("{}\n", canary_text(sum));
}

sweep::SweepOptions options_of(const SweepCommand& command) {
  sweep::SweepOptions options;
  options.pool.program = std::filesystem::read_symlink("/proc/self/exe").string();
  options.pool.workers = command.jobs;
  options.pool.run_timeout = std::chrono::seconds{command.run_timeout_s};
  options.pool.memory_bytes = command.memory_mib * 1024 * 1024;
  options.stamp = {RACEBED_VERSION, now_text()};
  return options;
}

}  // namespace

int sweep_command(const SweepCommand& command) {
  const std::vector<sweep::PlannedCell> plan = sweep::make_plan(command.plan);
  if (!command.junit_file.empty()) require_writable(command.junit_file);
  Database database(command.database, Database::Mode::write);
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int number) { interrupted_by = number; });
  bool done = false;
  {
    ProgressLine progress;
    done = sweep::run_sweep(database, plan, options_of(command), [&](const sweep::Progress& now) {
      progress.show(now);
      return interrupted_by == 0;
    });
  }
  if (!done) {
    fmt::print(stderr, "racebed: interrupted; the same command goes on where this one stopped\n");
    return 128 + interrupted_by;  // as a shell says it: no verdict
  }
  const std::vector<CellSummary> cells = evidence::summarize(database);
  if (!command.junit_file.empty()) write_file(command.junit_file, junit_xml(cells));
  if (command.json) {
    fmt::print("{}", summary_json(cells));
  } else {
    print_summary(cells, command.database);
  }
  return evidence::totals(cells).is_green() ? kHolds : kViolated;
}

int merge_command(const MergeCommand& command) {
  std::vector<Database> inputs;
  for (const std::string& path : command.inputs) inputs.emplace_back(path, Database::Mode::read);
  Database output(command.output, Database::Mode::write);
  for (const Database& input : inputs) output.merge(input);
  const std::vector<CellSummary> cells = evidence::summarize(output);
  print_summary(cells, command.output);
  return evidence::totals(cells).is_green() ? kHolds : kViolated;
}

}  // namespace racebed::cli
