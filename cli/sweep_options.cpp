#include "cli/sweep_options.hpp"

#include <fmt/format.h>

#include <thread>

#include "cli/arguments.hpp"
#include "sweep/studies.hpp"

namespace racebed::cli {
namespace {

namespace po = boost::program_options;
using experiments::InputError;
using Strings = std::vector<std::string>;

/// "path=1,2,3"; a value that is a JSON array or object keeps its commas.
sweep::Axis parse_axis(const std::string& text) {
  auto [path, values] = parse_setting(text, "--grid");
  sweep::Axis axis{path, {}};
  std::string value;
  int depth = 0;
  for (const char c : values + ",") {
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c != ',' || depth > 0) {
      value += c;
      continue;
    }
    if (value.empty())
      throw InputError(fmt::format("--grid: found \"{}\", expected path=value,value...", text));
    axis.second.push_back(std::move(value));
    value.clear();
  }
  if (depth != 0)
    throw InputError(fmt::format("--grid: found \"{}\", expected as many brackets closed as opened", text));
  return axis;
}

/// "2/8": the second of eight; kept counted from 0.
void parse_shard(const std::string& text, sweep::PlanOptions& plan) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos)
    throw InputError(fmt::format("--shard: found \"{}\", expected i/n with i from 1 to n", text));
  const std::uint64_t i = parse_seed(std::string_view(text).substr(0, slash), "--shard");
  plan.shards = parse_seed(std::string_view(text).substr(slash + 1), "--shard");
  if (i < 1 || i > plan.shards)
    throw InputError(fmt::format("--shard: found \"{}\", expected i/n with i from 1 to n", text));
  plan.shard = i - 1;
}

std::uint64_t number(const po::variables_map& values, const char* name, std::uint64_t otherwise) {
  return values.count(name) == 0 ? otherwise
                                 : parse_seed(values[name].as<std::string>(), std::string("--") + name);
}

Strings scenarios_of(const po::variables_map& values) {
  Strings names;
  if (values.count("scenario") != 0) names = values["scenario"].as<Strings>();
  const bool all = values["all"].as<bool>() || names == Strings{"nightly"};
  if (!all && names.empty() && values.count("study") == 0)
    throw InputError("sweep: no scenario, expected names, paths, nightly or --all; see racebed list");
  return all ? experiments::scenario_names() : names;
}

/// A night has every study.
Strings studies_of(const po::variables_map& values) {
  if (values.count("study") != 0) return values["study"].as<Strings>();
  Strings names;
  if (values.count("scenario") == 0 || values["scenario"].as<Strings>() != Strings{"nightly"}) return names;
  for (const sweep::Study& study : sweep::studies()) names.push_back(study.name);
  return names;
}

}  // namespace

SweepCommand parse_sweep(const Strings& arguments) {
  po::options_description named;
  const auto text = [] { return po::value<std::string>(); };
  const auto texts = [] { return po::value<Strings>()->composing(); };
  named.add_options()("scenario", po::value<Strings>())("all", po::bool_switch())("seeds", text())(
      "study", texts())("subject", texts())("set", texts())("grid", texts())("jobs", text())("db", text())(
      "shard", text())("timeout", text())("memory", text())("junit", text())("json", po::bool_switch());
  po::positional_options_description positional;
  positional.add("scenario", -1);
  const po::variables_map values = parse_arguments(arguments, named, positional);
  SweepCommand command;
  command.plan.scenarios = scenarios_of(values);
  command.plan.studies = studies_of(values);
  if (values.count("subject") != 0) command.plan.subjects = values["subject"].as<Strings>();
  if (values.count("set") != 0) {
    for (const std::string& setting : values["set"].as<Strings>())
      command.plan.settings.push_back(parse_setting(setting, "--set"));
  }
  if (values.count("grid") != 0) {
    for (const std::string& axis : values["grid"].as<Strings>())
      command.plan.grid.push_back(parse_axis(axis));
  }
  if (values.count("seeds") == 0) throw InputError("sweep: no --seeds, expected --seeds A:B (A to B-1)");
  command.plan.seeds = parse_range(values["seeds"].as<std::string>());
  if (values.count("shard") != 0) parse_shard(values["shard"].as<std::string>(), command.plan);
  const auto jobs = number(values, "jobs", std::max(1U, std::thread::hardware_concurrency()));
  if (jobs < 1 || jobs > 256) throw InputError(fmt::format("--jobs: found {}, expected 1 to 256", jobs));
  command.jobs = static_cast<unsigned>(jobs);
  command.database = values.count("db") != 0 ? values["db"].as<std::string>() : "sweep.db";
  command.run_timeout_s = number(values, "timeout", command.run_timeout_s);
  if (command.run_timeout_s < 1) throw InputError("--timeout: found 0, expected seconds from 1 on");
  command.memory_mib = number(values, "memory", command.memory_mib);
  if (values.count("junit") != 0) command.junit_file = values["junit"].as<std::string>();
  command.json = values["json"].as<bool>();
  return command;
}

