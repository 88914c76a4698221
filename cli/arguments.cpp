#include "cli/arguments.hpp"

#include <fmt/format.h>

#include <charconv>

#include "experiments/scenario/load.hpp"

namespace racebed::cli {

namespace po = boost::program_options;
using experiments::InputError;

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
    throw InputError(fmt::format("{}; see racebed --help", error.what()));
  }
  return values;
}

std::uint64_t parse_seed(std::string_view text, std::string_view option) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    throw InputError(
        fmt::format("{}: found \"{}\", expected an integer from 0 to {}", option, text, UINT64_MAX));
  }
  return seed;
}

sweep::Seeds parse_range(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos)
    throw InputError(fmt::format("--seeds: found \"{}\", expected A:B (A to B-1)", text));
  const sweep::Seeds range{parse_seed(std::string_view(text).substr(0, colon), "--seeds"),
                           parse_seed(std::string_view(text).substr(colon + 1), "--seeds")};
  if (range.first >= range.end)
    throw InputError(fmt::format("--seeds: found \"{}\", expected A below B", text));
  return range;
}

experiments::Setting parse_setting(const std::string& text, std::string_view option) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) {
    throw InputError(
        fmt::format("{}: found \"{}\", expected path=value, such as workload.cycles=3", option, text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace racebed::cli
