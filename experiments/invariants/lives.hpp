// The lives of the controllers' processes, and whether anything was wrong with the world: what an invariant
// excuses by. Fed fact by fact.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/ledger/fact.hpp"

namespace racebed::experiments {

/// "controller-0".
bool is_controller(const std::string& process);

class Lives {
 public:
  struct Life {
    std::string process;
    std::uint32_t incarnation = 0;
    Time began;
    std::optional<Time> ended;
  };

  void on_fact(const models::Fact& fact);

  /// In the order in which they began.
  const std::vector<Life>& all() const { return lives_; }
  /// The last one of a process; null before the first.
  const Life* last(const std::string& process) const;
  /// Whether the process ended, began, stood still or went on in [from, to], or stood still all along.
  bool disturbed(const std::string& process, Time from, Time to) const;
  /// Whether no fault can have acted in [from, to]: none fired up to `to`, or all were lifted (the run
  /// settled) before `from`.
  bool calm(Time from, Time to) const;
  /// The same of faults between controllers and the API server, and of clocks.
  bool api_calm(Time from, Time to) const;
  /// Whether a fault whose id begins with `prefix` has fired.
  bool fired(const std::string& prefix) const;
  const std::optional<Time>& settled() const { return settled_; }
  /// The last fault, change of a process or change of phase; nothing if there was none.
  const std::optional<Time>& last_trouble() const { return last_trouble_; }

 private:
  struct Change {
    std::string process;
    Time time;
    bool pauses = false;
  };
  std::vector<Life> lives_;
  std::vector<Change> changes_;
  std::map<std::string, Time> faults_;  // by id: when it fired last
  std::optional<Time> first_fault_;
  std::optional<Time> first_api_fault_;
  std::optional<Time> settled_;
  std::optional<Time> last_trouble_;
};

}  // namespace racebed::experiments
