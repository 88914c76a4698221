#include "faults/condition.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "faults/active.hpp"
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
  if (const auto* passed = std::get_if<models::Passed>(&fact.what)) return &passed->object;
  if (const auto* created = std::get_if<models::UserCreated>(&fact.what)) return &created->object;
  if (const auto* deleted = std::get_if<models::UserDeleted>(&fact.what)) return &deleted->object;
  return nullptr;
}

std::string_view channel_of(const Fact& fact) {
  if (const auto* delivered = std::get_if<models::Delivered>(&fact.what)) return delivered->channel;
  if (const auto* requested = std::get_if<models::Requested>(&fact.what)) return requested->channel;
  if (const auto* vanished = std::get_if<models::Vanished>(&fact.what)) return vanished->channel;
  return {};
}

std::string_view fault_of(const Fact& fact) {
  if (const auto* fired = std::get_if<models::FaultFired>(&fact.what)) return fired->fault;
  if (const auto* lifted = std::get_if<models::FaultLifted>(&fact.what)) return lifted->fault;
  return {};
}

std::string_view detail_of(const Fact& fact) {
  if (const auto* event = std::get_if<models::ProcessEvent>(&fact.what)) return to_text(event->what);
  if (const auto* phase = std::get_if<models::PhaseBegan>(&fact.what)) return to_text(phase->phase);
  if (const auto* opened = std::get_if<models::ConnectionOpened>(&fact.what)) return opened->certificate;
  return {};
}

/// Whether the fact is of this kind: a kind by its name, or a point in passing.
bool is_kind(const std::string& kind, const Fact& fact) {
  const auto* passed = std::get_if<models::Passed>(&fact.what);
  return kind == (passed != nullptr ? to_text(passed->point) : models::kind_of(fact));
}

bool has_status(std::uint64_t status, const Fact& fact) {
  const auto is = [status](int found) { return static_cast<std::uint64_t>(found) == status; };
  if (const auto* answered = std::get_if<models::Answered>(&fact.what)) return is(answered->status);
  if (const auto* refused = std::get_if<models::Refused>(&fact.what)) return is(refused->status);
  return false;
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

std::optional<models::Passed::Point> point_of(const FactPattern& pattern) {
  return models::point_named(pattern.kind);
}

bool matches(const FactPattern& pattern, const Fact& fact) {
  const auto asks = [](const std::string& wanted, std::string_view found) {
    return wanted.empty() || wanted == found;
  };
  if (!pattern.kind.empty() && !is_kind(pattern.kind, fact)) return false;
  if (!pattern.process.empty() && !is_named(pattern.process, fact.actor.process)) return false;
  if (!asks(pattern.channel, channel_of(fact))) return false;
  const models::ObjectRef* object = object_of(fact);
  if (!asks(pattern.resource, object == nullptr ? "" : object->resource)) return false;
  if (!asks(pattern.name, object == nullptr ? "" : object->name)) return false;
  if (!asks(pattern.fault, fault_of(fact)) || !asks(pattern.detail, detail_of(fact))) return false;
  if (pattern.status != 0 && !has_status(pattern.status, fact)) return false;
  const auto* commit = std::get_if<Committed>(&fact.what);
  if (!asks(pattern.operation, commit == nullptr ? std::string_view() : to_text(commit->operation)))
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

void want(models::Ledger& ledger, const Condition& condition) {
  if (const auto point = point_of(condition.fact)) ledger.want(*point);
  for (const Condition& part : condition.parts) want(ledger, part);
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
