// Reads scenarios: by name, from a file, with single values set. Whatever is wrong is one clear line.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "experiments/scenario/scenario.hpp"

namespace racebed::experiments {

/// Bad input: one line that says what, where and what was expected.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::string text);
};

/// A value to set: {"workload.cycles", "3"}. The value is JSON if it parses as that, else a text.
using Setting = std::pair<std::string, std::string>;

/// The names of the scenarios that come with the program, sorted.
std::vector<std::string> scenario_names();

/// `name_or_path`: one of scenario_names(), or a path to a file (anything with a '/' or ending in ".json").
/// Throws InputError.
Scenario load_scenario(const std::string& name_or_path, const std::vector<Setting>& settings = {});

/// `where` begins error messages: a file's name. Throws InputError.
Scenario parse_scenario(std::string name, const std::string& text, const std::string& where,
                        const std::vector<Setting>& settings = {});

/// Every value of it, defaults included; parse_scenario reads it back to the same.
nlohmann::json expanded(const Scenario& scenario);
/// The published JSON schema (draft 2020-12).
nlohmann::json scenario_schema();
/// The reference page, in Markdown.
std::string scenario_reference();

/// "150ms", "30s", "5m", "2h", "250us"; exact. Nothing on other text, on negative or overlong values.
std::optional<Duration> parse_duration(std::string_view text);
std::string duration_text(Duration duration);

}  // namespace racebed::experiments
