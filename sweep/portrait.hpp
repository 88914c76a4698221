// A run as a figure shows it, made of its facts and of looks at its processes.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "evidence/store/portrait.hpp"
#include "experiments/run/run.hpp"

namespace racebed::sweep {

/// Looks at a run's processes while it lasts: RunSpec::look.
class Looks {
 public:
  void look(Time now, const sim::Process& process);
  /// A series for each quantity of each controller; times from `begin` on. At most kPointsMax points each, of
  /// which every peak is one.
  std::vector<evidence::Portrait::Series> series(Time begin) const;
  static constexpr std::size_t kPointsMax = 400;

 private:
  using Key = std::pair<std::string, std::string>;  // process, quantity
  std::map<Key, std::vector<std::pair<Time, std::int64_t>>> seen_;
};

/// Lanes: users, controllers, API server, Slack, and "world" for faults, phases and violations. Of a run with
/// more than kMarksMax events and messages the rare ones stay (faults, deaths, violations ...), and of the
/// others those nearest to the first violation, or else the first ones.
evidence::Portrait portrait_of(const experiments::RunResult& run, const Looks& looks);
inline constexpr std::size_t kMarksMax = 400;

/// Runs it and looks.
evidence::Portrait portray(const experiments::Scenario& scenario, const experiments::Subject& subject,
                           std::uint64_t seed);

}  // namespace racebed::sweep
