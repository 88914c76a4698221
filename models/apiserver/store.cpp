#include "models/apiserver/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "runtime/assert.hpp"

namespace racebed::models {

const std::string& metadata_text(const Json& object, const char* field) {
  static const std::string kEmpty;
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return kEmpty;
  const auto it = metadata->find(field);
  return it != metadata->end() && it->is_string() ? it->get_ref<const std::string&>() : kEmpty;
}

ObjectRef ref_of(const ResourceType& type, const Json& object) {
  return {type.plural, metadata_text(object, "namespace"), metadata_text(object, "name"),
          metadata_text(object, "uid")};
}

bool is_told_of(const ResourceType& type) {
  return type.plural == "notificationrequests" || type.plural == "leases";
}

std::uint64_t revision_of(const Json& object) {
  const std::string& text = metadata_text(object, "resourceVersion");
  std::uint64_t revision = 0;
  std::from_chars(text.data(), text.data() + text.size(), revision);
  return revision;
}

namespace {

std::string decimal(std::uint64_t number) {
  std::array<char, 20> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr};
}

}  // namespace

std::string Store::key(std::string_view ns, std::string_view name) {
  std::string key;
  key.reserve(ns.size() + 1 + name.size());
  return key.append(ns).append(1, '/').append(name);
}

JsonPtr Store::find(const ResourceType& type, std::string_view key) const {
  const auto table = tables_.find(&type.stored());
  if (table == tables_.end()) return nullptr;
  const auto* found = table->second.by_key.find(key);
  return found == nullptr ? nullptr : type.shown((*found)->second);
}

const Store::Objects& Store::objects(const ResourceType& type) const {
  static const Objects kNone;
  const auto found = tables_.find(&type.stored());
  return found == tables_.end() ? kNone : found->second.objects;
}

JsonPtr Store::put(const ResourceType& type, std::string_view key, Json object, const Actor& actor,
                   Committed::Operation operation) {
  const std::uint64_t revision = next_revision();
  object["metadata"]["resourceVersion"] = decimal(revision);
  if (type.to_storage) type.to_storage(object);
  auto stored = std::make_shared<const Json>(std::move(object));
  Table& table = tables_[&type.stored()];
  JsonPtr before;
  if (const auto* found = table.by_key.find(key)) {
    before = std::exchange((*found)->second, stored);
  } else {
    table.by_key.insert(table.objects.emplace(std::string(key), stored).first);
  }
  commit({revision, &type.stored(), std::string(key), std::move(before), stored, nullptr}, actor, operation);
  return type.shown(stored);
}

JsonPtr Store::remove(const ResourceType& type, std::string_view key, const Actor& actor) {
  Table& table = tables_[&type.stored()];
  const auto* found = table.by_key.find(key);
  RACEBED_ASSERT(found != nullptr, fmt::format("{} is there to be removed", key));
  const auto place = *found;
  std::string kept_key = place->first;
  JsonPtr before = std::move(place->second);
  table.by_key.erase(kept_key);
  table.objects.erase(place);
  const std::uint64_t revision = next_revision();
  Json last = *before;
  last["metadata"]["resourceVersion"] = decimal(revision);
  auto last_state = std::make_shared<const Json>(std::move(last));
  commit({revision, &type.stored(), std::move(kept_key), std::move(before), nullptr, last_state}, actor,
         Committed::Operation::remove);
  return type.shown(last_state);
}

void Store::commit(Change change, const Actor& actor, Committed::Operation operation) {
  RACEBED_ASSERT(change.revision == revision_ + 1, "revisions grow by one with each commit");
  revision_ = change.revision;
  const auto shared = std::make_shared<const Change>(std::move(change));
  History& history = histories_[shared->type];
  history.push_back(shared);
  kept_.emplace_back(shared->revision, &history);
  if (kept_.size() > kHistoryMax) forget(kept_.front().first);
  const Json& state = shared->after ? *shared->after : *shared->before;
  ledger_.record(actor, Committed{operation, ref_of(*shared->type, state), shared->revision, shared->before,
                                  shared->after});
  // By number, because a listener may leave, or another may come, while they are told.
  for (auto it = listeners_.begin(); it != listeners_.end();) {
    const std::uint64_t told = it->first;
    it->second->on_change(shared);
    it = listeners_.upper_bound(told);
  }
}

Store::Subscription Store::subscribe(StoreListener& listener) {
  listeners_.emplace(++listeners_ever_, &listener);
  return {*this, listeners_ever_};
}

const Store::History& Store::history(const ResourceType& type) const {
  static const History kNone;
  const auto found = histories_.find(&type.stored());
  return found == histories_.end() ? kNone : found->second;
}

Store::Overlay Store::overlay(const ResourceType& type, std::uint64_t revision) const {
  RACEBED_ASSERT(revision >= compacted_ && revision <= revision_, "a past that is kept");
  Overlay then;
  const History& changes = history(type);
  for (auto it = changes.rbegin(); it != changes.rend() && (*it)->revision > revision; ++it) {
    then[(*it)->key] = (*it)->before;
  }
  return then;
}

void Store::reshape(const ResourceType& type, const std::function<void(Json& object)>& change) {
  std::map<JsonPtr, JsonPtr> made;  // looked up only: what was shared stays shared
  const auto reshaped = [&](const JsonPtr& object) {
    if (object == nullptr) return object;
    JsonPtr& slot = made[object];
    if (slot == nullptr) {
      Json copy = *object;
      change(copy);
      slot = copy == *object ? object : std::make_shared<const Json>(std::move(copy));
    }
    return slot;
  };
  if (change) {
    for (auto& [key, object] : tables_[&type.stored()].objects) object = reshaped(object);
    for (ChangePtr& past : histories_[&type.stored()]) {
      Change anew = *past;
      for (JsonPtr Change::* state : {&Change::before, &Change::after, &Change::last}) {
        anew.*state = reshaped(anew.*state);
      }
      past = std::make_shared<const Change>(std::move(anew));
    }
  }
  for (const auto& [number, listener] : listeners_) listener->on_reshape(type.stored(), false);
}

void Store::retire(const ResourceType& type) {
  RACEBED_ASSERT(objects(type).empty(), "a kind goes after its objects");
  for (const auto& [number, listener] : listeners_) listener->on_reshape(type.stored(), true);
}

void Store::forget(std::uint64_t revision) {
  compacted_ = std::max(compacted_, revision);
  for (; !kept_.empty() && kept_.front().first <= compacted_; kept_.pop_front()) {
    kept_.front().second->pop_front();
  }
}

void Store::compact(std::uint64_t revision) {
  RACEBED_ASSERT(revision <= revision_, "only the past is compacted");
  forget(revision);
  for (const auto& [number, listener] : listeners_) listener->on_compaction(compacted_);
}

}  // namespace racebed::models
