// The statements that put runs into a database, and keep its failures in step. For database.cpp.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

#include "evidence/store/rows.hpp"

namespace racebed::evidence {

/// As the tables hold it: decimal, of 20 digits, so that texts are in the order of numbers.
std::string seed_text(std::uint64_t seed);

/// The measures and samples of a run, as its row holds them, and back.
std::string measures_text(const Run& run);
void read_measures(const std::string& text, Run& run);

/// Binds `values` to the statement's parameters, from the first on.
template <class... Values>
void bind_all(SQLite::Statement& statement, const Values&... values) {
  int position = 0;
  (statement.bind(++position, values), ...);
}

class RunWriter {
 public:
  explicit RunWriter(SQLite::Database& database);
  /// Nothing when the run is there.
  void write(const Run& run, const Stamp& stamp);

 private:
  void keep(const Run& run, const std::string& seed, const Violation& violation, const Stamp& stamp);

  SQLite::Statement run_;
  SQLite::Statement violation_;
  SQLite::Statement failure_;
  SQLite::Statement night_;
};

}  // namespace racebed::evidence
