#include "evidence/store/rows.hpp"

#include <string_view>

namespace racebed::evidence {

std::map<std::string, std::string> settings_of(const Cell& cell) {
  constexpr std::string_view kSet = "--set ";
  std::map<std::string, std::string> settings;
  std::string_view rest = cell.settings;
  for (std::size_t at = rest.find(kSet); at != std::string_view::npos; at = rest.find(kSet)) {
    rest.remove_prefix(at + kSet.size());
    const bool quoted = rest.starts_with('\'');
    if (quoted) rest.remove_prefix(1);
    const std::string_view setting = rest.substr(0, rest.find(quoted ? '\'' : ' '));
    rest.remove_prefix(setting.size());
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos) continue;
    settings[std::string(setting.substr(0, equals))] = setting.substr(equals + 1);
  }
  return settings;
}

}  // namespace racebed::evidence
