#include "faults/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "faults/targets.hpp"
#include "models/sinks/token.hpp"
#include "runtime/assert.hpp"

namespace racebed::faults {

using models::ObjectRef;

/// Which notification a message's token is about, and which was made last.
struct Engine::Known {
  std::map<std::string, ObjectRef> by_token;
  ObjectRef youngest;

  void on_fact(const models::Fact& fact) {
    const auto* commit = std::get_if<models::Committed>(&fact.what);
    if (commit == nullptr || commit->object.resource != "notificationrequests" ||
        commit->operation != models::Committed::Operation::create)
      return;
    youngest = commit->object;
    const std::string token =
        models::token_in(commit->after->value(models::Json::json_pointer("/spec/subject"), ""));
    if (!token.empty()) by_token[token] = commit->object;
  }
};

Engine::Engine(sim::Kernel& kernel, models::Ledger& ledger, Surroundings& surroundings, Calm calm,
               const std::vector<std::string>& api_servers)
    : kernel_(kernel),
      ledger_(ledger),
      surroundings_(surroundings),
      leader_(ledger),
      links_(kernel, calm.links),
      slack_(kernel.choices(), calm.slack_chain),
      hosts_(kernel.choices()),
      known_(std::make_unique<Known>()) {
  for (const std::string& server : api_servers)
    api_.emplace_back(server, std::make_unique<ApiFaults>(kernel, server, calm.api));
  ledger.subscribe([known = known_.get()](const models::Fact& fact) { known->on_fact(fact); });
}

Engine::~Engine() = default;

models::FrontEndPolicy& Engine::api(std::string_view server) {
  const auto found = std::ranges::find_if(api_, [&](const auto& entry) { return entry.first == server; });
  RACEBED_ASSERT(found != api_.end(), "the API server is one of this world's");
  return *found->second;
}

std::optional<std::size_t> Engine::rerouted(std::string_view client) const {
  for (const ActivePtr& fault : acting_) {
    if (!fault->is("api-stale-front-end") || !is_named("controllers", client)) continue;
    for (std::size_t i = 0; i < api_.size(); ++i) {
      if (fault->covers(api_[i].first)) return i;
    }
  }
  return std::nullopt;
}

void Engine::arm(const std::vector<FaultPlan>& plans) {
  for (const FaultPlan& plan : plans) {
    if (plan.trigger) {
      triggers_.push_back(
          faults::arm(kernel_, ledger_, *plan.trigger, [this, plan](const models::Fact* fact) {
            act(plan, fact == nullptr ? "the moment did not come" : "at the moment", fact);
          }));
      continue;
    }
    const Duration at{draw(kernel_.choices(), plan.at, "fault-time")};
    if (at == Duration{0}) {
      act(plan, "from the start", nullptr);
    } else {
      kernel_.call_at(kernel_.world(), kernel_.now() + at,
                      [this, plan] { act(plan, "at its time", nullptr); });
    }
  }
}

void Engine::act(const FaultPlan& plan, const std::string& occasion, const models::Fact* fact) {
  if (healed_) return;
  const ObjectRef object = object_of(fact);
  const Duration delay{draw(kernel_.choices(), plan.delay, "fault-delay")};
  if (delay == Duration{0}) {
    begin(plan, occasion, object);
  } else {
    kernel_.call_at(kernel_.world(), kernel_.now() + delay,
                    [this, plan, occasion, object] { begin(plan, occasion, object); });
  }
}

void Engine::begin(const FaultPlan& plan, const std::string& occasion, const ObjectRef& object) {
  if (healed_) return;
  std::vector<std::int64_t> values;
  for (const Range& range : plan.values) values.push_back(draw(kernel_.choices(), range, "fault-parameter"));
  const Duration lasts{draw(kernel_.choices(), plan.lasts, "fault-lasts")};
  std::optional<Time> ends;
  if (lasts > Duration{0}) ends = kernel_.now() + lasts;
  const std::string target = resolved(plan);
  const auto fault = std::make_shared<Active>(plan, target, std::move(values), ends);
  const std::string_view id = plan.info->id;
  const std::vector<sim::Process*> processes =
      plan.info->place == Place::process ? targets_of(*fault) : std::vector<sim::Process*>{};
  if (plan.info->place == Place::process && processes.empty()) return;  // nobody there to suffer it

  ledger_.record({"faults", 0},
                 models::FaultFired{std::string(id), target.empty() ? occasion : target + ", " + occasion});
  if (plan.info->lasts) acting_.push_back(fault);
  switch (plan.info->place) {
    case Place::slack:
      slack_.begin(fault);
      break;
    case Place::link:
    case Place::names:
      links_.begin(fault);
      break;
    case Place::api:
      on_api(fault);
      break;
    case Place::process:
      for (sim::Process* process : processes) on_process(fault, *process);
      break;
    case Place::host:
      hosts_.begin(fault);
      break;
    case Place::users:
      on_users(fault, object);
      break;
  }
  if (plan.info->lasts && ends) kernel_.call_at(kernel_.world(), *ends, [this, fault] { lift(fault); });
}

void Engine::lift(const ActivePtr& fault) {
  if (fault->lifted()) return;
  fault->lift();
  std::erase(acting_, fault);
  if (fault->info().place == Place::process) {
    for (const auto& process : kernel_.processes()) {
      if (!fault->covers(process->name())) continue;
      const bool stood_still = fault->is("process-pause") || fault->is("process-slow");
      if (stood_still && process->state() == sim::ProcessState::paused) process->resume();
      const bool lives = process->state() == sim::ProcessState::running;
      if (fault->is("clock-jump") && lives)
        process->jump_clock(std::chrono::milliseconds{-fault->integer("milliseconds")});
      if (fault->is("clock-drift")) process->set_clock_drift(0);
    }
  } else if (fault->is("api-cache-frozen") || fault->is("api-stale-front-end")) {
    for (const auto& [server, policy] : api_) {
      models::FrontEnd* front_end = surroundings_.front_end(server);
      if (front_end != nullptr && fault->covers(server)) front_end->caches().resume();
    }
  }
  ledger_.record({"faults", 0}, models::FaultLifted{std::string(fault->info().id), fault->target()});
}

void Engine::heal() {
  healed_ = true;
  for (ArmedTrigger& trigger : triggers_) trigger.disarm();
  for (const ActivePtr& fault : std::vector<ActivePtr>(acting_)) lift(fault);
}

std::string Engine::resolved(const FaultPlan& plan) {
  if (plan.target == "leader") {
    const sim::Process* leader = find_target(kernel_, "leader", leader_);
    return leader == nullptr ? std::string() : std::string(leader->name());
  }
  if (plan.target == "follower" || plan.target == "any-controller") {
    const sim::Process* leader = find_target(kernel_, "leader", leader_);
    std::vector<std::string> among;
    for (const auto& process : kernel_.processes()) {
      const bool leads = plan.target == "follower" && process.get() == leader;
      if (is_named("controllers", process->name()) && !leads) among.emplace_back(process->name());
    }
    return among.empty() ? std::string() : among[kernel_.choices().pick(among.size(), "fault-target")];
  }
  return plan.target;
}

std::vector<sim::Process*> Engine::targets_of(const Active& fault) {
  std::vector<sim::Process*> targets;
  for (const auto& process : kernel_.processes()) {
    const bool lives =
        process->state() == sim::ProcessState::running || process->state() == sim::ProcessState::paused;
    if (lives && fault.covers(process->name())) targets.push_back(process.get());
  }
  return targets;
}

ObjectRef Engine::object_of(const models::Fact* fact) const {
  if (fact == nullptr) return known_->youngest;
  std::string token;
  if (const auto* f = std::get_if<models::Delivered>(&fact->what)) token = f->token;
  if (const auto* f = std::get_if<models::Requested>(&fact->what)) token = f->token;
  if (const auto* f = std::get_if<models::Answered>(&fact->what)) token = f->token;
  if (const auto* f = std::get_if<models::Passed>(&fact->what)) token = f->token;
  if (const auto found = known_->by_token.find(token); found != known_->by_token.end()) return found->second;
  const ObjectRef* object = nullptr;
  if (const auto* f = std::get_if<models::Committed>(&fact->what)) object = &f->object;
  if (const auto* f = std::get_if<models::Refused>(&fact->what)) object = &f->object;
  if (const auto* f = std::get_if<models::Observed>(&fact->what)) object = &f->object;
  if (const auto* f = std::get_if<models::Passed>(&fact->what)) object = &f->object;
  if (const auto* f = std::get_if<models::UserCreated>(&fact->what)) object = &f->object;
  const bool known = object != nullptr && object->resource == "notificationrequests" && !object->name.empty();
  return known ? *object : known_->youngest;
}

void Engine::on_users(const ActivePtr& fault, const ObjectRef& object) {
  if (fault->is("load-burst")) {
    surroundings_.create_more(static_cast<std::uint64_t>(fault->integer("count")), Duration{0}, false);
  } else if (fault->is("load-ramp")) {
    surroundings_.create_more(static_cast<std::uint64_t>(fault->integer("count")), fault->duration("over"),
                              true);
  } else if (fault->is("user-deletes-lease")) {
    surroundings_.remove_lease();
  } else if (object.name.empty()) {
    return;  // there is no notification yet
  } else if (fault->is("user-deletes")) {
    surroundings_.remove(object, static_cast<std::uint64_t>(fault->integer("clients")));
  } else if (fault->is("user-recreates")) {
    surroundings_.recreate(object, fault->duration("gap"));
  } else {
    surroundings_.meddle(
        object, fault->is("user-writes-status"),
        {static_cast<std::uint64_t>(fault->integer("clients")), fault->duration("every"),
         fault->is("user-writes-status") ? static_cast<std::uint64_t>(fault->integer("bytes")) : 0},
        [fault] { return fault->lifted(); });
  }
}

}  // namespace racebed::faults
