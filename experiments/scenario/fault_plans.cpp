#include "experiments/scenario/fault_plans.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "experiments/scenario/fields.hpp"
#include "experiments/scenario/load.hpp"

namespace racebed::experiments {
namespace {

using faults::FaultInfo;
using faults::FaultPlan;
using faults::ParameterInfo;
using faults::Place;
using Json = nlohmann::json;

constexpr std::int64_t kMillisecond = 1'000'000;

[[noreturn]] void wrong(const std::string& where, const std::string& path, const std::string& found,
                        const std::string& expected) {
  throw InputError(fmt::format("{}: {}: found {}, expected {}", where, path, found, expected));
}

/// A value for a parameter out of its JSON; nothing if it is none.
std::optional<std::int64_t> value_of(const ParameterInfo& info, const Json& json) {
  switch (info.kind) {
    case ParameterInfo::Kind::integer:
      if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) return std::nullopt;
      return json.is_number_integer() ? std::optional(json.get<std::int64_t>()) : std::nullopt;
    case ParameterInfo::Kind::duration:
      if (const auto parsed = json.is_string() ? parse_duration(json.get<std::string>()) : std::nullopt)
        return parsed->count();
      return std::nullopt;
    case ParameterInfo::Kind::word: {
      if (!json.is_string()) return std::nullopt;
      const auto found = std::ranges::find(info.words, json.get<std::string>());
      return found == info.words.end() ? std::nullopt : std::optional(found - info.words.begin());
    }
  }
  return std::nullopt;
}

std::string expected_of(const ParameterInfo& info) {
  switch (info.kind) {
    case ParameterInfo::Kind::integer:
      return fmt::format("an integer from {} to {}", info.min, info.max);
    case ParameterInfo::Kind::duration:
      return fmt::format("a duration of at most {}", duration_text(Duration{info.max}));
    case ParameterInfo::Kind::word:
      break;
  }
  return fmt::format("one of {}", fmt::join(info.words, ", "));
}

faults::Range range_of(const ParameterInfo& info, const std::string& text, const std::string& where,
                       const std::string& path) {
  const std::string expected = expected_of(info) + ", or {\"min\": ..., \"max\": ...}";
  const Json json = Json::parse(text, nullptr, false);
  const auto bound = [&](const Json& one) {
    const auto value = value_of(info, one);
    if (!value || *value < info.min || *value > info.max) wrong(where, path, text.substr(0, 40), expected);
    return *value;
  };
  faults::Range range;
  range.step = info.kind == ParameterInfo::Kind::duration ? kMillisecond : 1;
  if (!json.is_object()) {
    range.min = range.max = bound(json);
    return range;
  }
  if (json.size() != 2 || !json.contains("min") || !json.contains("max"))
    wrong(where, path, text.substr(0, 40), expected);
  range.min = bound(json.at("min"));
  range.max = bound(json.at("max"));
  if (range.max < range.min) wrong(where, path, text.substr(0, 40), "min not above max");
  return range;
}

std::vector<faults::Range> values_of(const FaultOptions& options, const FaultInfo& info,
                                     const std::string& where, const std::string& path) {
  std::string known;
  for (const ParameterInfo& parameter : info.parameters)
    known += fmt::format("{}{}", known.empty() ? "one of " : ", ", parameter.name);
  for (const auto& [name, text] : options.with) {
    if (info.parameter(name) < 0) {
      wrong(where, fmt::format("{}.with.{}", path, name),
            "a parameter that " + options.fault + " does not have", known.empty() ? "none" : known);
    }
  }
  std::vector<faults::Range> values;
  for (const ParameterInfo& parameter : info.parameters) {
    const auto given = options.with.find(std::string(parameter.name));
    if (given == options.with.end()) {
      values.push_back({parameter.otherwise, parameter.otherwise, 1});
    } else {
      values.push_back(
          range_of(parameter, given->second, where, fmt::format("{}.with.{}", path, parameter.name)));
    }
  }
  return values;
}

bool is_numbered(const std::string& target, const char* what, std::uint64_t count) {
  for (std::uint64_t n = 0; n < count; ++n) {
    if (target == fmt::format("{}-{}", what, n)) return true;
  }
  return false;
}

/// The target of a fault, or what is usual for it when the file says nothing.
std::string target_of(const FaultOptions& options, const FaultInfo& info, const Scenario& scenario,
                      const std::string& where, const std::string& path) {
  const std::string& target = options.target;
  const std::uint64_t replicas = scenario.world.replicas;
  const std::uint64_t servers = scenario.world.api_servers;
  const bool some_controller = target == "leader" || target == "follower" || target == "any-controller" ||
                               target == "controllers" || is_numbered(target, "controller", replicas);
  const bool some_server = target == "apiservers" || is_numbered(target, "apiserver", servers);
  const std::string controllers =
      fmt::format("leader, follower, any-controller, controllers, controller-0 to {}",
                  fmt::format("controller-{}", replicas - 1));
  const std::string api = fmt::format("apiservers, apiserver-0 to apiserver-{}", servers - 1);
  bool fits = false;
  std::string usual;
  std::string expected;
  switch (info.place) {
    case Place::slack:
      fits = target == "slack";
      usual = expected = "slack";
      break;
    case Place::link:
    case Place::names:
    case Place::host:
      fits = some_controller;
      usual = "controllers";
      expected = controllers;
      break;
    case Place::api:
      fits = some_server;
      usual = "apiservers";
      expected = api;
      break;
    case Place::process:
      fits = some_controller || some_server || target == "slack";
      usual = "leader";
      expected = fmt::format("{}, {}, slack", controllers, api);
      break;
    case Place::users:
      expected = "none: users act on their own";
      break;
  }
  if (target.empty()) return usual;
  if (!fits) wrong(where, path + ".target", "\"" + target + "\"", expected);
  return target;
}

faults::Range range_of(const DurationRange& range) {
  return {range.min.count(), range.max.count(), kMillisecond};
}

faults::Condition fact_condition(const FactOptions& options, const DrawCount& draw) {
  faults::FactPattern pattern;
  pattern.kind = options.event;
  pattern.process = options.process;
  pattern.channel = options.channel;
  pattern.resource = options.resource;
  pattern.name = options.name;
  pattern.operation = options.operation;
  pattern.fault = options.fault;
  pattern.detail = options.detail;
  pattern.status = options.status;
  if (!options.change.path.empty()) {
    faults::StateChange change;
    change.pointer = options.change.path;
    if (options.change.from != "*") change.from = options.change.from;
    if (options.change.to != "*") change.to = options.change.to;
    pattern.change = change;
  }
  return faults::Condition::nth(draw(options.occurrence), std::move(pattern));
}

faults::Condition any_condition(const AnyOptions& options, const DrawCount& draw) {
  if (options.any.empty()) return fact_condition(options, draw);
  std::vector<faults::Condition> parts;
  for (const FactOptions& part : options.any) parts.push_back(fact_condition(part, draw));
  return faults::Condition::any_of(std::move(parts));
}

void check_fact(const FactOptions& fact, bool grouped, const std::string& where, const std::string& path) {
  if (fact.event.empty() == !grouped)
    wrong(where, path + ".event", grouped ? fact.event : "nothing",
          grouped ? "either event, or all or any" : "the kind of a fact");
  if (fact.change.path.empty()) return;
  try {
    (void)Json::json_pointer(fact.change.path);
  } catch (const Json::exception&) {
    wrong(where, path + ".change.path", "\"" + fact.change.path + "\"",
          "a path such as /status/phase (RFC 6901)");
  }
}

void check_condition(const ConditionOptions& condition, const std::string& where, const std::string& path) {
  if (!condition.all.empty() && !condition.any.empty()) wrong(where, path, "both all and any", "one of them");
  check_fact(condition, !condition.all.empty() || !condition.any.empty(), where, path);
  for (std::size_t i = 0; i < condition.any.size(); ++i)
    check_fact(condition.any[i], false, where, fmt::format("{}.any[{}]", path, i));
  for (std::size_t i = 0; i < condition.all.size(); ++i) {
    const AnyOptions& part = condition.all[i];
    const std::string part_path = fmt::format("{}.all[{}]", path, i);
    check_fact(part, !part.any.empty(), where, part_path);
    for (std::size_t j = 0; j < part.any.size(); ++j)
      check_fact(part.any[j], false, where, fmt::format("{}.any[{}]", part_path, j));
  }
}

FaultPlan plan_of(const FaultOptions& options, const Scenario& scenario, const std::string& where,
                  const std::string& path) {
  FaultPlan plan;
  plan.info = faults::find_fault(options.fault);
  if (plan.info == nullptr)
    wrong(where, path + ".fault", "nothing", "the id of a fault; racebed list --faults");
  plan.target = target_of(options, *plan.info, scenario, where, path);
  plan.to = options.to;
  const bool slack_or_api = plan.to == "slack" || plan.to == "apiservers" ||
                            is_numbered(plan.to, "apiserver", scenario.world.api_servers);
  if (!slack_or_api)
    wrong(where, path + ".to", "\"" + plan.to + "\"", "slack, apiservers or apiserver-0 ...");
  plan.requests = {options.requests.verbs, options.requests.resources, options.requests.clients};
  for (const std::string& resource : options.requests.resources) {
    if (resource.empty() || resource.front() == '/')
      wrong(where, path + ".requests.resources", "\"" + resource + "\"", "a plural such as leases");
  }
  plan.at = range_of(options.at);
  plan.delay = range_of(options.delay);
  plan.lasts = range_of(options.lasts);
  if (!plan.info->lasts && options.lasts.max > Duration{0})
    wrong(where, path + ".for", duration_text(options.lasts.max),
          "nothing: " + options.fault + " happens once");
  plan.percent = options.percent;
  plan.values = values_of(options, *plan.info, where, path);
  return plan;
}

}  // namespace

