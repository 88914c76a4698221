#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/verdicts.hpp"
#include "experiments/export/perfetto.hpp"
#include "experiments/export/shiviz.hpp"
#include "experiments/live/live_run.hpp"
#include "experiments/replay/record.hpp"
#include "experiments/run/run.hpp"
#include "plots/gnuplot.hpp"
#include "plots/svg.hpp"
#include "plots/swim_lanes.hpp"
#include "sweep/portrait.hpp"

namespace racebed::cli {
namespace {

using experiments::InputError;
using experiments::RunResult;
using experiments::Scenario;
using experiments::Subject;

bool use_colour() {
  return isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
}

const Subject& subject_named(const std::string& name) {
  if (const Subject* subject = experiments::find_subject(name)) return *subject;
  std::string known;
  for (const Subject* subject : experiments::subjects())
    known += fmt::format("{}{}", known.empty() ? "" : ", ", subject->name());
  throw InputError(fmt::format("unknown subject \"{}\", expected one of {}", name, known));
}

/// A run that caught nondeterminism, or did not end, says nothing about the subject: our own fault.
int own_fault(const RunResult& run) {
  if (run.leak) {
    fmt::print(stderr, "racebed: seed {}: nondeterminism: {} was used at {}\n", run.seed, run.leak->what,
               run.leak->where);
    return kOwnFault;
  }
  if (run.stop == sim::StopReason::step_limit) {
    fmt::print(stderr, "racebed: seed {}: the run took {} steps and did not end\n", run.seed, run.steps);
    return kOwnFault;
  }
  return kHolds;
}

struct Job {
  Scenario scenario;
  const Subject* subject;
};

std::vector<Job> jobs_of(const RunOptions& options) {
  std::vector<Job> jobs;
  for (const std::string& name : options.scenarios) {
    Scenario scenario = experiments::load_scenario(name, options.settings);
    if (!options.subject.empty()) scenario.subject.name = options.subject;
    for (const experiments::InvariantOptions& invariant : scenario.invariants) {
      if (experiments::find_invariant(invariant.id) == nullptr) {
        throw InputError(fmt::format("{}: invariants: unknown id \"{}\", see racebed list --invariants", name,
                                     invariant.id));
      }
    }
    const Subject& subject = subject_named(scenario.subject.name);
    jobs.push_back({std::move(scenario), &subject});
  }
  return jobs;
}

/// The run as swim lanes.
void write_plot(const std::string& path, const RunOptions& options, const RunResult& run, const Job& job,
                const sweep::Looks& looks) {
  const std::string title =
      fmt::format("{}, {}, seed {}", options.scenarios.front(), job.subject->name(), run.seed);
  const plots::Rendered rendered = plots::render(plots::swim_lanes(sweep::portrait_of(run, looks), title));
  write_file(path, path.ends_with(".png") ? rendered.png : plots::svg_file(rendered.svg));
}

int run_one(const RunOptions& options, const Job& job, std::uint64_t seed) {
  std::string trace;
  std::vector<experiments::RecordedEvent> events;
  experiments::RunSpec spec{job.scenario, *job.subject, seed};
  const bool traced = !options.trace_file.empty();
  const bool recorded = !options.record_file.empty();
  const bool exported = !options.shiviz_file.empty() || !options.perfetto_file.empty();
  std::vector<sim::TraceEvent> whole;
  if (traced || recorded || exported) {
    spec.trace = [&](const sim::TraceEvent& event) {
      if (exported) whole.push_back(event);
      if (recorded) events.push_back(experiments::recorded(event));
      if (!traced) return;
      trace +=
          nlohmann::json{
              {"number", event.number},   {"cause", event.cause}, {"time", to_rfc3339_micro(event.time)},
              {"process", event.process}, {"task", event.task},   {"kind", event.kind},
              {"fields", event.fields}}
              .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
          "\n";
    };
  }
  if (options.log) {
    spec.log = [](std::string_view process, std::string_view line) {
      fmt::print(stderr, "{}: {}\n", process, line);
    };
  }
  sweep::Looks looks;
  if (!options.plot_file.empty())
    spec.look = [&](Time now, const sim::Process& process) { looks.look(now, process); };
  const RunResult run = experiments::execute(std::move(spec));
  if (const int fault = own_fault(run); fault != kHolds) return fault;
  if (traced) write_file(options.trace_file, trace);
  if (!options.shiviz_file.empty()) write_file(options.shiviz_file, experiments::shiviz_log(whole));
  if (!options.perfetto_file.empty()) write_file(options.perfetto_file, experiments::perfetto_trace(whole));
  if (!options.plot_file.empty()) write_plot(options.plot_file, options, run, job, looks);
  if (recorded)
    write_file(options.record_file,
               experiments::record_text(job.scenario, std::string(job.subject->name()), run, events));
  const std::string command = replay_command(options.scenarios.front(), std::string(job.subject->name()),
                                             sweep::settings_text(options.settings), seed);
  if (options.hashes) {
    fmt::print("{} {} {}\n", job.scenario.name, seed, run.hash.total().text());
  } else if (options.json) {
    fmt::print("{}", verdict_json(job.scenario, *job.subject, run, command));
  } else {
    fmt::print("{}", verdict_text(job.scenario, *job.subject, run, command, use_colour()));
  }
  return run.violated() ? kViolated : kHolds;
}

/// The scenario on real sockets, beside a simulated run of it: both must tell the same story.
int run_live(const RunOptions& options, const Job& job, std::uint64_t seed) {
  const RunResult simulated = experiments::execute({job.scenario, *job.subject, seed});
  if (const int fault = own_fault(simulated); fault != kHolds) return fault;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  const RunResult live = experiments::execute_live({job.scenario, *job.subject, program, options.log});
  const experiments::Parity parity = experiments::compare(simulated, live);
  const std::string command =
      fmt::format("scripts/racebed run {} --live --subject {} --seed {}{}", options.scenarios.front(),
                  job.subject->name(), seed, sweep::settings_text(options.settings));
  if (options.json) {
    nlohmann::json document = nlohmann::json::parse(verdict_json(job.scenario, *job.subject, live, command));
    document["live"] = true;
    document["parity"] = {{"seed", seed},
                          {"notifications", parity.notifications},
                          {"messages", parity.messages},
                          {"differences", parity.differences}};
    fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}", verdict_text(job.scenario, *job.subject, live, command, use_colour()));
    fmt::print("\nlive and simulated (seed {}): {} notifications, {} messages: {}\n", seed,
               parity.notifications, parity.messages,
               parity.differences.empty() ? "they agree" : "they differ");
    for (const std::string& difference : parity.differences) fmt::print("  {}\n", difference);
  }
  return live.violated() || !parity.differences.empty() ? kViolated : kHolds;
}

/// A line that overwrites itself, on a terminal only.
class Progress {
 public:
  explicit Progress(std::uint64_t total) : total_(total), shown_(isatty(STDERR_FILENO) != 0) {}
  ~Progress() {
    if (shown_) fmt::print(stderr, "\r{:60}\r", "");
  }
  void step(std::uint64_t violated) {
    ++done_;
    if (shown_ && (done_ % 16 == 0 || done_ == total_)) {
      fmt::print(stderr, "\r{} of {} runs, {} with a violation", done_, total_, violated);
      std::fflush(stderr);
    }
  }

