#include "experiments/invariants/weather.hpp"

#include <algorithm>

#include "experiments/invariants/lives.hpp"
#include "faults/catalogue/catalogue.hpp"
#include "faults/leader.hpp"

namespace racebed::experiments {
namespace {

using models::ProcessEvent;

bool is_one_of(std::string_view fault, Families families) {
  return std::any_of(families.begin(), families.end(),
                     [&](std::string_view family) { return fault.starts_with(family); });
}

/// Faults that happen once have no end that anybody tells. What an API server's leave behind is felt so long.
constexpr Duration kApiAftermath = std::chrono::minutes{1};
std::optional<Time> end_of(const std::string& fault, Time fired) {
  const faults::FaultInfo* info = faults::find_fault(fault);
  if (info == nullptr || info->lasts) return std::nullopt;
  return info->family == "api" ? fired + kApiAftermath : fired;
}

}  // namespace

void Weather::on_fact(const models::Fact& fact) {
  if (const auto* fired = std::get_if<models::FaultFired>(&fact.what)) {
    windows_.push_back({fired->fault, fact.time, end_of(fired->fault, fact.time)});
  } else if (const auto* lifted = std::get_if<models::FaultLifted>(&fact.what)) {
    for (Window& window : windows_) {
      if (window.fault != lifted->fault || window.to) continue;
      window.to = fact.time;
      break;
    }
  } else if (const auto* phase = std::get_if<models::PhaseBegan>(&fact.what)) {
    if (phase->phase != models::PhaseBegan::Phase::settle) return;
    for (Window& window : windows_) {
      if (!window.to) window.to = fact.time;
    }
  } else if (const auto* event = std::get_if<ProcessEvent>(&fact.what)) {
    if (is_controller(fact.actor.process)) process(fact, *event);
  } else if (const std::string* holder = faults::lease_holder_of(fact)) {
    if (holder->empty() || *holder == holder_) return;
    unrest_.push_back(fact.time);
    if (!holder_.empty()) ends_.push_back(fact.time);
    holder_ = *holder;
  }
}

void Weather::process(const models::Fact& fact, const ProcessEvent& event) {
  using What = ProcessEvent::What;
  unrest_.push_back(fact.time);
  switch (event.what) {
    case What::started:
    case What::resumed:
      break;
    case What::paused:
      still_[fact.actor.process] = fact.time;
      return;
    case What::killed:
    case What::power_lost:
    case What::exited:
    case What::crashed:
      ends_.push_back(fact.time);
      break;
  }
  still_.erase(fact.actor.process);
}

bool Weather::acted(Families families, Time from, Time to) const {
  return std::any_of(windows_.begin(), windows_.end(), [&](const Window& window) {
    return is_one_of(window.fault, families) && window.from <= to && (!window.to || *window.to >= from);
  });
}

bool Weather::unrest(Time from, Time to) const {
  const bool stands_still =
      std::any_of(still_.begin(), still_.end(), [&](const auto& process) { return process.second <= to; });
  return stands_still ||
         std::any_of(unrest_.begin(), unrest_.end(), [&](Time time) { return time >= from && time <= to; });
}

std::size_t Weather::ends(Time from, Time to) const {
  return static_cast<std::size_t>(
      std::count_if(ends_.begin(), ends_.end(), [&](Time time) { return time >= from && time <= to; }));
}

Time Weather::last_trouble(Time now, Families but) const {
  if (!still_.empty()) return now;
  Time last{};
  for (const Window& window : windows_) {
    if (window.from > now || is_one_of(window.fault, but)) continue;
    last = std::max(last, std::min(now, window.to.value_or(now)));
  }
  for (const Time time : unrest_) {
    if (time <= now) last = std::max(last, time);
  }
  return last;
}

}  // namespace racebed::experiments
