// A recorded run: everything that a replay needs and everything that it is compared with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "experiments/run/run.hpp"
#include "experiments/scenario/scenario.hpp"

namespace racebed::experiments {

inline constexpr int kRecordFormat = 1;

/// A trace event as it was recorded.
struct RecordedEvent {
  std::int64_t time_ns = 0;  // virtual, since the Unix epoch
  std::string process;
  std::string kind;
  std::string fields;
  std::uint64_t digest = 0;
};

struct Record {
  Scenario scenario;
  std::string subject;
  std::uint64_t seed = 0;
  std::vector<std::unique_ptr<std::string>> sites;  // what the choices' sites refer to
  std::vector<sim::Choice> choices;
  std::vector<RecordedEvent> events;
  std::string hash;                       // of the whole run
  std::vector<std::string> layer_hashes;  // choices, order, times, contents
};

std::string record_text(const Scenario& scenario, const std::string& subject, const RunResult& run,
                        const std::vector<RecordedEvent>& events);
/// Throws InputError: unreadable, not a record, of another format or version.
Record parse_record(const std::string& text, const std::string& where);

RecordedEvent recorded(const sim::TraceEvent& event);

struct Replay {
  RunResult run;
  /// Empty when everything was equal; else the first thing that differed, in words.
  std::string divergence;
};
Replay replay(const Record& record);

}  // namespace racebed::experiments
