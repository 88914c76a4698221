// The language of triggers, as data: a moment is a fact of the ledger with certain properties, or its n-th
// occurrence, or several such moments together. Evaluated fact by fact, as each is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/ledger/fact.hpp"
#include "models/ledger/ledger.hpp"

namespace racebed::faults {

/// A value inside an object went from one state to another by a commit. Texts stand for themselves, other
/// values for their JSON; "" is what is not there.
struct StateChange {
  std::string pointer{};              // RFC 6901, into the object: "/status/phase"
  std::optional<std::string> from{};  // nothing: from anything else
  std::optional<std::string> to{};    // nothing: to anything else
};

/// What a fact must be. Members left empty ask for nothing; one that the kind of fact does not have matches
/// nothing.
struct FactPattern {
  /// models::kind_of ("delivered", "committed" ...), or a point in passing ("core-sends-write" ...).
  std::string kind{};
  std::string process{};     // who acted: "controller-0", "slack"; "controllers" is any of them
  std::string channel{};     // of a delivered or requested: "slack"
  std::string resource{};    // of a committed, refused, observed or passed: "leases"
  std::string name{};        // the object's, likewise
  std::string operation{};   // of a committed: "create", "update", "status", "mark-deleted", "remove"
  std::string fault{};       // of a fault-fired or fault-lifted: its id
  std::string detail{};      // of a process event: "killed" ...; of a phase; of a connection: its chain
  std::uint64_t status = 0;  // of an answered or refused; 0: any
  std::optional<StateChange> change{};
};
/// The point that a pattern waits for, if it is one of those that are only told on request.
std::optional<models::Passed::Point> point_of(const FactPattern& pattern);
bool matches(const FactPattern& pattern, const models::Fact& fact);

struct Condition {
  enum class Kind {
    fact,  // the `occurrence`-th fact like `fact` is told
    all,   // the last of `parts` comes true; in any order, each stays true
    any    // the first of `parts` comes true
  } kind = Kind::fact;
  FactPattern fact{};
  std::uint64_t occurrence = 1;
  std::vector<Condition> parts{};

  static Condition nth(std::uint64_t occurrence, FactPattern fact);
  static Condition all_of(std::vector<Condition> parts);
  static Condition any_of(std::vector<Condition> parts);
};

/// Has `ledger` tell the moments in passing that the condition waits for.
void want(models::Ledger& ledger, const Condition& condition);

/// How far a condition has come.
class Progress {
 public:
  /// Requires: occurrence >= 1, and parts where the kind has them.
  explicit Progress(Condition condition);
  /// True when `fact` is the one that makes it true; before and after that, false.
  bool on(const models::Fact& fact);
  bool met() const { return met_; }
  /// From the start again.
  void reset();

 private:
  Condition condition_;
  std::vector<Progress> parts_;
  std::uint64_t seen_ = 0;
  bool met_ = false;
};

}  // namespace racebed::faults
