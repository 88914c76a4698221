#include "faults/active.hpp"

#include <algorithm>

#include "runtime/assert.hpp"

namespace racebed::faults {

std::int64_t draw(sim::Choices& choices, const Range& range, Site site) {
  const auto steps = static_cast<std::uint64_t>((range.max - range.min) / range.step);
  return range.min + range.step * static_cast<std::int64_t>(choices.pick(steps + 1, site));
}

bool is_named(std::string_view target, std::string_view process) {
  if (target == "controllers") return process.starts_with("controller-");
  if (target == "apiservers") return process.starts_with("apiserver");
  return target == process;
}

Active::Active(const FaultPlan& plan, std::string target, std::vector<std::int64_t> values,
               std::optional<Time> ends)
    : plan_(plan), target_(std::move(target)), values_(std::move(values)), ends_(ends) {
  RACEBED_ASSERT(values_.size() == info().parameters.size(), "every parameter has a value");
}

std::int64_t Active::integer(std::string_view parameter) const {
  const int index = info().parameter(parameter);
  RACEBED_ASSERT(index >= 0, "the catalogue knows the parameter");
  return values_[static_cast<std::size_t>(index)];
}

std::string_view Active::word(std::string_view parameter) const {
  const auto index = static_cast<std::size_t>(info().parameter(parameter));
  return info().parameters[index].words[static_cast<std::size_t>(values_[index])];
}

bool Active::covers(std::string_view process) const {
  return is_named(target_, process);
}

bool Active::strikes(sim::Choices& choices) {
  if (lifted_ || (plan_.count != 0 && taken_ == plan_.count)) return false;
  // 0 is the dullest: no fault.
  if (plan_.percent < 100 && choices.pick(100, "fault-share") < 100 - plan_.percent) return false;
  ++taken_;
  return true;
}

void ActiveSet::add(ActivePtr fault) {
  faults_.push_back(std::move(fault));
}

const std::vector<ActivePtr>& ActiveSet::now() {
  std::erase_if(faults_, [](const ActivePtr& fault) { return fault->lifted(); });
  return faults_;
}

}  // namespace racebed::faults
