#include "faults/catalogue/catalogue.hpp"

#include <algorithm>
#include <array>

namespace racebed::faults {

std::string_view to_text(Place place) {
  static constexpr std::array<std::string_view, 7> kNames = {"slack",   "link", "names", "api",
                                                             "process", "host", "users"};
  return kNames[static_cast<std::size_t>(place)];
}

int FaultInfo::parameter(std::string_view name) const {
  const auto found =
      std::ranges::find_if(parameters, [&](const ParameterInfo& info) { return info.name == name; });
  return found == parameters.end() ? -1 : static_cast<int>(found - parameters.begin());
}

const std::vector<FaultInfo>& catalogue() {
  static const std::vector<FaultInfo> all = [] {
    std::vector<FaultInfo> made;
    for (const auto& part : {slack_catalogue(), network_catalogue(), api_catalogue(), process_catalogue(),
                             host_catalogue(), user_catalogue()}) {
      made.insert(made.end(), part.begin(), part.end());
    }
    return made;
  }();
  return all;
}

const FaultInfo* find_fault(std::string_view id) {
  const auto found = std::ranges::find_if(catalogue(), [&](const FaultInfo& info) { return info.id == id; });
  return found == catalogue().end() ? nullptr : &*found;
}

}  // namespace racebed::faults
