// What a scenario file says: the world, the workload, what goes wrong and what must hold. Plain data with
// defaults so good that most files are short; parsed, printed and documented from one field table
// (fields.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/time.hpp"

namespace racebed::experiments {

/// A duration that is drawn once per use from [min, max], uniformly, in steps of 1 ms; min is the dullest.
struct DurationRange {
  Duration min{0};
  Duration max{0};
};

struct WorldOptions {
  Duration time_limit = std::chrono::minutes{30};  // virtual; a run that has not settled by then ends
  std::uint64_t replicas = 1;                      // controller processes
  DurationRange api_latency{std::chrono::milliseconds{1}, std::chrono::milliseconds{4}};  // each way
  DurationRange watch_lag{Duration{0},
                          std::chrono::milliseconds{50}};  // of the API server's watch cache, per change
  bool slack_tls = true;                                   // real TLS; false: plain HTTP, for speed
  std::string slack_api = "web-api";                       // "web-api" (can be asked) or "webhook"
  std::string slack_certificate = "good";                  // a ChainKind
  DurationRange slack_think{std::chrono::milliseconds{10}, std::chrono::milliseconds{50}};
  Duration restart_delay =
      std::chrono::seconds{1};  // from the end of a controller to its next life; 0: never
};

struct SubjectOptions {
  std::string name = "notification";
  std::string guarantee =
      "default";  // "at-least-once", "at-most-once", "probe"; default: what the channel can do
  std::string tls = "fail-fast";  // or "retry"
  bool leader_election = true;
  std::uint64_t workers = 4;
};

struct WorkloadOptions {
  /// "create": `count` notifications, one every `spacing`. "create-delete-create": `cycles` incarnations of
  /// one name, each deleted at `delete_moment` and created again after `gap`; the last one stays.
  std::string kind = "create";
  std::uint64_t count = 5;
  DurationRange spacing{Duration{0}, std::chrono::milliseconds{200}};
  std::uint64_t cycles = 10;
  std::string delete_moment = "drawn";  // "before", "during" or "after" delivery, or drawn for each cycle
  DurationRange gap{Duration{0}, std::chrono::milliseconds{300}};
  std::vector<std::string> channels{"console", "slack"};
  std::uint64_t max_attempts = 5;
  std::uint64_t initial_backoff_seconds = 1;
  std::uint64_t max_backoff_seconds = 60;
};

struct FaultOptions {
  std::string fault = "process-kill";
  std::string target = "leader";  // "leader", or a process's name
  std::string when = "trigger";   // "trigger" or "drawn"
  /// trigger: after the n-th acceptance of a message by Slack, before its answer; n is drawn from [1,
  /// occurrence_max].
  std::string trigger = "delivered";
  std::uint64_t occurrence_max = 20;
  DurationRange at{std::chrono::milliseconds{0},
                   std::chrono::seconds{10}};  // drawn: after the workload began
};

struct InvariantOptions {
  std::string id;
  Duration within{0};  // for those that have a bound; 0: the invariant's own default
};

struct Scenario {
  std::string name;
  std::string title;
  std::string risk;   // one sentence
  std::string level;  // "low", "medium", "high"
  std::string source;
  WorldOptions world;
  SubjectOptions subject;
  WorkloadOptions workload;
  std::vector<FaultOptions> faults;
  Duration settle = std::chrono::minutes{3};  // after the workload's end, before the final checks
  std::vector<InvariantOptions> invariants;   // empty: all
};

}  // namespace racebed::experiments
