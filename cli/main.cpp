#include <fmt/format.h>

#include <exception>
#include <iostream>
#include <iterator>

#include "cli/commands.hpp"
#include "cli/compare.hpp"
#include "cli/controller.hpp"
#include "cli/report_command.hpp"
#include "cli/serve.hpp"
#include "cli/sweep_options.hpp"
#include "evidence/store/database.hpp"
#include "experiments/live/replica.hpp"
#include "sweep/worker.hpp"

namespace {

constexpr const char* kHelp =
    R"(racebed: deterministic simulation and fault injection for Kubernetes controllers

usage
  racebed demo                   two minutes: a sweep, its report, and one race explained
  racebed list [--invariants] [--faults] [--json] [--schema] [--reference]
  racebed run SCENARIO [--subject NAME] [--seed N | --seeds A:B] [--set PATH=VALUE]...
              [--record FILE] [--trace FILE] [--perfetto FILE] [--shiviz FILE] [--plot FILE]
              [--log] [--json] [--hashes]
  racebed run --all [...]
  racebed run SCENARIO --live [--subject NAME] [--seed N] [--set PATH=VALUE]... [--log] [--json]
  racebed replay FILE [--json]
  racebed sweep SCENARIO... --seeds A:B   many runs into a database: racebed sweep --help
  racebed failures, recheck, compare, merge   what is in such databases: racebed sweep --help
  racebed report [--db FILE]              what they prove, as pages for people
  racebed serve [OPTIONS]        the fake world on real sockets: racebed serve --help
  racebed controller [OPTIONS]   the real core against any API server: racebed controller --help

SCENARIO is a name from `racebed list` or a path to a file (docs/scenario-reference.md).
A run is a pure function of scenario, subject and seed: the same three give the same run,
bit for bit.

  --subject NAME     the system under test (default: the scenario's own)
  --seed N           one run; its verdict, and for each violation the chain of causes (default: 0)
  --seeds A:B        the runs A to B-1; a table
  --set PATH=VALUE   a value of the scenario: workload.cycles=3, faults[0].delay=2s
  --record FILE      writes the run's choices and events, for replay
  --trace FILE       writes every event as a line of JSON
  --perfetto FILE    writes the run for ui.perfetto.dev: processes as tracks, causes as flows
  --shiviz FILE      writes it with vector clocks, for ShiViz
  --plot FILE        draws it, as .svg or .png: processes as lanes, messages as arrows, faults and
                     violations marked
  --log              shows the controllers' log lines on standard error
  --json             for programs
  --live             runs it on real sockets and in real time, each controller a process of its own,
                     and compares what was delivered and how it ended with the simulated run
  --hashes           prints "SCENARIO SEED HASH" for each run and nothing else

try
  racebed run create-delete-create --subject notification-2025-11 --seed 7
  racebed run create-delete-create --seeds 0:200
  racebed run leader-kill --set subject.guarantee=at-least-once --seed 3

exit status
  0  every invariant holds, or the subject's declared guarantee allows what happened
  1  an invariant is violated
  2  bad usage or bad input
  3  racebed itself failed; a replay that differs is one such failure
)";

std::string help_of(const std::string& command) {
  if (command == "serve") return racebed::cli::kServeHelp;
  for (const char* one : {"sweep", "merge", "failures", "recheck", "report", "compare"}) {
    if (command == one) return racebed::cli::kSweepHelp;
  }
  if (command == "controller") return racebed::cli::controller_help();
  return kHelp;
}

/// What `run --live` starts each controller as; not for people.
int live_replica() {
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  return racebed::experiments::run_replica(input);
}

int dispatch(const std::string& command, const std::vector<std::string>& arguments) {
  using namespace racebed::cli;
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h") {
      fmt::print("{}", help_of(command));
      return kHolds;
    }
  }
  if (command == "list") return list(parse_list(arguments));
  if (command == "run") return run(parse_run(arguments));
  if (command == "replay") return replay(parse_replay(arguments));
  if (command == "sweep") return sweep_command(parse_sweep(arguments));
  if (command == "sweep-worker") return racebed::sweep::work();  // not for people
  if (command == "merge") return merge_command(parse_merge(arguments));
  if (command == "report") return report_command(parse_report(arguments));
  if (command == "compare") return compare_command(parse_compare(arguments));
  if (command == "failures") return failures_command(parse_failures(arguments));
  if (command == "recheck") return recheck_command(parse_recheck(arguments));
  if (command == "demo") return demo(arguments);
  if (command == "serve") return serve(arguments);
  if (command == "live-replica") return live_replica();
  if (command == "controller") return controller(arguments);
  if (command == "--help" || command == "-h" || command == "help") {
    fmt::print("{}", kHelp);
    return kHolds;
  }
  if (command == "--version") {
    fmt::print("racebed {}\n", RACEBED_VERSION);
    return kHolds;
  }
  throw racebed::experiments::InputError(
      fmt::format("unknown command \"{}\", expected one of those in racebed --help", command));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.empty())
      throw racebed::experiments::InputError("no command, expected one of those in racebed --help");
    return dispatch(arguments.front(), {arguments.begin() + 1, arguments.end()});
  } catch (const racebed::experiments::InputError& error) {
    fmt::print(stderr, "racebed: {}\n", error.what());
    return racebed::cli::kBadInput;
  } catch (const racebed::evidence::StoreError& error) {
    fmt::print(stderr, "racebed: {}\n", error.what());
    return racebed::cli::kBadInput;
  } catch (const std::exception& error) {
    fmt::print(stderr, "racebed: internal fault: {}\n", error.what());
    return racebed::cli::kOwnFault;
  }
}
