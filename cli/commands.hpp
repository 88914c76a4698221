// The commands of the program; each returns its exit status and throws experiments::InputError on
// bad input.
#pragma once

#include "cli/options.hpp"

namespace racebed::cli {

inline constexpr int kHolds = 0;
inline constexpr int kViolated = 1;
inline constexpr int kBadInput = 2;
inline constexpr int kOwnFault = 3;

int list(const ListOptions& options);
int run(const RunOptions& options);
int replay(const ReplayOptions& options);
/// A sweep, its report, and one race explained: writes demo.db and demo/. Always 0.
int demo(const std::vector<std::string>& arguments);

}  // namespace racebed::cli
