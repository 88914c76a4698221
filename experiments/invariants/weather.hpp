// When something was wrong with the world around the controllers, and when they themselves came and went:
// what an invariant about times is excused by. Fed fact by fact.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/ledger/fact.hpp"

namespace racebed::experiments {

/// Families of faults by how their ids begin: "net-", "tls-" ...
using Families = std::initializer_list<std::string_view>;

class Weather {
 public:
  void on_fact(const models::Fact& fact);

  /// Whether a fault of one of the families acted at some time in [from, to].
  bool acted(Families families, Time from, Time to) const;
  /// Whether a controller died, began anew, stood still or went on in [from, to], or the lease changed hands.
  bool unrest(Time from, Time to) const;
  /// How many lives of controllers ended, and how often the lease changed hands, in [from, to].
  std::size_t ends(Time from, Time to) const;
  /// The last moment up to `now` at which a fault acted that is none of `but`, or controllers came and went,
  /// or the lease was taken; the beginning of time if all was calm.
  Time last_trouble(Time now, Families but) const;

 private:
  struct Window {
    std::string fault;
    Time from;
    std::optional<Time> to;
  };
  void process(const models::Fact& fact, const models::ProcessEvent& event);
  std::vector<Window> windows_;
  std::vector<Time> unrest_;
  std::vector<Time> ends_;
  std::map<std::string, Time> still_;  // processes that stand still: since when
  std::string holder_;
};

}  // namespace racebed::experiments
