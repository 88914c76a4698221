#include "evidence/store/run_writer.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

namespace racebed::evidence {
namespace {

/// What a broken run violates.
constexpr std::string_view kBroken = "run-completes";

/// Of equal failures that of the smallest seed is kept; a record is of one seed only.
constexpr const char* kKeep = R"(
    INSERT INTO failures VALUES(?, ?, ?, ?, ?, ?, '', ?, ?, ?, 1)
    ON CONFLICT(cell, invariant, kind) DO UPDATE SET
      what = CASE WHEN excluded.seed < seed THEN excluded.what ELSE what END,
      hash = CASE WHEN excluded.seed < seed THEN excluded.hash ELSE hash END,
      record = CASE WHEN excluded.seed < seed THEN '' ELSE record END,
      seed = min(seed, excluded.seed),
      first_seen = CASE WHEN first_seen = '' THEN excluded.first_seen
                        WHEN excluded.first_seen = '' THEN first_seen
                        ELSE min(first_seen, excluded.first_seen) END,
      last_seen = max(last_seen, excluded.last_seen),
      times = times + 1)";

/// Only a run that was not there before counts.
constexpr const char* kNight = R"(
    INSERT INTO nights VALUES(?, ?, ?, 1, ?, ?)
    ON CONFLICT(began, version, cell) DO UPDATE SET
      runs = runs + 1, reached = reached + excluded.reached, violated = violated + excluded.violated)";

std::string letters(const std::vector<Outcome>& outcomes) {
  std::string text;
  for (const Outcome outcome : outcomes) text += static_cast<char>(outcome);
  return text;
}

/// Whether it changed anything.
template <class... Values>
bool put(SQLite::Statement& statement, const Values&... values) {
  bind_all(statement, values...);
  const bool changed = statement.exec() > 0;
  statement.reset();
  return changed;
}

}  // namespace

std::string seed_text(std::uint64_t seed) {
  return fmt::format("{:020}", seed);
}

std::string measures_text(const Run& run) {
  nlohmann::json json(run.measures);
  for (const auto& [name, values] : run.samples) json[name] = values;
  return json.dump();
}

void read_measures(const std::string& text, Run& run) {
  const nlohmann::json json = nlohmann::json::parse(text);
  for (const auto& [name, value] : json.items()) {
    if (value.is_array()) {
      run.samples[name] = value.get<std::vector<std::int64_t>>();
    } else {
      run.measures[name] = value.get<std::int64_t>();
    }
  }
}

RunWriter::RunWriter(SQLite::Database& database)
    : run_(database, "INSERT OR IGNORE INTO runs VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      violation_(database, "INSERT INTO violations VALUES(?, ?, ?, ?, ?, ?)"),
      failure_(database, kKeep),
      night_(database, kNight) {}

void RunWriter::write(const Run& run, const Stamp& stamp) {
  const std::string seed = seed_text(run.seed);
  const bool is_new =
      put(run_, run.cell, seed, run.broken, run.hash, static_cast<std::int64_t>(run.steps), run.virtual_us,
          static_cast<std::int64_t>(run.moments), letters(run.outcomes), measures_text(run));
  if (!is_new) return;
  if (!stamp.time.empty())
    put(night_, stamp.time, stamp.version, run.cell, run.moments > 0 ? 1 : 0, run.is_violated() ? 1 : 0);
  for (const Violation& violation : run.violations) {
    put(violation_, run.cell, seed, violation.invariant, violation.what, violation.kind,
        static_cast<std::int64_t>(violation.count));
    keep(run, seed, violation, stamp);
  }
  if (!run.broken.empty()) keep(run, seed, {std::string(kBroken), run.broken, run.broken, 1}, stamp);
}

void RunWriter::keep(const Run& run, const std::string& seed, const Violation& violation,
                     const Stamp& stamp) {
  put(failure_, run.cell, violation.invariant, violation.kind, seed, violation.what, run.hash, stamp.version,
      stamp.time, stamp.time);
}

}  // namespace racebed::evidence
