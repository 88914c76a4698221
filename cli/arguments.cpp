#include "cli/arguments.hpp"

#include <fmt/format.h>

#include "experiments/scenario/load.hpp"

namespace racebed::cli {

namespace po = boost::program_options;

po::variables_map parse_arguments(const std::vector<std::string>& arguments,
                                  const po::options_description& named,
                                  const po::positional_options_description& positional) {
  po::variables_map values;
  try {
    po::store(po::command_line_parser(arguments)
                  .options(named)
                  .positional(positional)
                  .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
                  .run(),
              values);
    po::notify(values);
  } catch (const po::error& error) {
    throw experiments::InputError(fmt::format("{}; see racebed --help", error.what()));
  }
  return values;
}

}  // namespace racebed::cli
