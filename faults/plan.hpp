// A fault of one scenario as data: what, where, when, how long, on which opportunities. Ranges are drawn from
// the run's choices when the fault is armed or begins to act.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faults/armed_trigger.hpp"
#include "faults/catalogue/catalogue.hpp"
#include "runtime/time.hpp"

namespace racebed::faults {

/// Drawn uniformly from [min, max] in steps of `step`.
struct Range {
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::int64_t step = 1;
};

/// Which requests to an API server. Empty members ask for nothing.
struct RequestFilter {
  std::vector<std::string> verbs{};      // "GET", "PUT" ... and "WATCH"
  std::vector<std::string> resources{};  // plurals; "notificationrequests/status" is that subresource only
  std::vector<std::string> clients{};    // processes; "controllers" is all of them
};

struct FaultPlan {
  const FaultInfo* info = nullptr;
  std::string target{};  // see Place; resolved when the fault begins to act
  std::string to{};      // of Place::link: the other host
  RequestFilter requests{};
  std::optional<Trigger> trigger{};  // nothing: at a time
  Range at{};                        // without a trigger: after the chaos phase began
  Range delay{};                     // from the moment that the trigger waits for to the act
  Range lasts{};                     // 0: until the faults are healed
  std::uint64_t count = 0;           // of opportunities it takes at most, each time it acts; 0: all
  std::uint64_t percent = 100;       // of its opportunities that it takes, drawn one by one
  std::vector<Range> values{};       // one for each of info->parameters
};

}  // namespace racebed::faults
