#include "experiments/invariants/lives.hpp"

#include <algorithm>

namespace racebed::experiments {

using models::ProcessEvent;

namespace {

bool is_about_api(const std::string& fault) {
  for (const char* family : {"api-", "etcd-", "net-", "clock-", "user-deletes-lease"}) {
    if (fault.starts_with(family)) return true;
  }
  return false;
}

}  // namespace

bool is_controller(const std::string& process) {
  return process.starts_with("controller");
}

void Lives::on_fact(const models::Fact& fact) {
  if (const auto* fault = std::get_if<models::FaultFired>(&fact.what)) {
    faults_[fault->fault] = fact.time;
    if (!first_fault_) first_fault_ = fact.time;
    if (!first_api_fault_ && is_about_api(fault->fault)) first_api_fault_ = fact.time;
    last_trouble_ = fact.time;
  } else if (std::holds_alternative<models::FaultLifted>(fact.what)) {
    last_trouble_ = fact.time;
  } else if (const auto* phase = std::get_if<models::PhaseBegan>(&fact.what)) {
    if (phase->phase == models::PhaseBegan::Phase::settle) settled_ = fact.time;
    last_trouble_ = fact.time;
  } else if (const auto* event = std::get_if<ProcessEvent>(&fact.what)) {
    if (!is_controller(fact.actor.process)) return;
    using What = ProcessEvent::What;
    if (event->what == What::started) {
      lives_.push_back({fact.actor.process, fact.actor.incarnation, fact.time, std::nullopt});
      // The first lives begin the run; a later one is trouble.
      if (fact.actor.incarnation > 1) last_trouble_ = fact.time;
      if (fact.actor.incarnation <= 1) return;
    } else {
      last_trouble_ = fact.time;
      const bool ends = event->what != What::paused && event->what != What::resumed;
      for (auto life = lives_.rbegin(); ends && life != lives_.rend(); ++life) {
        if (life->process != fact.actor.process) continue;
        if (!life->ended) life->ended = fact.time;
        break;
      }
    }
    changes_.push_back({fact.actor.process, fact.time, event->what == What::paused});
  }
}

const Lives::Life* Lives::last(const std::string& process) const {
  const auto found =
      std::find_if(lives_.rbegin(), lives_.rend(), [&](const Life& life) { return life.process == process; });
  return found == lives_.rend() ? nullptr : &*found;
}

bool Lives::disturbed(const std::string& process, Time from, Time to) const {
  bool stands_still = false;
  for (const Change& change : changes_) {
    if (change.process != process) continue;
    if (change.time > to) break;
    if (change.time >= from) return true;
    stands_still = change.pauses;
  }
  return stands_still;
}

bool Lives::calm(Time from, Time to) const {
  if (!first_fault_ || *first_fault_ > to) return true;
  return settled_ && *settled_ <= from;
}

bool Lives::api_calm(Time from, Time to) const {
  if (!first_api_fault_ || *first_api_fault_ > to) return true;
  return settled_ && *settled_ <= from;
}

bool Lives::fired(const std::string& prefix) const {
  const auto found = faults_.lower_bound(prefix);
  return found != faults_.end() && found->first.starts_with(prefix);
}

}  // namespace racebed::experiments
