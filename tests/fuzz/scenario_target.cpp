#include <nlohmann/json.hpp>

#include "experiments/scenario/load.hpp"
#include "runtime/assert.hpp"
#include "tests/fuzz/server.hpp"
#include "tests/fuzz/targets.hpp"

namespace racebed::fuzz {
namespace {

using experiments::InputError;
using experiments::Scenario;
using experiments::Setting;

constexpr std::size_t kSettingsMax = 8;

/// "PATH=VALUE", a line each.
std::vector<Setting> settings_of(std::string_view bytes) {
  std::vector<Setting> settings;
  while (!bytes.empty() && settings.size() < kSettingsMax) {
    const std::string_view line = take_line(bytes);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    settings.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  return settings;
}

/// One line that names the file (or the setting), says where in it, and ends before it bores.
void check_refusal(const std::string& text) {
  constexpr std::size_t kRefusalMax =
      8192;  // the longest list of words that a value may be, and an input's path
  RACEBED_ASSERT(text.find('\n') == std::string::npos && text.find('\r') == std::string::npos,
                 "a refusal is one line: " + text);
  const bool names_its_place = text.starts_with("x.json:") || text.starts_with("--set");
  RACEBED_ASSERT(names_its_place, "a refusal begins with the file or --set: " + text);
  RACEBED_ASSERT(text.find(": ") + 2 < text.size(), "a refusal says what: " + text);
  (void)nlohmann::json(text).dump();  // throws when it is no UTF-8
  RACEBED_ASSERT(text.size() <= kRefusalMax, "a refusal is short: " + std::to_string(text.size()));
}

}  // namespace

void scenario(std::string_view bytes) {
  const auto [document, tail] = split(bytes);
  Scenario loaded;
  try {
    loaded = experiments::parse_scenario("x", std::string(document), "x.json", settings_of(tail));
  } catch (const InputError& error) {
    return check_refusal(error.what());
  }
  const std::string printed = experiments::expanded(loaded).dump();
  try {
    const Scenario again = experiments::parse_scenario("x", printed, "printed.json");
    RACEBED_ASSERT(experiments::expanded(again).dump() == printed,
                   "what was printed loads to the same: " + printed);
  } catch (const InputError& error) {
    RACEBED_ASSERT(false, "what was printed loads: " + std::string(error.what()));
  }
}

}  // namespace racebed::fuzz
