#include "cli/compare.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "evidence/report/difference.hpp"

namespace racebed::cli {
namespace {

namespace po = boost::program_options;
using evidence::CellSummary;
using evidence::Database;
using evidence::Difference;
using experiments::InputError;

constexpr double kReal = 0.01;

std::vector<CellSummary> cells_of(const std::string& path) {
  return evidence::summarize(Database(path, Database::Mode::read));
}

/// What tells cells apart: scenario, subject and settings, by path.
std::map<std::string, std::string> parts_of(const evidence::Cell& cell) {
  std::map<std::string, std::string> parts = evidence::settings_of(cell);
  parts["scenario"] = cell.scenario;
  parts["subject"] = cell.subject;
  return parts;
}

/// The cell that `cell` of the second set is held against, as parts; empty: none.
std::map<std::string, std::string> counterpart(const CompareCommand& command, const evidence::Cell& cell) {
  std::map<std::string, std::string> parts = parts_of(cell);
  if (command.path.empty()) return parts;
  const auto part = parts.find(command.path);
  if (part == parts.end() || part->second != command.value_after) return {};
  part->second = command.value_before;
  return parts;
}

std::vector<evidence::Pair> pairs_of(const CompareCommand& command, const std::vector<CellSummary>& first,
                                     const std::vector<CellSummary>& second) {
  std::map<std::map<std::string, std::string>, const CellSummary*> before;
  for (const CellSummary& cell : first) {
    if (!cell.cell.is_canary) before[parts_of(cell.cell)] = &cell;
  }
  std::vector<evidence::Pair> pairs;
  for (const CellSummary& cell : second) {
    if (cell.cell.is_canary) continue;
    const auto found = before.find(counterpart(command, cell.cell));
    if (found != before.end()) pairs.emplace_back(found->second, &cell);
  }
  return pairs;
}

std::string name_of(const Difference& difference) {
  const evidence::Cell& cell = difference.pair.second->cell;
  return fmt::format("{}, {}{}", cell.scenario, cell.subject, cell.settings);
}

const char* verdict_of(const Difference& difference) {
  if (difference.is_of_rate) return difference.is_worse ? "worse" : "better";
  return difference.is_worse ? "slower" : "faster";
}

void print(const CompareCommand& command, const std::vector<Difference>& found, std::size_t compared,
           std::size_t pairs) {
  const std::string before = command.path.empty() ? "before" : command.value_before;
  const std::string after = command.path.empty() ? "after" : command.value_after;
  const std::size_t width = std::max(before.size(), after.size());
  for (const Difference& difference : found) {
    fmt::print("{} {}: {}\n  {:<{}}  {}\n  {:<{}}  {}\n  p = {:.2g}\n", verdict_of(difference),
               name_of(difference), difference.quantity, before, width, difference.before, after, width,
               difference.after, difference.p);
  }
  fmt::print(
      "{} pair{} of cells, {} comparison{}, {} real difference{}: p < {} by Fisher's exact test for "
      "rates and\nMann's and Whitney's for times, corrected for their number (Holm)\n",
      pairs, pairs == 1 ? "" : "s", compared, compared == 1 ? "" : "s", found.size(),
      found.size() == 1 ? "" : "s", kReal);
}

void print_json(const std::vector<Difference>& found, std::size_t compared, std::size_t pairs) {
  nlohmann::json list = nlohmann::json::array();
  for (const Difference& difference : found)
    list.push_back({{"scenario", difference.pair.second->cell.scenario},
                    {"subject", difference.pair.second->cell.subject},
                    {"settings", difference.pair.second->cell.settings},
                    {"quantity", difference.quantity},
                    {"before", difference.before},
                    {"after", difference.after},
                    {"p", difference.p},
                    {"verdict", verdict_of(difference)}});
  fmt::print("{}\n",
             nlohmann::json{{"pairs", pairs}, {"comparisons", compared}, {"differences", list}}.dump(2));
}

/// "subject.guarantee=probe,at-least-once"
void parse_between(const std::string& text, CompareCommand& command) {
  const std::size_t equals = text.find('=');
  const std::size_t comma = text.find(',', equals == std::string::npos ? 0 : equals);
  if (equals == 0 || equals == std::string::npos || comma == std::string::npos)
    throw InputError(
        fmt::format("--between: found \"{}\", expected path=before,after, such as "
                    "subject=notification-2025-11,notification",
                    text));
  command.path = text.substr(0, equals);
  command.value_before = text.substr(equals + 1, comma - equals - 1);
  command.value_after = text.substr(comma + 1);
}

}  // namespace

CompareCommand parse_compare(const std::vector<std::string>& arguments) {
  po::options_description named;
  named.add_options()("database", po::value<std::vector<std::string>>())("between", po::value<std::string>())(
      "json", po::bool_switch());
  po::positional_options_description positional;
  positional.add("database", -1);
  const po::variables_map values = parse_arguments(arguments, named, positional);
  const auto databases = values.count("database") != 0 ? values["database"].as<std::vector<std::string>>()
                                                       : std::vector<std::string>();
  CompareCommand command;
  if (values.count("between") != 0) parse_between(values["between"].as<std::string>(), command);
  const bool within_one = !command.path.empty() && databases.size() == 1;
  if (databases.size() != 2 && !within_one)
    throw InputError(fmt::format(
        "compare: found {} database{}, expected two (before and after), or one and --between PATH=A,B",
        databases.size(), databases.size() == 1 ? "" : "s"));
  command.before = databases.front();
  command.after = databases.back();
  command.json = values["json"].as<bool>();
  return command;
}

int compare_command(const CompareCommand& command) {
  const std::vector<CellSummary> first = cells_of(command.before);
  const std::vector<CellSummary> second = cells_of(command.after);
  const std::vector<evidence::Pair> pairs = pairs_of(command, first, second);
  if (pairs.empty())
    throw InputError(fmt::format("compare: no cell of {} has a counterpart in {}{}", command.after,
                                 command.before,
                                 command.path.empty() ? "" : " with another " + command.path));
  std::size_t compared = 0;
  const std::vector<Difference> found = evidence::differences(pairs, kReal, compared);
  if (command.json) {
    print_json(found, compared, pairs.size());
  } else {
    print(command, found, compared, pairs.size());
  }
  const bool is_worse = std::any_of(found.begin(), found.end(),
                                    [](const Difference& difference) { return difference.is_worse; });
  return is_worse ? kViolated : kHolds;
}

}  // namespace racebed::cli