faults::Condition condition_of(const ConditionOptions& options, const DrawCount& draw) {
  std::vector<faults::Condition> parts;
  for (const FactOptions& part : options.any) parts.push_back(fact_condition(part, draw));
  if (!parts.empty()) return faults::Condition::any_of(std::move(parts));
  for (const AnyOptions& part : options.all) parts.push_back(any_condition(part, draw));
  if (!parts.empty()) return faults::Condition::all_of(std::move(parts));
  return fact_condition(options, draw);
}

std::vector<FaultPlan> fault_plans(const Scenario& scenario, const std::string& where,
                                   const DrawCount& draw) {
  std::vector<FaultPlan> plans;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const FaultOptions& options = scenario.faults[i];
    const std::string path = fmt::format("faults[{}]", i);
    FaultPlan plan = plan_of(options, scenario, where, path);
    plan.count = options.count.max == 0 ? 0 : draw(options.count);
    if (options.after.is_set()) {
      check_condition(options.after, where, path + ".after");
      faults::Trigger trigger;
      trigger.condition = condition_of(options.after, draw);
      trigger.budget = options.times;
      trigger.chance_of = options.chance;
      trigger.chance_in = 100;
      trigger.timeout = options.timeout;
      trigger.at_timeout =
          options.at_timeout == "act" ? faults::Trigger::AtTimeout::act : faults::Trigger::AtTimeout::give_up;
      plan.trigger = std::move(trigger);
    }
    plans.push_back(std::move(plan));
  }
  if (scenario.moment.is_set()) check_condition(scenario.moment, where, "moment");
  return plans;
}

Words event_words() {
  return {"",
          "committed",
          "refused",
          "observed",
          "user-created",
          "user-deleted",
          "requested",
          "delivered",
          "vanished",
          "answered",
          "connection-opened",
          "process-event",
          "fault-fired",
          "fault-lifted",
          "phase-began",
          "api-before-commit",
          "api-before-show",
          "api-shown",
          "core-sends-read",
          "core-has-read",
          "core-sends-write",
          "core-has-written",
          "core-receives",
          "slack-before-answer"};
}

Words fault_words() {
  Words words;
  for (const FaultInfo& info : faults::catalogue()) words.push_back(info.id);
  return words;
}

}  // namespace racebed::experiments
