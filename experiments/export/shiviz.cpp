#include "experiments/export/shiviz.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>

namespace racebed::experiments {
namespace {

using Clock = std::map<std::string, std::uint64_t>;

void learn(Clock& clock, const Clock& more) {
  for (const auto& [host, time] : more) {
    std::uint64_t& known = clock[host];
    known = std::max(known, time);
  }
}

std::string host_of(const sim::TraceEvent& event) {
  return event.process.empty() ? "world" : event.process;
}

/// One line.
std::string words_of(const sim::TraceEvent& event) {
  std::string words = to_rfc3339_micro(event.time).substr(11, 15) + " " + event.kind + " " + event.fields;
  std::replace_if(
      words.begin(), words.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return words;
}

}  // namespace

std::string shiviz_log(const std::vector<sim::TraceEvent>& events) {
  std::string log;
  std::map<std::string, Clock> of_host;
  std::map<std::uint64_t, Clock> of_event;
  for (const sim::TraceEvent& event : events) {
    const std::string host = host_of(event);
    Clock& clock = of_host[host];
    if (const auto cause = of_event.find(event.cause); cause != of_event.end()) learn(clock, cause->second);
    if (event.kind != "task") {
      ++clock[host];
      log += words_of(event) + "\n" + host + " " + nlohmann::json(clock).dump() + "\n";
    }
    of_event[event.number] = clock;
  }
  return log;
}

}  // namespace racebed::experiments
