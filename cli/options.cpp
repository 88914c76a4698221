#include "cli/options.hpp"

#include <fmt/format.h>

#include <charconv>

#include "cli/arguments.hpp"

namespace racebed::cli {
namespace {

namespace po = boost::program_options;
using experiments::InputError;

}  // namespace

RunOptions parse_run(const std::vector<std::string>& arguments) {
  po::options_description named;
  named.add_options()("scenario", po::value<std::vector<std::string>>())("subject", po::value<std::string>())(
      "seed", po::value<std::string>())("seeds", po::value<std::string>())(
      "set", po::value<std::vector<std::string>>()->composing())("trace", po::value<std::string>())(
      "record", po::value<std::string>())("shiviz", po::value<std::string>())(
      "perfetto", po::value<std::string>())("plot", po::value<std::string>())("all", po::bool_switch())(
      "json", po::bool_switch())("hashes", po::bool_switch())("log", po::bool_switch())("live",
                                                                                        po::bool_switch());
  po::positional_options_description positional;
  positional.add("scenario", -1);
  const po::variables_map values = parse_arguments(arguments, named, positional);
  RunOptions options;
  if (values.count("scenario") != 0) options.scenarios = values["scenario"].as<std::vector<std::string>>();
  if (values["all"].as<bool>()) {
    if (!options.scenarios.empty())
      throw InputError("--all: found a scenario as well, expected one or the other");
    options.scenarios = experiments::scenario_names();
  }
  if (options.scenarios.empty())
    throw InputError("run: no scenario, expected a name, a path or --all; see racebed list");
  if (values.count("subject") != 0) options.subject = values["subject"].as<std::string>();
  if (values.count("seed") != 0) options.seed = parse_seed(values["seed"].as<std::string>(), "--seed");
  if (values.count("seeds") != 0) options.seeds = parse_range(values["seeds"].as<std::string>());
  if (options.seed && options.seeds) throw InputError("--seed and --seeds: found both, expected one");
  if (values.count("set") != 0) {
    for (const std::string& text : values["set"].as<std::vector<std::string>>())
      options.settings.push_back(parse_setting(text, "--set"));
  }
  if (values.count("trace") != 0) options.trace_file = values["trace"].as<std::string>();
  if (values.count("record") != 0) options.record_file = values["record"].as<std::string>();
  if (values.count("shiviz") != 0) options.shiviz_file = values["shiviz"].as<std::string>();
  if (values.count("perfetto") != 0) options.perfetto_file = values["perfetto"].as<std::string>();
  if (values.count("plot") != 0) options.plot_file = values["plot"].as<std::string>();
  if (!options.plot_file.empty() && !options.plot_file.ends_with(".svg") &&
      !options.plot_file.ends_with(".png"))
    throw InputError(
        fmt::format("--plot: found \"{}\", expected a file that ends in .svg or .png", options.plot_file));
  options.json = values["json"].as<bool>();
  options.hashes = values["hashes"].as<bool>();
  options.log = values["log"].as<bool>();
  options.live = values["live"].as<bool>();
  if (options.live &&
      (options.seeds || options.hashes || options.scenarios.size() > 1 || options.writes_events())) {
    throw InputError(
        "--live: found --seeds, --hashes, a file of events or several scenarios, expected one scenario: real "
        "time does not repeat");
  }
  const bool many = options.seeds || options.scenarios.size() > 1;
  if (many && (options.writes_events() || options.log)) {
    throw InputError(
        "--trace, --record, --perfetto, --shiviz, --plot and --log: found several runs, expected one "
        "scenario and one seed");
  }
  return options;
}

ListOptions parse_list(const std::vector<std::string>& arguments) {
  po::options_description named;
  ListOptions options;
  named.add_options()("json", po::bool_switch(&options.json))(
      "invariants", po::bool_switch(&options.invariants))("faults", po::bool_switch(&options.faults))(
      "schema", po::bool_switch(&options.schema))("reference", po::bool_switch(&options.reference));
  parse_arguments(arguments, named, {});
  return options;
}

ReplayOptions parse_replay(const std::vector<std::string>& arguments) {
  po::options_description named;
  ReplayOptions options;
  named.add_options()("file", po::value<std::string>(&options.file))("json", po::bool_switch(&options.json));
  po::positional_options_description positional;
  positional.add("file", 1);
  parse_arguments(arguments, named, positional);
  if (options.file.empty()) throw InputError("replay: no file, expected one written by racebed run --record");
  return options;
}

}  // namespace racebed::cli