 private:
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  bool shown_;
};

/// What a table of one scenario's runs says about it.
void print(const RunOptions& options, const Job& job, const std::string& name, const Table& table) {
  if (options.json) {
    fmt::print("{}", table.json(job.scenario, *job.subject));
  } else if (options.scenarios.size() > 1) {
    fmt::print("{}", table.line(job.scenario, use_colour()));
    std::fflush(stdout);
  } else {
    fmt::print("{}", table.text(job.scenario, *job.subject, use_colour()));
    if (table.violated()) {
      fmt::print("\nto see the first: {}\n",
                 replay_command(name, std::string(job.subject->name()),
                                sweep::settings_text(options.settings), table.first_violation()));
    }
  }
}

int run_range(const RunOptions& options, const Job& job, const std::string& name, SeedRange seeds,
              Totals& totals) {
  Table table;
  std::uint64_t violated = 0;
  {
    Progress progress(seeds.end - seeds.first);
    for (std::uint64_t seed = seeds.first; seed != seeds.end; ++seed) {
      const RunResult run = experiments::execute({job.scenario, *job.subject, seed});
      if (const int fault = own_fault(run); fault != kHolds) return fault;
      violated += run.violated();
      if (options.hashes) {
        fmt::print("{} {} {}\n", job.scenario.name, seed, run.hash.total().text());
      } else {
        table.add(run);
      }
      progress.step(violated);
    }
  }
  if (!options.hashes) print(options, job, name, table);
  totals.add(job.scenario, table);
  return violated > 0 ? kViolated : kHolds;
}

}  // namespace

int run(const RunOptions& options) {
  const std::vector<Job> jobs = jobs_of(options);  // everything is checked before anything is printed
  if (options.live) return run_live(options, jobs.front(), options.seed.value_or(0));
  if (jobs.size() == 1 && !options.seeds) return run_one(options, jobs.front(), options.seed.value_or(0));
  Totals totals;
  int worst = kHolds;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const SeedRange seeds =
        options.seeds.value_or(SeedRange{options.seed.value_or(0), options.seed.value_or(0) + 1});
    if (i == 0 && jobs.size() > 1 && !options.hashes && !options.json) fmt::print("{}", Table::heading());
    const int status = run_range(options, jobs[i], options.scenarios[i], seeds, totals);
    if (status == kOwnFault) return status;
    worst = std::max(worst, status);
  }
  if (jobs.size() > 1 && !options.hashes && !options.json) fmt::print("{}", totals.text());
  return worst;
}

int replay(const ReplayOptions& options) {
  const experiments::Record record = experiments::parse_record(read_file(options.file), options.file);
  const Subject& subject = subject_named(record.subject);
  const experiments::Replay replay = experiments::replay(record);
  if (const int fault = own_fault(replay.run); fault != kHolds) return fault;
  if (!replay.divergence.empty()) {
    fmt::print(stderr, "racebed: {}: the replay diverges: {}\n", options.file, replay.divergence);
    return kOwnFault;
  }
  const std::string command = fmt::format("scripts/racebed replay {}", options.file);
  fmt::print("{}", options.json ? verdict_json(record.scenario, subject, replay.run, command)
                                : verdict_text(record.scenario, subject, replay.run, command, use_colour()));
  return replay.run.violated() ? kViolated : kHolds;
}

}  // namespace racebed::cli
