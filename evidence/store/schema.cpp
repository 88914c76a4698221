#include "evidence/store/schema.hpp"

namespace racebed::evidence {

const char* const kSchema = R"(
-- What the file is: 'schema' (its version), 'program' (the version of the racebed that made it).
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- The invariants, in the order of the letters in runs.outcomes.
CREATE TABLE invariants(position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sentence TEXT NOT NULL);

-- A scenario with one subject and one set of settings. A canary must be violated; an exhibit is not judged.
CREATE TABLE cells(
  id INTEGER PRIMARY KEY,
  scenario TEXT NOT NULL, subject TEXT NOT NULL, settings TEXT NOT NULL, canary INTEGER NOT NULL,
  exhibit INTEGER NOT NULL, title TEXT NOT NULL, risk TEXT NOT NULL, likelihood TEXT NOT NULL, impact TEXT NOT NULL, level TEXT NOT NULL,
  source TEXT NOT NULL, moment TEXT NOT NULL,
  UNIQUE(scenario, subject, settings, canary));

-- One row for each run: a pure function of cell and seed. No time of day is in it.
CREATE TABLE runs(
  cell INTEGER NOT NULL REFERENCES cells(id),
  seed TEXT NOT NULL,           -- decimal, of 20 digits: SQLite has no unsigned integers
  broken TEXT NOT NULL,         -- empty: the run came to its end; else why it did not
  hash TEXT NOT NULL,
  steps INTEGER NOT NULL,
  virtual_us INTEGER NOT NULL,  -- its length, in microseconds of virtual time
  moments INTEGER NOT NULL,     -- how often the scenario's dangerous moment came
  outcomes TEXT NOT NULL,       -- a letter for each invariant: n not reached, h held, a allowed, v violated
  measures TEXT NOT NULL,       -- JSON: numbers that were measured, by name; lists: a number for each of many
  PRIMARY KEY(cell, seed)) WITHOUT ROWID;

-- The first violation of each invariant that a run violates, and how many there were.
CREATE TABLE violations(
  cell INTEGER NOT NULL, seed TEXT NOT NULL, invariant TEXT NOT NULL,
  what TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(cell, seed, invariant), FOREIGN KEY(cell, seed) REFERENCES runs(cell, seed)) WITHOUT ROWID;

-- Failures that are kept: of each cell and kind the smallest seed, with what a replay needs.
CREATE TABLE failures(
  cell INTEGER NOT NULL REFERENCES cells(id), invariant TEXT NOT NULL, kind TEXT NOT NULL,
  seed TEXT NOT NULL, what TEXT NOT NULL, hash TEXT NOT NULL, record TEXT NOT NULL,
  version TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, times INTEGER NOT NULL,
  PRIMARY KEY(cell, invariant, kind)) WITHOUT ROWID;

-- What single runs looked like, as JSON: the first of each cell, and one of each failure.
CREATE TABLE portraits(
  cell INTEGER NOT NULL REFERENCES cells(id), seed TEXT NOT NULL, portrait TEXT NOT NULL,
  PRIMARY KEY(cell, seed)) WITHOUT ROWID;

-- What each sweep added to a cell.
CREATE TABLE nights(
  began TEXT NOT NULL, version TEXT NOT NULL, cell INTEGER NOT NULL REFERENCES cells(id),
  runs INTEGER NOT NULL, reached INTEGER NOT NULL, violated INTEGER NOT NULL,
  PRIMARY KEY(began, version, cell)) WITHOUT ROWID;
)";

}  // namespace racebed::evidence
