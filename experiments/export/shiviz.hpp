// Events with vector clocks, for ShiViz (https://bestchai.bitbucket.io/shiviz): two lines each, as its
// regular expression (?<event>.*)\n(?<host>\S*) (?<clock>{.*}) reads them.
#pragma once

#include <string>
#include <vector>

#include "sim/trace.hpp"

namespace racebed::experiments {

/// Hosts are lives of processes ("controller-0#2"); what no process did is done by "world". The births of
/// tasks are left out; what they carried from one process to another is not. Clocks as in F. Mattern,
/// "Virtual time and global states of distributed systems" (1989): an event knows what its cause knew.
std::string shiviz_log(const std::vector<sim::TraceEvent>& events);

}  // namespace racebed::experiments
