#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/junit.hpp"
#include "cli/sweep_options.hpp"
#include "evidence/report/rules.hpp"
#include "experiments/replay/record.hpp"
#include "experiments/run/run.hpp"
#include "sweep/measure.hpp"
#include "sweep/sweep.hpp"

namespace racebed::cli {
namespace {

using evidence::CellSummary;
using evidence::Database;
using RealClock = std::chrono::steady_clock;  // of the sweep, never of a run

std::atomic<bool> interrupted = false;

std::string now_text() {
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  return to_rfc3339(Time{now.time_since_epoch()});
}

/// A line that overwrites itself on a terminal; elsewhere a plain line every half a minute.
class ProgressLine {
 public:
  void show(const sweep::Progress& progress) {
    const auto now = RealClock::now();
    const bool terminal = isatty(STDERR_FILENO) != 0;
    if (now < next_) return;
    next_ = now + (terminal ? std::chrono::milliseconds{250} : std::chrono::milliseconds{30'000});
    if (!terminal && progress.done == 0) return;
    const std::string text = line(progress, std::chrono::duration<double>(now - began_).count());
    if (terminal) {
      fmt::print(stderr, "\r{:<96}", text);
      shown_ = true;
    } else {
      fmt::print(stderr, "{}\n", text);
    }
    std::fflush(stderr);
  }
  ~ProgressLine() {
    if (shown_) fmt::print(stderr, "\r{:96}\r", "");
  }

 private:
  static std::string line(const sweep::Progress& progress, double seconds) {
    constexpr int kWidth = 24;
    const std::uint64_t finished = progress.there + progress.done;
    const std::uint64_t planned = std::max<std::uint64_t>(progress.planned, 1);
    const auto full = static_cast<int>(finished * kWidth / planned);
    const double rate = seconds > 0 ? static_cast<double>(progress.done) / seconds : 0;
    const auto left =
        rate > 0 ? static_cast<std::uint64_t>(static_cast<double>(planned - finished) / rate) : 0;
    return fmt::format("[{:#<{}}{:.<{}}] {} of {} runs, {:.0f}/s, {} violated, {}:{:02} left", "", full, "",
                       kWidth - full, finished, progress.planned, rate, progress.violated, left / 60,
                       left % 60);
  }

  RealClock::time_point began_ = RealClock::now();
  RealClock::time_point next_ = began_;
  bool shown_ = false;
};

void print_violations(const CellSummary& cell) {
  for (const evidence::InvariantSummary& invariant : cell.invariants) {
    if (invariant.violated == 0) continue;
    fmt::print("  {}: {}\n    {}\n    {}\n", invariant.id,
               evidence::rate_text(invariant.violated, invariant.reached()), invariant.first_what,
               evidence::replay_command(cell.cell, invariant.first_seed));
  }
  if (cell.broken > 0)
    fmt::print("  {} of {} runs did not end; see racebed failures\n", cell.broken, cell.runs);
}

void print_summary(const std::vector<CellSummary>& cells) {
  const evidence::Totals sum = evidence::totals(cells);
  for (const CellSummary& cell : cells) {
    if (!cell.cell.is_judged() || cell.violated == 0) continue;
    fmt::print("{}, subject {}{}: {} of {} runs violate\n", cell.cell.scenario, cell.cell.subject,
               cell.cell.settings, cell.violated, cell.runs);
    print_violations(cell);
  }
  fmt::print("{} cells, {} runs; violated: {}\n", sum.cells, sum.runs,
             evidence::rate_text(sum.violated, sum.runs));
  if (sum.exhibit_runs > 0)
    fmt::print("beside them, for comparison: {} runs of studies' other subjects\n", sum.exhibit_runs);
  fmt::print("canary: caught in {} of {} runs{}\n", sum.canaries_caught, sum.canaries,
             sum.canaries_caught == sum.canaries && sum.canaries > 0
                 ? ""
                 : ": this sweep would not see a defect, and proves nothing");
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
  Database database(command.database, Database::Mode::write);
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::signal(SIGTERM, [](int) { interrupted = true; });
  bool done = false;
  {
    ProgressLine progress;
    done = sweep::run_sweep(database, plan, options_of(command), [&](const sweep::Progress& now) {
      progress.show(now);
      return !interrupted;
    });
  }
  if (!done) {
    fmt::print(stderr, "racebed: interrupted; the same command goes on where this one stopped\n");
    return kViolated;
  }
  const std::vector<CellSummary> cells = evidence::summarize(database);
  if (!command.junit_file.empty()) write_file(command.junit_file, junit_xml(cells));
  if (command.json) {
    fmt::print("{}", summary_json(cells));
  } else {
    print_summary(cells);
  }
  return evidence::totals(cells).is_green() ? kHolds : kViolated;
}

int merge_command(const MergeCommand& command) {
  std::vector<Database> inputs;
  for (const std::string& path : command.inputs) inputs.emplace_back(path, Database::Mode::read);
  Database output(command.output, Database::Mode::write);
  for (const Database& input : inputs) output.merge(input);
  const std::vector<CellSummary> cells = evidence::summarize(output);
  print_summary(cells);
  return evidence::totals(cells).is_green() ? kHolds : kViolated;
}

int failures_command(const DatabaseCommand& command) {
  const Database database(command.database, Database::Mode::read);
  std::map<std::int64_t, evidence::Cell> cells;
  for (const evidence::Cell& cell : database.cells()) cells[cell.id] = cell;
  nlohmann::json list = nlohmann::json::array();
  std::size_t shown = 0;
  for (const evidence::Failure& failure : database.failures()) {
    const evidence::Cell& cell = cells.at(failure.cell);
    if (!cell.is_judged()) continue;
    ++shown;
    const std::string replay = evidence::replay_command(cell, failure.seed);
    if (command.json) {
      list.push_back({{"scenario", cell.scenario},
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
                      {"replay", replay}});
      continue;
    }
    fmt::print("{} {}\n  {}\n  {} time{}, first seen {} by {}, last {}\n  {}\n", cell.scenario,
               failure.invariant, failure.what, failure.times, failure.times == 1 ? "" : "s",
               failure.first_seen, failure.version, failure.last_seen, replay);
  }
  if (command.json) {
    fmt::print("{}\n", list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else if (shown == 0) {
    fmt::print("no failures\n");
  }
  return shown == 0 ? kHolds : kViolated;
}

int recheck_command(const DatabaseCommand& command) {
  const Database database(command.database, Database::Mode::read);
  std::map<std::int64_t, evidence::Cell> cells;
  for (const evidence::Cell& cell : database.cells()) cells[cell.id] = cell;
  std::size_t there = 0;
  std::size_t mended = 0;
  for (const evidence::Failure& failure : database.failures()) {
    const evidence::Cell& cell = cells.at(failure.cell);
    if (!cell.is_judged() || failure.record.empty()) continue;
    const experiments::Record record = experiments::parse_record(failure.record, command.database);
    const experiments::Subject* subject = experiments::find_subject(record.subject);
    if (subject == nullptr) continue;
    const evidence::Run now = sweep::measured(experiments::execute({record.scenario, *subject, record.seed}));
    const bool fails = std::any_of(now.violations.begin(), now.violations.end(), [&](const auto& violation) {
      return violation.invariant == failure.invariant;
    });
    ++(fails ? there : mended);
    fmt::print("{:<8} {} {}, seed {}: {}\n", fails ? "fails" : "mended", cell.scenario, failure.invariant,
               failure.seed, failure.what);
  }
  fmt::print("{} fail, {} mended\n", there, mended);
  return there == 0 ? kHolds : kViolated;
}

}  // namespace racebed::cli
