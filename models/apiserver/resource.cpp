#include "models/apiserver/resource.hpp"

#include <algorithm>

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

namespace {

/// coordination.k8s.io/v1 Lease: durations are positive (kubernetes.md §1.16).
std::vector<Cause> validate_lease(const Json& lease, const Json*) {
  std::vector<Cause> causes;
  const Json spec = lease.value("spec", Json::object());
  if (const auto it = spec.find("leaseDurationSeconds");
      it != spec.end() && it->is_number() && it->get<std::int64_t>() <= 0) {
    causes.push_back({"FieldValueInvalid", "spec.leaseDurationSeconds",
                      "Invalid value: " + it->dump() + ": must be greater than 0"});
  }
  return causes;
}

void complete_namespace(Json& object) {
  object["spec"] = {{"finalizers", Json::array({"kubernetes"})}};
  object["status"] = {{"phase", "Active"}};
}

/// Members that a typed server always writes.
void complete_event(Json& event) {
  if (!event.contains("eventTime")) event["eventTime"] = nullptr;
  for (const char* member : {"reportingComponent", "reportingInstance"}) {
    if (!event.contains(member)) event[member] = "";
  }
}

}  // namespace

Registry builtin_resources() {
  return builtin_resources(NotificationTypeOptions{});
}

Registry builtin_resources(const NotificationTypeOptions& notification) {
  Registry registry;
  registry.add({.version = "v1",
                .plural = "namespaces",
                .singular = "namespace",
                .kind = "Namespace",
                .namespaced = false,
                .has_status = true,
                .unconditional_update = true,
                .complete = complete_namespace});
  registry.add({.version = "v1",
                .plural = "configmaps",
                .singular = "configmap",
                .kind = "ConfigMap",
                .unconditional_update = true});
  registry.add({.version = "v1",
                .plural = "secrets",
                .singular = "secret",
                .kind = "Secret",
                .unconditional_update = true});
  registry.add({.version = "v1",
                .plural = "events",
                .singular = "event",
                .kind = "Event",
                .unconditional_update = true,
                .create_on_update = true,
                .complete = complete_event});
  registry.add({.group = "coordination.k8s.io",
                .version = "v1",
                .plural = "leases",
                .singular = "lease",
                .kind = "Lease",
                .create_on_update = true,
                .validate = validate_lease});
  registry.add(notification_request_type(notification));
  return registry;
}

}  // namespace racebed::models
