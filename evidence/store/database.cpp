#include "evidence/store/database.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "evidence/store/run_writer.hpp"
#include "evidence/store/schema.hpp"
#include "evidence/store/writer_lock.hpp"

namespace racebed::evidence {
namespace {

using SQLite::Statement;

std::uint64_t seed_of(const std::string& text) {
  return std::stoull(text);
}

std::vector<Outcome> outcomes_of(const std::string& text) {
  std::vector<Outcome> outcomes;
  for (const char letter : text) outcomes.push_back(static_cast<Outcome>(letter));
  return outcomes;
}

Cell read_cell(Statement& row) {
  Cell cell;
  cell.id = row.getColumn(0).getInt64();
  cell.scenario = row.getColumn(1).getString();
  cell.subject = row.getColumn(2).getString();
  cell.settings = row.getColumn(3).getString();
  cell.is_canary = row.getColumn(4).getInt() != 0;
  cell.is_exhibit = row.getColumn(5).getInt() != 0;
  cell.title = row.getColumn(6).getString();
  cell.risk = row.getColumn(7).getString();
  cell.likelihood = row.getColumn(8).getString();
  cell.impact = row.getColumn(9).getString();
  cell.level = row.getColumn(10).getString();
  cell.source = row.getColumn(11).getString();
  cell.moment = row.getColumn(12).getString();
  return cell;
}

constexpr const char* kCellColumns =
    "id, scenario, subject, settings, canary, exhibit, title, risk, likelihood, impact, level, source, "
    "moment";

std::vector<std::uint64_t> seeds_in(SQLite::Database& database, const std::string& table, std::int64_t cell) {
  std::vector<std::uint64_t> seeds;
  Statement rows(database, "SELECT seed FROM " + table + " WHERE cell = ? ORDER BY seed");
  bind_all(rows, cell);
  while (rows.executeStep()) seeds.push_back(seed_of(rows.getColumn(0).getString()));
  return seeds;
}

/// The rows of a statement, each field in quotes, one row a line.
std::string dump(SQLite::Database& database, const std::string& sql) {
  std::string text;
  Statement rows(database, sql);
  while (rows.executeStep()) {
    for (int i = 0; i < rows.getColumnCount(); ++i)
      text += fmt::format("{}\"{}\"", i == 0 ? "" : " ", rows.getColumn(i).getString());
    text += '\n';
  }
  return text;
}

SQLite::Database opened(const std::string& path, Database::Mode mode) {
  const bool writes = mode == Database::Mode::write;
  if (!writes && !std::filesystem::exists(path))
    throw StoreError(fmt::format("{}: no such file, expected a database of racebed sweep", path));
  try {
    return SQLite::Database(
        path, writes ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READONLY, 5000);
  } catch (const SQLite::Exception& error) {
    throw StoreError(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace

struct Database::State {
  State(const std::string& where, Mode mode)
      : path(where), lock(where, mode == Mode::write), database(opened(where, mode)) {}
  std::string path;
  WriterLock lock;
  mutable SQLite::Database database;

  std::string meta(const std::string& key) const {
    Statement row(database, "SELECT value FROM meta WHERE key = ?");
    bind_all(row, key);
    return row.executeStep() ? row.getColumn(0).getString() : std::string();
  }
  void set_meta(const std::string& key, const std::string& value) const {
    Statement row(database, "INSERT OR REPLACE INTO meta VALUES(?, ?)");
    bind_all(row, key, value);
    row.exec();
  }

  void check() const {
    if (!database.tableExists("meta") || meta("schema").empty())
      throw StoreError(path + ": this is no database of racebed sweep");
    const std::string version = meta("schema");
    if (version != std::to_string(kSchemaVersion))
      throw StoreError(
          fmt::format("{}: found schema version {}, expected {}", path, version, kSchemaVersion));
  }
  void make() {
    const auto tables = database.execAndGet("SELECT count(*) FROM sqlite_master").getInt();
    if (tables != 0) check();  // before anything is written: the file may be somebody else's
    // A killed writer leaves a log that the next one reads; what was committed is there.
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = NORMAL");
    database.exec("PRAGMA foreign_keys = ON");
    SQLite::Transaction transaction(database);
    if (tables == 0) {
      database.exec(kSchema);
      set_meta("schema", std::to_string(kSchemaVersion));
    }
    transaction.commit();
  }
};

Database::Database(const std::string& path, Mode mode) : state_(std::make_unique<State>(path, mode)) {
  try {
    if (mode == Mode::write) state_->make();
    state_->check();
  } catch (const SQLite::Exception& error) {
    throw StoreError(fmt::format("{}: {}, expected a database of racebed sweep", path, error.what()));
  }
}

Database::Database(Database&&) noexcept = default;
Database::~Database() = default;

void Database::set_invariants(const std::vector<InvariantName>& wanted) {
  const std::vector<InvariantName> known = invariants();
  if (known == wanted) return;
  if (!known.empty())
    throw StoreError(
        fmt::format("{}: made by a racebed with other invariants ({} of them, now {}); choose "
                    "another file",
                    state_->path, known.size(), wanted.size()));
  SQLite::Transaction transaction(state_->database);
  Statement row(state_->database, "INSERT INTO invariants VALUES(?, ?, ?)");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    bind_all(row, static_cast<std::int64_t>(i), wanted[i].id, wanted[i].sentence);
    row.exec();
    row.reset();
  }
  transaction.commit();
}

std::vector<InvariantName> Database::invariants() const {
  std::vector<InvariantName> names;
  Statement rows(state_->database, "SELECT id, sentence FROM invariants ORDER BY position");
  while (rows.executeStep()) names.push_back({rows.getColumn(0).getString(), rows.getColumn(1).getString()});
  return names;
}

void Database::set_program(const std::string& version) {
  state_->set_meta("program", version);
}

std::string Database::program() const {
  return state_->meta("program");
}

Cell Database::cell(Cell wanted) {
  Statement known(state_->database, fmt::format("SELECT {} FROM cells WHERE scenario = ? AND subject = ? "
                                                "AND settings = ? AND canary = ?",
                                                kCellColumns));
  bind_all(known, wanted.scenario, wanted.subject, wanted.settings, wanted.is_canary ? 1 : 0);
  if (known.executeStep()) return read_cell(known);
  Statement row(state_->database, fmt::format("INSERT INTO cells({}) VALUES(NULL{})", kCellColumns,
                                              ", ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"));
  bind_all(row, wanted.scenario, wanted.subject, wanted.settings, wanted.is_canary ? 1 : 0,
           wanted.is_exhibit ? 1 : 0, wanted.title, wanted.risk, wanted.likelihood, wanted.impact,
           wanted.level, wanted.source, wanted.moment);
  row.exec();
  wanted.id = state_->database.getLastInsertRowid();
  return wanted;
}

std::vector<Cell> Database::cells() const {
  std::vector<Cell> cells;
  Statement rows(
      state_->database,
      fmt::format("SELECT {} FROM cells ORDER BY canary, scenario, subject, settings", kCellColumns));
  while (rows.executeStep()) cells.push_back(read_cell(rows));
  return cells;
}

std::vector<std::uint64_t> Database::seeds(std::int64_t cell) const {
  return seeds_in(state_->database, "runs", cell);
}

void Database::add(const std::vector<Run>& runs, const Stamp& stamp) {
  SQLite::Transaction transaction(state_->database);
  RunWriter writer(state_->database);
  for (const Run& run : runs) writer.write(run, stamp);
  transaction.commit();
}

void Database::each_run(std::int64_t cell, const std::function<void(const Run&)>& visit) const {
  Statement rows(state_->database,
                 "SELECT seed, broken, hash, steps, virtual_us, moments, outcomes, measures FROM runs "
                 "WHERE cell = ? ORDER BY seed");
  Statement violations(state_->database,
                       "SELECT invariant, what, kind, count FROM violations WHERE cell = ? AND seed = ? "
                       "ORDER BY invariant");
  bind_all(rows, cell);
  while (rows.executeStep()) {
    Run run;
    run.cell = cell;
    const std::string seed = rows.getColumn(0).getString();
    run.seed = seed_of(seed);
    run.broken = rows.getColumn(1).getString();
    run.hash = rows.getColumn(2).getString();
    run.steps = static_cast<std::uint64_t>(rows.getColumn(3).getInt64());
    run.virtual_us = rows.getColumn(4).getInt64();
    run.moments = static_cast<std::uint64_t>(rows.getColumn(5).getInt64());
    run.outcomes = outcomes_of(rows.getColumn(6).getString());
    read_measures(rows.getColumn(7).getString(), run);
    if (std::find(run.outcomes.begin(), run.outcomes.end(), Outcome::violated) != run.outcomes.end()) {
      bind_all(violations, cell, seed);
      while (violations.executeStep())
        run.violations.push_back({violations.getColumn(0).getString(), violations.getColumn(1).getString(),
                                  violations.getColumn(2).getString(),
                                  static_cast<std::uint64_t>(violations.getColumn(3).getInt64())});
      violations.reset();
    }
    visit(run);
  }
}

void Database::set_record(const Failure& failure, const std::string& record) {
  Statement row(state_->database,
                "UPDATE failures SET record = ? WHERE cell = ? AND invariant = ? AND kind = ? AND seed = ?");
  bind_all(row, record, failure.cell, failure.invariant, failure.kind, seed_text(failure.seed));
  row.exec();
}

std::vector<Failure> Database::failures() const {
  std::vector<Failure> failures;
  Statement rows(
      state_->database,
      "SELECT cell, invariant, kind, seed, what, hash, record, version, first_seen, last_seen, times "
      "FROM failures ORDER BY cell, invariant, kind");
  while (rows.executeStep()) {
    Failure failure;
    failure.cell = rows.getColumn(0).getInt64();
    failure.invariant = rows.getColumn(1).getString();
    failure.kind = rows.getColumn(2).getString();
    failure.seed = seed_of(rows.getColumn(3).getString());
    failure.what = rows.getColumn(4).getString();
    failure.hash = rows.getColumn(5).getString();
    failure.record = rows.getColumn(6).getString();
    failure.version = rows.getColumn(7).getString();
    failure.first_seen = rows.getColumn(8).getString();
    failure.last_seen = rows.getColumn(9).getString();
    failure.times = static_cast<std::uint64_t>(rows.getColumn(10).getInt64());
    failures.push_back(std::move(failure));
  }
  return failures;
}

std::vector<Night> Database::nights() const {
  std::vector<Night> nights;
  Statement rows(state_->database,
                 "SELECT began, version, cell, runs, reached, violated FROM nights "
                 "ORDER BY began, version, cell");
  const auto count = [&](int column) {
    return static_cast<std::uint64_t>(rows.getColumn(column).getInt64());
  };
  while (rows.executeStep())
    nights.push_back({rows.getColumn(0).getString(), rows.getColumn(1).getString(),
                      rows.getColumn(2).getInt64(), count(3), count(4), count(5)});
  return nights;
}

std::vector<std::uint64_t> Database::portrayed(std::int64_t cell) const {
  return seeds_in(state_->database, "portraits", cell);
}

std::optional<Portrait> Database::portrait(std::int64_t cell, std::uint64_t seed) const {
  Statement row(state_->database, "SELECT portrait FROM portraits WHERE cell = ? AND seed = ?");
  bind_all(row, cell, seed_text(seed));
  if (!row.executeStep()) return std::nullopt;
  return read_portrait(row.getColumn(0).getString());
}

void Database::set_portrait(std::int64_t cell, std::uint64_t seed, const Portrait& portrait) {
  Statement row(state_->database, "INSERT OR REPLACE INTO portraits VALUES(?, ?, ?)");
  bind_all(row, cell, seed_text(seed), to_text(portrait));
  row.exec();
}

std::string Database::contents() const {
  const auto table = [](const std::string& name, const std::string& columns, const std::string& order) {
    const std::string cell = "canary, scenario, subject, settings, ";
    return "SELECT " + cell + columns + " FROM cells JOIN " + name + " ON " + name +
           ".cell = cells.id ORDER BY " + cell + order;
  };
  SQLite::Database& database = state_->database;
  return dump(database,
              table("runs", "seed, broken, hash, steps, virtual_us, moments, outcomes, measures", "seed")) +
         dump(database, table("violations", "seed, invariant, what, kind, count", "seed, invariant")) +
         dump(database, table("failures", "invariant, kind, seed, what, hash, times", "invariant, kind"));
}

void Database::merge(const Database& other) {
  if (!other.invariants().empty()) set_invariants(other.invariants());
  if (program().empty()) set_program(other.program());
  std::map<std::int64_t, std::int64_t> ours;  // by their number
  for (const Cell& theirs : other.cells()) {
    const std::int64_t own = ours[theirs.id] = cell(theirs).id;
    std::vector<Run> runs;
    other.each_run(theirs.id, [&](const Run& run) {
      runs.push_back(run);
      runs.back().cell = own;
    });
    add(runs, {other.program(), ""});
    for (const std::uint64_t seed : other.portrayed(theirs.id))
      set_portrait(own, seed, *other.portrait(theirs.id, seed));
  }
  merge_history(other, ours);
}

/// The runs told what failed; when it was seen, by which sweep, and what a replay needs, stands beside them.
void Database::merge_history(const Database& other, const std::map<std::int64_t, std::int64_t>& ours) {
  SQLite::Transaction transaction(state_->database);
  Statement kept(state_->database, R"(
    UPDATE failures SET
      first_seen = CASE WHEN first_seen = '' THEN ?1 ELSE min(first_seen, ?1) END,
      last_seen = max(last_seen, ?2),
      record = CASE WHEN record = '' AND seed = ?3 THEN ?4 ELSE record END
    WHERE cell = ?5 AND invariant = ?6 AND kind = ?7)");
  for (const Failure& failure : other.failures()) {
    bind_all(kept, failure.first_seen, failure.last_seen, seed_text(failure.seed), failure.record,
             ours.at(failure.cell), failure.invariant, failure.kind);
    kept.exec();
    kept.reset();
  }
  Statement added(state_->database, "INSERT OR IGNORE INTO nights VALUES(?, ?, ?, ?, ?, ?)");
  for (const Night& night : other.nights()) {
    bind_all(added, night.began, night.version, ours.at(night.cell), static_cast<std::int64_t>(night.runs),
             static_cast<std::int64_t>(night.reached), static_cast<std::int64_t>(night.violated));
    added.exec();
    added.reset();
  }
  transaction.commit();
}

}  // namespace racebed::evidence
