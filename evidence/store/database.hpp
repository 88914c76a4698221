// A database of sweep results: one SQLite file. Only one process writes it; readers may look on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "evidence/store/portrait.hpp"
#include "evidence/store/rows.hpp"

namespace racebed::evidence {

/// One line for people: what file, what is wrong with it, what was expected.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct InvariantName {
  std::string id;
  std::string sentence;
  friend bool operator==(const InvariantName&, const InvariantName&) = default;
};

class Database {
 public:
  enum class Mode { read, write };  // write: made when it is not there
  /// Throws StoreError: not there, no database, of another schema version, in use by another writer.
  Database(const std::string& path, Mode mode);
  Database(Database&&) noexcept;
  ~Database();

  /// Says once which invariants there are; later with the same, or StoreError.
  void set_invariants(const std::vector<InvariantName>& invariants);
  std::vector<InvariantName> invariants() const;
  void set_program(const std::string& version);
  std::string program() const;

  /// The cell as it is in the database, added if it is not there.
  Cell cell(Cell wanted);
  std::vector<Cell> cells() const;  // by scenario, subject, settings

  /// Seeds of finished runs, in order.
  std::vector<std::uint64_t> seeds(std::int64_t cell) const;
  /// What is added is there whole or not at all, whatever happens to this process. Runs that are there stay
  /// as they are. A violation becomes a failure, or the failure of its cell and kind is seen once more.
  void add(const std::vector<Run>& runs, const Stamp& stamp);
  /// Every run of a cell, by seed, with its violations and measures.
  void each_run(std::int64_t cell, const std::function<void(const Run&)>& visit) const;

  std::vector<Failure> failures() const;  // by scenario, subject, settings, invariant, kind
  /// Keeps what a replay of this failure needs.
  void set_record(const Failure& failure, const std::string& record);
  /// What each sweep added, in the order in which they began.
  std::vector<Night> nights() const;
  /// Seeds of the runs that have a portrait, in order.
  std::vector<std::uint64_t> portrayed(std::int64_t cell) const;
  /// Nothing if the run has none.
  std::optional<Portrait> portrait(std::int64_t cell, std::uint64_t seed) const;
  void set_portrait(std::int64_t cell, std::uint64_t seed, const Portrait& portrait);

  /// Everything of `other` that is not here, too. StoreError when the two do not fit together.
  void merge(const Database& other);

  /// Everything that is a function of the seeds, as text: equal for equal contents, however they came about.
  std::string contents() const;

 private:
  void merge_history(const Database& other, const std::map<std::int64_t, std::int64_t>& ours);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace racebed::evidence
