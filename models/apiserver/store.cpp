#include "models/apiserver/store.hpp"

#include <fmt/format.h>

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

std::uint64_t revision_of(const Json& object) {
  const std::string& text = metadata_text(object, "resourceVersion");
  std::uint64_t revision = 0;
  std::from_chars(text.data(), text.data() + text.size(), revision);
  return revision;
}

std::string Store::key(std::string_view ns, std::string_view name) {
  return fmt::format("{}/{}", ns, name);
}

JsonPtr Store::find(const ResourceType& type, std::string_view key) const {
  const Objects& all = objects(type);
  const auto found = all.find(key);
  return found == all.end() ? nullptr : found->second;
}

const Store::Objects& Store::objects(const ResourceType& type) const {
  static const Objects kNone;
  const auto found = objects_.find(&type);
  return found == objects_.end() ? kNone : found->second;
}

JsonPtr Store::put(const ResourceType& type, std::string_view key, Json object, const Actor& actor,
                   Committed::Operation operation) {
  const std::uint64_t revision = next_revision();
  object["metadata"]["resourceVersion"] = fmt::format("{}", revision);
  auto stored = std::make_shared<const Json>(std::move(object));
  JsonPtr& slot = objects_[&type][std::string(key)];
  JsonPtr before = std::exchange(slot, stored);
  commit({revision, &type, std::string(key), std::move(before), stored, nullptr}, actor, operation);
  return stored;
}

JsonPtr Store::remove(const ResourceType& type, std::string_view key, const Actor& actor) {
  Objects& all = objects_[&type];
  const auto found = all.find(key);
  RACEBED_ASSERT(found != all.end(), fmt::format("{} is there to be removed", key));
  JsonPtr before = std::move(found->second);
  all.erase(found);
  const std::uint64_t revision = next_revision();
  Json last = *before;
  last["metadata"]["resourceVersion"] = fmt::format("{}", revision);
  auto last_state = std::make_shared<const Json>(std::move(last));
  commit({revision, &type, std::string(key), std::move(before), nullptr, last_state}, actor,
         Committed::Operation::remove);
  return last_state;
}

void Store::commit(Change change, const Actor& actor, Committed::Operation operation) {
  RACEBED_ASSERT(change.revision == revision_ + 1, "revisions grow by one with each commit");
  revision_ = change.revision;
  history_.push_back(change);
  if (history_.size() > kHistoryMax) compact(history_.front().revision);
  const Json& state = change.after ? *change.after : *change.before;
  ledger_.record(
      actor, Committed{operation, ref_of(*change.type, state), change.revision, change.before, change.after});
  for (const Listener& listener : listeners_) listener(change);
}

void Store::compact(std::uint64_t revision) {
  RACEBED_ASSERT(revision <= revision_, "only the past is compacted");
  compacted_ = std::max(compacted_, revision);
  while (!history_.empty() && history_.front().revision <= compacted_) history_.pop_front();
}

}  // namespace racebed::models
