// A fault while it acts: what was drawn for it, what it covers, which opportunities it takes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "faults/plan.hpp"
#include "runtime/time.hpp"
#include "sim/choices.hpp"

namespace racebed::faults {

/// A value of the range, in its steps; min is the dullest.
std::int64_t draw(sim::Choices& choices, const Range& range, Site site);

class Active {
 public:
  /// `target` is resolved: no "leader" any more. `ends`: when it will be lifted, if that is known.
  Active(const FaultPlan& plan, std::string target, std::vector<std::int64_t> values,
         std::optional<Time> ends);

  const FaultInfo& info() const { return *plan_.info; }
  const FaultPlan& plan() const { return plan_; }
  const std::string& target() const { return target_; }
  std::optional<Time> ends() const { return ends_; }
  bool is(std::string_view id) const { return info().id == id; }

  std::int64_t integer(std::string_view parameter) const;
  Duration duration(std::string_view parameter) const { return Duration{integer(parameter)}; }
  std::string_view word(std::string_view parameter) const;

  /// Whether `target` names this process.
  bool covers(std::string_view process) const;

  /// An opportunity is there: whether it is taken. Never once it is lifted, or its count is used up.
  bool strikes(sim::Choices& choices);
  /// From now on it takes no opportunity.
  void lift() { lifted_ = true; }
  bool lifted() const { return lifted_; }

 private:
  FaultPlan plan_;
  std::string target_;
  std::vector<std::int64_t> values_;
  std::optional<Time> ends_;
  std::uint64_t taken_ = 0;
  bool lifted_ = false;
};

using ActivePtr = std::shared_ptr<Active>;

/// "controllers" names every controller, "apiservers" every API server, anything else itself.
bool is_named(std::string_view target, std::string_view process);

/// Those of one kind that act now, in the order in which they began.
class ActiveSet {
 public:
  void add(ActivePtr fault);
  /// Without those that have been lifted.
  const std::vector<ActivePtr>& now();

 private:
  std::vector<ActivePtr> faults_;
};

}  // namespace racebed::faults
