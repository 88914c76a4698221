// The rows of a database of sweep results, as plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace racebed::evidence {

/// A scenario with one subject and one set of settings: what its runs have in common but for the seed.
struct Cell {
  std::int64_t id = 0;  // of the database; 0: not in it yet
  std::string scenario;
  std::string subject;
  std::string settings;    // as on a command line: " --set workload.cycles=3"; empty: none
  bool is_canary = false;  // must be violated: a sweep in which it holds is worth nothing
  /// Shown beside others, for comparison: whatever it violates says nothing of the subject that is judged.
  bool is_exhibit = false;
  std::string title;
  std::string risk;        // the sentence
  std::string likelihood;  // and how it is rated
  std::string impact;
  std::string level;
  std::string source;
  std::string moment;  // the dangerous moment, in words; empty: it has none
  bool is_judged() const { return !is_canary && !is_exhibit; }
};

/// What the settings set, by path: {"workload.cycles", "3"}.
std::map<std::string, std::string> settings_of(const Cell& cell);

/// How an invariant fared in one run; the letter that stands for it in the table.
enum class Outcome : char { not_reached = 'n', held = 'h', allowed = 'a', violated = 'v' };

struct Violation {
  std::string invariant;
  std::string what;  // the first, in words
  std::string kind;  // the same without names and numbers: what makes failures of one kind alike
  std::uint64_t count = 0;
};

struct Run {
  std::int64_t cell = 0;
  std::uint64_t seed = 0;
  /// Empty: it came to its end. Else why it did not: "signal 11", "timed out after 60 s".
  std::string broken;
  std::string hash;
  std::uint64_t steps = 0;
  std::int64_t virtual_us = 0;
  std::uint64_t moments = 0;  // how often the dangerous moment came
  /// In the order of Database::invariants(); empty for a broken run.
  std::vector<Outcome> outcomes;
  std::vector<Violation> violations;
  /// Numbers that were measured, by name: "latency_p95_us", "connections" ... (sweep/measure.hpp has the
  /// list)
  std::map<std::string, std::int64_t> measures;
  /// And many of one kind: "latency_us", one for each delivery.
  std::map<std::string, std::vector<std::int64_t>> samples;
  bool is_violated() const { return !violations.empty() || !broken.empty(); }
};

/// Who saw something, and when: a sweep that began then.
struct Stamp {
  std::string version;  // of the program
  std::string time;     // RFC 3339
};

/// A failure that is kept: the first seed of its cell and kind.
struct Failure {
  std::int64_t cell = 0;
  std::string invariant;
  std::string kind;
  std::uint64_t seed = 0;
  std::string what;
  std::string hash;
  std::string record;      // the recorded choices, as `racebed replay` reads them; empty: none was made
  std::string version;     // of the program that saw it first
  std::string first_seen;  // RFC 3339
  std::string last_seen;
  std::uint64_t times = 0;
};

/// What one sweep added to a cell.
struct Night {
  std::string began;  // RFC 3339: the sweep's
  std::string version;
  std::int64_t cell = 0;
  std::uint64_t runs = 0;
  std::uint64_t reached = 0;
  std::uint64_t violated = 0;
};

}  // namespace racebed::evidence
