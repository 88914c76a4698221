// What a scenario file says: the world, the workload, what goes wrong and what must hold. Plain data with
// defaults so good that most files are short; parsed, printed and documented from one field table
// (fields.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/time.hpp"

namespace racebed::experiments {

/// A duration that is drawn once per use from [min, max], uniformly, in steps of 1 ms; min is the dullest.
struct DurationRange {
  Duration min{0};
  Duration max{0};
};

/// A count that is drawn once per use from [min, max]; min is the dullest.
struct CountRange {
  std::uint64_t min = 1;
  std::uint64_t max = 1;
};

struct WorldOptions {
  Duration time_limit = std::chrono::hours{2};  // virtual; a run that has not settled by then ends
  std::uint64_t replicas = 1;                   // controller processes
  std::uint64_t api_servers = 1;                // over one store; each client uses one of them
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
  std::uint64_t workers = 0;                   // reconciles at a time; 0: the subject's own default
  Duration deadline = std::chrono::hours{24};  // from creation; then the subject gives up (real core only)
  std::uint64_t audit_buffer = 10'000;         // records that wait for the audit service at most
};

struct WorkloadOptions {
  /// "create": `count` notifications, one every `spacing`. "create-delete": each of them is deleted again at
  /// `delete_moment`. "create-delete-create": `cycles` incarnations of one name, each deleted at
  /// `delete_moment` and created again after `gap`; the last one stays.
  std::string kind = "create";
  std::uint64_t count = 5;
  std::uint64_t namespaces = 1;  // the same under the same names in each of them, by users of its own
  std::uint64_t users = 1;  // at once; create kinds share `count`, create-delete-create has a name for each
  DurationRange spacing{Duration{0}, std::chrono::milliseconds{200}};
  std::uint64_t cycles = 10;
  std::string delete_moment = "drawn";  // "before", "during" or "after" delivery, or drawn for each cycle
  DurationRange linger{Duration{0}, std::chrono::milliseconds{200}};  // from that moment to the deletion
  DurationRange gap{Duration{0}, std::chrono::milliseconds{300}};
  Duration finalizer{0};  // each has a finalizer that is removed so long after its deletion; 0: none
  std::vector<std::string> channels{"console", "slack"};
  bool alternate = false;        // each notification has one of the channels, in turn
  std::uint64_t body_bytes = 0;  // 0: one short line
  bool secrets = false;          // the body carries credentials that must not leave
  std::uint64_t max_attempts = 5;
  std::uint64_t initial_backoff_seconds = 1;
  std::uint64_t max_backoff_seconds = 60;
};

/// A value inside an object, before and after a commit.
struct ChangeOptions {
  std::string path;        // RFC 6901, into the object: "/status/phase"
  std::string from = "*";  // "*": anything else; "": it is not there
  std::string to = "*";
};

/// One kind of fact, and its n-th occurrence. Texts left empty ask for nothing.
struct FactOptions {
  std::string event;  // a kind of fact, or a point in passing
  std::string process;
  std::string channel;
  std::string resource;
  std::string name;
  std::string operation;
  std::string fault;
  std::string detail;
  std::uint64_t status = 0;
  ChangeOptions change;
  CountRange occurrence;
};
struct AnyOptions : FactOptions {
  std::vector<FactOptions> any;  // the first of them
};
/// A moment: a fact, or the last of several, or the first of several.
struct ConditionOptions : FactOptions {
  std::vector<AnyOptions> all;
  std::vector<FactOptions> any;
  bool is_set() const { return !event.empty() || !all.empty() || !any.empty(); }
};

struct RequestOptions {
  std::vector<std::string> verbs;
  std::vector<std::string> resources;
  std::vector<std::string> clients;
};

/// One fault: what, where, when, for how long, on which opportunities (faults/catalogue has them all).
struct FaultOptions {
  std::string fault;
  std::string target;  // empty: what is usual for the fault
  std::string to = "slack";
  RequestOptions requests;
  DurationRange at;        // after the chaos began, unless `after` is set
  ConditionOptions after;  // a moment instead of a time
  DurationRange delay;     // from the moment to the act
  std::uint64_t times = 1;
  std::uint64_t chance = 100;  // percent, each time the moment comes
  Duration timeout{0};         // 0: waits as long as the chaos lasts
  std::string at_timeout = "give-up";
  DurationRange lasts;          // 0: until the faults are healed
  CountRange count{0, 0};       // of opportunities it takes; 0: all
  std::uint64_t percent = 100;  // of its opportunities that it takes
  /// Values for the fault's parameters, as read: a value, or {"min": ..., "max": ...}.
  std::map<std::string, std::string> with;  // values are JSON texts
};

/// The dangerous moment of a scenario: a run that does not reach it counts for nothing.
struct MomentOptions : ConditionOptions {
  std::string what;  // in words
};

struct InvariantOptions {
  std::string id;
  Duration within{0};             // for those that have a bound; 0: the invariant's own default
  std::string binds = "default";  // "always", or "settle": only from the healing on
};

struct Scenario {
  std::string name;
  std::string title;
  std::string risk;        // one sentence
  std::string likelihood;  // as the risk assessment rates them: "very low", "low", "medium", "high"
  std::string impact;
  std::string level;
  std::string source;
  WorldOptions world;
  SubjectOptions subject;
  WorkloadOptions workload;
  std::vector<FaultOptions> faults;
  MomentOptions moment;
  /// From the workload's begin; longer if the workload takes longer. Then the faults are healed.
  Duration chaos = std::chrono::seconds{30};
  Duration settle = std::chrono::minutes{3};  // from the healing to the final checks
  std::string judge = "all";                  // "listed": only the invariants that are listed
  std::vector<InvariantOptions> invariants;   // bounds that differ from the usual
};

}  // namespace racebed::experiments