MergeCommand parse_merge(const Strings& arguments) {
  po::options_description named;
  named.add_options()("input", po::value<Strings>())("output,o", po::value<std::string>());
  po::positional_options_description positional;
  positional.add("input", -1);
  const po::variables_map values = parse_arguments(arguments, named, positional);
  MergeCommand command;
  if (values.count("input") != 0) command.inputs = values["input"].as<Strings>();
  if (command.inputs.empty() || values.count("output") == 0)
    throw InputError("merge: expected databases to read, and -o FILE");
  command.output = values["output"].as<std::string>();
  return command;
}

FailuresCommand parse_failures(const Strings& arguments) {
  FailuresCommand command;
  po::options_description named;
  named.add_options()("db", po::value<std::string>(&command.database))("json",
                                                                       po::bool_switch(&command.json));
  parse_arguments(arguments, named);
  return command;
}

RecheckCommand parse_recheck(const Strings& arguments) {
  RecheckCommand command;
  po::options_description named;
  named.add_options()("db", po::value<std::string>(&command.database));
  parse_arguments(arguments, named);
  return command;
}

const char* const kSweepHelp =
    R"(racebed sweep: many runs over all cores, into a database that the next sweep goes on with

usage
  racebed sweep SCENARIO... | nightly | --all | --study NAME  --seeds A:B [OPTIONS]
  racebed merge A.db B.db ... -o C.db
  racebed failures [--db FILE] [--json]
  racebed recheck [--db FILE]
  racebed report [--db FILE] [--out FOLDER] [--subject NAME]
  racebed compare BEFORE.db AFTER.db [--json]
  racebed compare FILE.db --between PATH=A,B [--json]

  --seeds A:B          the seeds A to B-1, of each cell
  --study NAME         a grid that a figure of the report is made of:
                       duplicate-window, kill-moment or load
  --subject NAME       a system under test; several times: each of them
                       (default: the scenario's own)
  --set PATH=VALUE     a value of each scenario
  --grid PATH=V1,V2    a value that takes each of these; several times: every combination
  --db FILE            where results go (default: sweep.db); runs that are there are not made again
  --jobs N             worker processes (default: one for each core)
  --shard I/N          the I-th of N parts, for several machines; merge puts them together,
                       and adds them to what C.db has
                       (ready-made: experiments/slurm, experiments/kubernetes)
  --timeout SECONDS    real time for one run (default: 60); longer, and the run is a failure
  --memory MIB         address space of a worker (default: no limit)
  --junit FILE         writes JUnit XML
  --json               for programs

A scenario with one subject and one set of settings is a cell. Every sweep has a canary as well:
runs that must be caught. A run that kills its worker is a result, with its seed. Interrupt a sweep,
or kill it: what is finished stays, and the same command goes on.

failures lists what failed, each kind once, with the seed that brings it back; recheck runs those
seeds again and says which are mended (runs that did not end have no record, and are not run).
report writes what the database says, as HTML, Markdown and figures: the report, the risk
assessment, the staging validation and the deployment readiness of one subject (default:
notification), into --out FOLDER (default: report).
compare says what differs by more than chance between two databases, or within one: between two
subjects (--between subject=A,B), or two values of a setting.

try
  racebed sweep leader-kill --seeds 0:200 --subject notification --subject notification-2025-11
  racebed sweep leader-kill --seeds 0:500 --grid subject.guarantee=probe,at-least-once,at-most-once
  racebed compare sweep.db --between subject.guarantee=at-least-once,probe
  racebed sweep nightly --seeds 0:100 --shard 1/2 --db first.db

exit status
  0  every invariant holds in every run, and the canary was caught
  1  an invariant is violated, a run did not end, or the canary lives; of failures: there are some;
     of recheck: not all are mended; of report: not ready; of compare: something is worse or slower
  2  bad usage or bad input
  3  racebed itself failed
  128 + n  interrupted by signal n: no verdict yet
)";

}  // namespace racebed::cli
