#include "faults/condition.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/ledger/ledger.hpp"
#include "runtime/assert.hpp"

namespace racebed::faults {
namespace {

using models::Committed;
using models::Fact;

const models::ObjectRef* object_of(const Fact& fact) {
  if (const auto* commit = std::get_if<Committed>(&fact.what)) return &commit->object;
  if (const auto* refusal = std::get_if<models::Refused>(&fact.what)) return &refusal->object;
  if (const auto* seen = std::get_if<models::Observed>(&fact.what)) return &seen->object;
  return nullptr;
}

std::string_view text_of(Committed::Operation operation) {
  switch (operation) {
    case Committed::Operation::create:
      return "create";
    case Committed::Operation::update:
      return "update";
    case Committed::Operation::status:
      return "status";
    case Committed::Operation::mark_deleted:
      return "mark-deleted";
    case Committed::Operation::remove:
      return "remove";
  }
  return "";
}

std::string state_at(const models::JsonPtr& object, const models::Json::json_pointer& pointer) {
  if (object == nullptr || !object->contains(pointer)) return {};
  const models::Json& value = object->at(pointer);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

bool happened(const StateChange& change, const Committed& commit) {
  const models::Json::json_pointer pointer(change.pointer);
  const std::string from = state_at(commit.before, pointer);
  const std::string to = state_at(commit.after, pointer);
  return from != to && (!change.from || *change.from == from) && (!change.to || *change.to == to);
}

}  // namespace

bool matches(const FactPattern& pattern, const Fact& fact) {
  if (!pattern.kind.empty() && pattern.kind != models::kind_of(fact)) return false;
  if (!pattern.process.empty() && pattern.process != fact.actor.process) return false;
  const auto* delivered = std::get_if<models::Delivered>(&fact.what);
  if (!pattern.channel.empty() && (delivered == nullptr || delivered->channel != pattern.channel))
    return false;
  const models::ObjectRef* object = object_of(fact);
  if (!pattern.resource.empty() && (object == nullptr || object->resource != pattern.resource)) return false;
  if (!pattern.name.empty() && (object == nullptr || object->name != pattern.name)) return false;
  const auto* commit = std::get_if<Committed>(&fact.what);
  if (!pattern.operation.empty() && (commit == nullptr || text_of(commit->operation) != pattern.operation))
    return false;
  return !pattern.change || (commit != nullptr && happened(*pattern.change, *commit));
}

Condition Condition::nth(std::uint64_t occurrence, FactPattern fact) {
  Condition condition;
  condition.fact = std::move(fact);
  condition.occurrence = occurrence;
  return condition;
}
Condition Condition::all_of(std::vector<Condition> parts) {
  Condition condition;
  condition.kind = Kind::all;
  condition.parts = std::move(parts);
  return condition;
}
Condition Condition::any_of(std::vector<Condition> parts) {
  Condition condition;
  condition.kind = Kind::any;
  condition.parts = std::move(parts);
  return condition;
}

Progress::Progress(Condition condition) : condition_(std::move(condition)) {
  RACEBED_ASSERT(condition_.occurrence >= 1, "occurrences count from 1");
  RACEBED_ASSERT((condition_.kind == Condition::Kind::fact) == condition_.parts.empty(),
                 "all and any have parts, a fact has none");
  for (const Condition& part : condition_.parts) parts_.emplace_back(part);
}

bool Progress::on(const Fact& fact) {
  if (met_) return false;
  if (condition_.kind == Condition::Kind::fact) {
    if (matches(condition_.fact, fact)) met_ = ++seen_ == condition_.occurrence;
    return met_;
  }
  for (Progress& part : parts_) part.on(fact);  // every part hears of every fact
  const auto is_met = [](const Progress& part) { return part.met(); };
  met_ = condition_.kind == Condition::Kind::all ? std::all_of(parts_.begin(), parts_.end(), is_met)
                                                 : std::any_of(parts_.begin(), parts_.end(), is_met);
  return met_;
}

void Progress::reset() {
  seen_ = 0;
  met_ = false;
  for (Progress& part : parts_) part.reset();
}

}  // namespace racebed::faults
