// `racebed controller`: the real core as a program, against any API server.
#pragma once

#include <string>
#include <vector>

namespace racebed::cli {

/// Returns the exit status. Throws InputError on bad usage.
int controller(const std::vector<std::string>& arguments);
std::string controller_help();

}  // namespace racebed::cli
