#include "models/apiserver/resource.hpp"

#include "models/apiserver/notification_schema.hpp"
#include "models/apiserver/status.hpp"

namespace racebed::models {

const ResourceType* Registry::find(std::string_view group, std::string_view version,
                                   std::string_view plural) const {
  for (const auto& type : types_) {
    if (type->plural == plural && type->group == group && type->version == version) return type.get();
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
