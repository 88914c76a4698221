#include "models/apiserver/discovery.hpp"

#include <algorithm>

namespace racebed::models {
namespace {

ApiHttpResponse json(Json body) {
  return {.body = std::make_shared<const Json>(std::move(body))};
}

Json resource_entry(const ResourceType& type) {
  Json entry{{"name", type.plural},
             {"singularName", type.custom ? type.singular : ""},
             {"namespaced", type.namespaced},
             {"kind", type.kind},
             {"verbs", {"delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"}}};
  if (!type.short_names.empty()) entry["shortNames"] = type.short_names;
  if (!type.storage_version_hash.empty()) entry["storageVersionHash"] = type.storage_version_hash;
  return entry;
}

Json resource_list(const std::string& group_version, const std::vector<const ResourceType*>& types) {
  Json list{{"kind", "APIResourceList"}, {"groupVersion", group_version}, {"resources", Json::array()}};
  if (group_version != "v1") list["apiVersion"] = "v1";
  for (const ResourceType* type : types) {
    list["resources"].push_back(resource_entry(*type));
    if (!type->has_status) continue;
    list["resources"].push_back(Json{{"name", type->plural + "/status"},
                                     {"singularName", ""},
                                     {"namespaced", type->namespaced},
                                     {"kind", type->kind},
                                     {"verbs", {"get", "patch", "update"}}});
  }
  return list;
}

Json group_entry(const ResourceType& type) {
  const Json version{{"groupVersion", type.api_version()}, {"version", type.version}};
  return {{"name", type.group}, {"versions", Json::array({version})}, {"preferredVersion", version}};
}

std::optional<ApiHttpResponse> groups(const Registry& registry) {
  Json list{{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", Json::array()}};
  std::vector<std::string> seen;
  for (const auto& type : registry.types()) {
    if (type->group.empty() || std::ranges::find(seen, type->group) != seen.end()) continue;
    seen.push_back(type->group);
    list["groups"].push_back(group_entry(*type));
  }
  return json(std::move(list));
}

}  // namespace

ApiHttpResponse page_not_found() {
  return {.status = 404, .text = "404 page not found\n"};
}

std::optional<ApiHttpResponse> discover(std::string_view path, const Registry& registry) {
  if (path == "/healthz" || path == "/livez" || path == "/readyz") return ApiHttpResponse{.text = "ok"};
  if (path == "/api") {
    const Json address{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", "apiserver:6443"}};
    return json({{"kind", "APIVersions"},
                 {"versions", Json::array({"v1"})},
                 {"serverAddressByClientCIDRs", Json::array({address})}});
  }
  if (path == "/apis") return groups(registry);
  std::vector<const ResourceType*> listed;
  for (const auto& type : registry.types()) {
    const std::string prefix = type->group.empty() ? "/api/" : "/apis/";
    if (!type->group.empty() && path == prefix + type->group) {
      Json group = group_entry(*type);
      group["kind"] = "APIGroup";
      group["apiVersion"] = "v1";
      return json(std::move(group));
    }
    if (path == prefix + type->api_version()) listed.push_back(type.get());
  }
  if (listed.empty()) return std::nullopt;
  return json(resource_list(listed.front()->api_version(), listed));
}

}  // namespace racebed::models
