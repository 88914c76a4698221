// A run as a Perfetto trace (https://perfetto.dev/docs/reference/trace-packet-proto): a track for each
// process, a slice for each event, flows for what one process caused in another.
#pragma once

#include <string>
#include <vector>

#include "sim/trace.hpp"

namespace racebed::experiments {

/// The bytes of a perfetto.protos.Trace. Time is virtual, in nanoseconds; events at one moment stand a
/// nanosecond apart, in their order.
std::string perfetto_trace(const std::vector<sim::TraceEvent>& events);

}  // namespace racebed::experiments
