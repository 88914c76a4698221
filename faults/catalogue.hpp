// The faults there are, as data: what each is, what it stands for in production, what can be set about it.
#pragma once

#include <string_view>
#include <vector>

namespace racebed::faults {

struct FaultInfo {
  std::string_view id;
  std::string_view family;      // "process", "tls" ...
  std::string_view stands_for;  // one sentence
  std::string_view parameters;  // with units and ranges
};

const std::vector<FaultInfo>& catalogue();

}  // namespace racebed::faults
