// `racebed serve`: the fake world on real sockets, until a signal asks it to end.
#pragma once

#include <string>
#include <vector>

namespace racebed::cli {

/// Returns the exit status. Throws InputError on bad usage.
int serve(const std::vector<std::string>& arguments);

extern const char* const kServeHelp;

}  // namespace racebed::cli
