#include "models/apiserver/resource.hpp"

#include <algorithm>

#include "models/apiserver/builtin_resources.hpp"
#include "models/apiserver/crd.hpp"
#include "models/apiserver/notification_schema.hpp"
#include "models/apiserver/status.hpp"
#include "runtime/assert.hpp"

namespace racebed::models {

JsonPtr ResourceType::shown(const JsonPtr& stored_object) const {
  if (!from_storage || stored_object == nullptr) return stored_object;
  Json object = *stored_object;
  from_storage(object);
  return std::make_shared<const Json>(std::move(object));
}

Registry::Resource& Registry::resource(const std::string& group, const std::string& plural) {
  for (Resource& known : resources_) {
    if (known.plural == plural && known.group == group) return known;
  }
  resources_.push_back({.group = group, .plural = plural});
  return resources_.back();
}

void Registry::add(ResourceType type) {
  std::vector<ResourceType> versions;
  versions.push_back(std::move(type));
  serve(std::move(versions));
}

void Registry::serve(std::vector<ResourceType> versions) {
  RACEBED_ASSERT(!versions.empty(), "a kind has a version");
  Resource& known = resource(versions.front().group, versions.front().plural);
  while (known.slots.size() < versions.size()) known.slots.push_back(std::make_shared<ResourceType>());
  known.used = versions.size();
  for (std::size_t i = 0; i < versions.size(); ++i) {
    RACEBED_ASSERT(versions[i].plural == known.plural && versions[i].group == known.group, "one kind");
    *known.slots[i] = std::move(versions[i]);
    known.slots[i]->storage = i == 0 ? nullptr : known.slots.front().get();
  }
  list_anew();
}

void Registry::add_view(ResourceType type, const ResourceType& kept) {
  const std::string group = type.group, plural = type.plural;
  add(std::move(type));
  resource(group, plural).slots.front()->storage = &kept;
}

void Registry::withdraw(std::string_view group, std::string_view plural) {
  for (Resource& known : resources_) {
    if (known.plural == plural && known.group == group) known.used = 0;
  }
  list_anew();
}

void Registry::list_anew() {
  types_.clear();
  index_.clear();
  for (const Resource& known : resources_) {
    std::vector<std::shared_ptr<const ResourceType>> versions(
        known.slots.begin(), known.slots.begin() + static_cast<std::ptrdiff_t>(known.used));
    std::erase_if(versions, [](const auto& type) { return !type->served; });
    std::ranges::stable_sort(
        versions, [](const auto& a, const auto& b) { return version_precedes(a->version, b->version); });
    for (const auto& type : versions) {
      index_[{type->group, type->version, type->plural}] = type.get();
      types_.push_back(type);
    }
  }
  ++version_;
}

const ResourceType* Registry::find(std::string_view group, std::string_view version,
                                   std::string_view plural) const {
  const auto found = index_.find(std::tuple(group, version, plural));
  return found == index_.end() ? nullptr : found->second;
}

const ResourceType* Registry::stored(std::string_view group, std::string_view plural) const {
  for (const Resource& known : resources_) {
    if (known.plural == plural && known.group == group && known.used > 0) return known.slots.front().get();
  }
  return nullptr;
}

Registry builtin_resources() {
  return builtin_resources(NotificationTypeOptions{});
}

Registry builtin_resources(const NotificationTypeOptions& notification) {
  return BuiltinKinds(notification).registry();
}

BuiltinKinds::BuiltinKinds(const NotificationTypeOptions& notification)
    : kinds_{namespace_type(),
             config_map_type(),
             secret_type(),
             event_type(),
             lease_type(),
             definition_type(),
             notification_request_type(notification)},
      event_view_(event_view_type()) {}

Registry BuiltinKinds::registry() const {
  Registry registry;
  for (const ResourceType& kind : kinds_) {
    registry.add(kind);
    if (kind.kind == "Event") registry.add_view(event_view_, *registry.find("", "v1", "events"));
  }
  return registry;
}

}  // namespace racebed::models
