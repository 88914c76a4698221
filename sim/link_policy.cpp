#include "sim/link_policy.hpp"

namespace racebed::sim {

Duration CalmLinks::latency() {
  const auto steps = static_cast<std::uint64_t>(options_.latency_spread / std::chrono::microseconds{1});
  return options_.latency_min + std::chrono::microseconds{choices_.pick(steps + 1, "link-latency")};
}

LookupVerdict CalmLinks::lookup(std::string_view, std::string_view) {
  return {LookupVerdict::Outcome::found, options_.lookup_latency};
}

ConnectVerdict CalmLinks::connect(const Link&) {
  return {ConnectVerdict::Outcome::normal, latency()};
}

SegmentVerdict CalmLinks::segment(const Link&, std::size_t) {
  return {SegmentVerdict::Outcome::deliver, latency()};
}

}  // namespace racebed::sim
