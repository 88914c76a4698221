#include "models/apiserver/discovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "models/apiserver/openapi.hpp"
#include "models/apiserver/openapi_v2.hpp"

namespace racebed::models {
namespace {

constexpr std::array<const char*, 8> kCustomVerbs = {"delete", "deletecollection", "get",    "list",
                                                     "patch",  "create",           "update", "watch"};
constexpr std::array<const char*, 8> kBuiltinVerbs = {"create", "delete", "deletecollection", "get",
                                                      "list",   "patch",  "update",           "watch"};
constexpr std::array<const char*, 3> kStatusVerbs = {"get", "patch", "update"};
constexpr std::array kHealthParts = {"/ping", "/log", "/etcd"};
constexpr const char* kAggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

// As a kube-apiserver with nothing but its extensions part lists them (recorded case unknown-path).
constexpr std::array kPaths = {"/apis",
                               "/apis/",
                               "/apis/apiextensions.k8s.io",
                               "/apis/apiextensions.k8s.io/v1",
                               "/apis/apiextensions.k8s.io/v1beta1",
                               "/healthz",
                               "/healthz/etcd",
                               "/healthz/log",
                               "/healthz/ping",
                               "/healthz/poststarthook/crd-informer-synced",
                               "/healthz/poststarthook/generic-apiserver-start-informers",
                               "/healthz/poststarthook/priority-and-fairness-config-consumer",
                               "/healthz/poststarthook/priority-and-fairness-filter",
                               "/healthz/poststarthook/start-apiextensions-controllers",
                               "/healthz/poststarthook/start-apiextensions-informers",
                               "/livez",
                               "/livez/etcd",
                               "/livez/log",
                               "/livez/ping",
                               "/livez/poststarthook/crd-informer-synced",
                               "/livez/poststarthook/generic-apiserver-start-informers",
                               "/livez/poststarthook/priority-and-fairness-config-consumer",
                               "/livez/poststarthook/priority-and-fairness-filter",
                               "/livez/poststarthook/start-apiextensions-controllers",
                               "/livez/poststarthook/start-apiextensions-informers",
                               "/metrics",
                               "/openapi/v2",
                               "/readyz",
                               "/readyz/etcd",
                               "/readyz/informer-sync",
                               "/readyz/log",
                               "/readyz/ping",
                               "/readyz/poststarthook/crd-informer-synced",
                               "/readyz/poststarthook/generic-apiserver-start-informers",
                               "/readyz/poststarthook/priority-and-fairness-config-consumer",
                               "/readyz/poststarthook/priority-and-fairness-filter",
                               "/readyz/poststarthook/start-apiextensions-controllers",
                               "/readyz/poststarthook/start-apiextensions-informers",
                               "/readyz/shutdown",
                               "/version"};

using Types = std::vector<const ResourceType*>;

ApiHttpResponse json(Json body) {
  return {.body = std::make_shared<const Json>(std::move(body))};
}

Json verbs_of(const ResourceType& type) {
  if (type.custom) return kCustomVerbs;
  Json verbs = kBuiltinVerbs;
  // Nobody deletes all namespaces at once.
  if (type.group.empty() && type.kind == "Namespace") verbs.erase(2);
  return verbs;
}

Json subresource_entry(const ResourceType& type, const std::string& name) {
  return {{"name", type.plural + "/" + name},
          {"singularName", ""},
          {"namespaced", type.namespaced},
          {"kind", type.kind},
          {"verbs", kStatusVerbs}};
}

/// Its objects have a group of their own.
Json scale_entry(const ResourceType& type) {
  Json entry = subresource_entry(type, "scale");
  entry["group"] = "autoscaling";
  entry["version"] = "v1";
  entry["kind"] = "Scale";
  return entry;
}

Json resource_entry(const ResourceType& type) {
  Json entry{{"name", type.plural},
             {"singularName", type.custom ? type.singular : ""},
             {"namespaced", type.namespaced},
             {"kind", type.kind},
             {"verbs", verbs_of(type)}};
  if (!type.short_names.empty()) entry["shortNames"] = type.short_names;
  if (!type.categories.empty()) entry["categories"] = type.categories;
  if (!type.storage_version_hash.empty()) entry["storageVersionHash"] = type.storage_version_hash;
  return entry;
}

Json resource_list(const std::string& group_version, const Types& types) {
  Json list{{"kind", "APIResourceList"}, {"groupVersion", group_version}, {"resources", Json::array()}};
  if (group_version != "v1") list["apiVersion"] = "v1";
  for (const ResourceType* type : types) {
    list["resources"].push_back(resource_entry(*type));
    if (type->has_status) list["resources"].push_back(subresource_entry(*type, "status"));
    if (type->scale) list["resources"].push_back(scale_entry(*type));
  }
  return list;
}

/// The groups in the order in which clients should prefer them: those of Kubernetes itself, then the others
/// as they came.
std::vector<std::string> group_names(const Registry& registry) {
  std::vector<std::string> names;
  for (const auto& type : registry.types()) {
    if (!type->group.empty() && std::ranges::find(names, type->group) == names.end())
      names.push_back(type->group);
  }
  std::ranges::stable_partition(names, [](const std::string& name) { return name.ends_with(".k8s.io"); });
  return names;
}

/// The versions of a group, the preferred one first.
std::vector<std::string> versions_of(const Registry& registry, std::string_view group) {
  std::vector<std::string> versions;
  for (const auto& type : registry.types()) {
    if (type->group == group && std::ranges::find(versions, type->version) == versions.end())
      versions.push_back(type->version);
  }
  std::ranges::sort(versions,
                    [](const std::string& a, const std::string& b) { return version_precedes(a, b); });
  return versions;
}

Types types_of(const Registry& registry, std::string_view group, std::string_view version) {
  Types types;
  for (const auto& type : registry.types()) {
    if (type->group == group && type->version == version) types.push_back(type.get());
  }
  return types;
}

Json group_entry(const Registry& registry, const std::string& group) {
  Json versions = Json::array();
  for (const std::string& version : versions_of(registry, group))
    versions.push_back({{"groupVersion", group + "/" + version}, {"version", version}});
  Json preferred = versions.front();
  return {{"name", group}, {"versions", std::move(versions)}, {"preferredVersion", std::move(preferred)}};
}

ApiHttpResponse groups(const Registry& registry) {
  Json list{{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", Json::array()}};
  for (const std::string& group : group_names(registry))
    list["groups"].push_back(group_entry(registry, group));
  return json(std::move(list));
}

Json aggregated_resource(const ResourceType& type) {
  const Json kind{{"group", type.group}, {"version", type.version}, {"kind", type.kind}};
  Json entry{{"resource", type.plural},
             {"responseKind", kind},
             {"scope", type.namespaced ? "Namespaced" : "Cluster"},
             {"singularResource", type.singular},
             {"verbs", verbs_of(type)}};
  if (!type.short_names.empty()) entry["shortNames"] = type.short_names;
  if (!type.categories.empty()) entry["categories"] = type.categories;
  const auto subresource = [&entry](const char* name, const Json& response) {
    entry["subresources"].push_back(
        {{"subresource", name}, {"responseKind", response}, {"verbs", kStatusVerbs}});
  };
  if (type.has_status) subresource("status", kind);
  if (type.scale) subresource("scale", Json{{"group", "autoscaling"}, {"version", "v1"}, {"kind", "Scale"}});
  return entry;
}

/// Everything of some groups in one answer (kubectl since 1.26 asks for it).
ApiHttpResponse aggregated(const Registry& registry, const std::vector<std::string>& names) {
  Json list{{"kind", "APIGroupDiscoveryList"},
            {"apiVersion", "apidiscovery.k8s.io/v2"},
            {"metadata", Json::object()},
            {"items", Json::array()}};
  for (const std::string& group : names) {
    Json versions = Json::array();
    for (const std::string& version : versions_of(registry, group)) {
      Json resources = Json::array();
      for (const ResourceType* type : types_of(registry, group, version))
        resources.push_back(aggregated_resource(*type));
      versions.push_back(
          {{"version", version}, {"resources", std::move(resources)}, {"freshness", "Current"}});
    }
    Json metadata{{"name", group}, {"creationTimestamp", nullptr}};
    list["items"].push_back({{"metadata", std::move(metadata)}, {"versions", std::move(versions)}});
  }
  ApiHttpResponse response = json(std::move(list));
  response.headers.emplace_back("Content-Type", kAggregated);
  return response;
}

bool wants_aggregated(std::string_view accept) {
  const std::size_t at = accept.find("as=APIGroupDiscoveryList");
  if (at == std::string_view::npos) return false;
  const std::size_t begin = accept.rfind(',', at) == std::string_view::npos ? 0 : accept.rfind(',', at) + 1;
  const std::string_view clause = accept.substr(begin, accept.find(',', at) - begin);
  return clause.find("v=v2;") != std::string_view::npos || clause.ends_with("v=v2");
}

ApiHttpResponse core_versions() {
  const Json address{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", "apiserver:6443"}};
  return json({{"kind", "APIVersions"},
               {"versions", Json::array({"v1"})},
               {"serverAddressByClientCIDRs", Json::array({address})}});
}

/// The semantics are those of this version; clients compare it with their own and warn of a large difference
/// only.
ApiHttpResponse version() {
  return json({{"major", "1"},
               {"minor", "30"},
               {"gitVersion", fmt::format("v1.30.0+racebed-{}", RACEBED_VERSION)},
               {"gitCommit", ""},
               {"gitTreeState", "clean"},
               {"buildDate", "1970-01-01T00:00:00Z"},
               {"goVersion", "none"},
               {"compiler", "gc"},
               {"platform", "linux/amd64"}});
}

std::optional<ApiHttpResponse> health(std::string_view path, std::string_view query) {
  for (const std::string_view page : {"/healthz", "/livez", "/readyz"}) {
    if (!path.starts_with(page)) continue;
    if (path == page) {
      if (query.find("verbose") == std::string_view::npos) return ApiHttpResponse{.text = "ok"};
      return ApiHttpResponse{
          .text = fmt::format("[+]ping ok\n[+]log ok\n[+]etcd ok\n{} check passed\n", page.substr(1))};
    }
    for (const char* part : kHealthParts) {
      if (path.substr(page.size()) == part) return ApiHttpResponse{.text = "ok"};
    }
  }
  return std::nullopt;
}

ApiHttpResponse no_such_path() {
  ApiHttpResponse response = json({{"paths", kPaths}});
  response.status = 404;
  return response;
}

/// GET /: what there is to ask, in order.
ApiHttpResponse root(const Registry& registry) {
  std::set<std::string> all{"/api", "/apis", "/openapi/v2", "/openapi/v3", "/version"};
  for (const char* page : {"/healthz", "/livez", "/readyz"}) {
    all.insert(page);
    for (const char* part : kHealthParts) all.insert(std::string(page) + part);
  }
  for (const auto& type : registry.types()) {
    const std::string folder = type->group.empty() ? "/api" : "/apis/" + type->group;
    all.insert({folder, folder + "/" + type->version});
  }
  return json({{"paths", all}});
}

}  // namespace

bool version_precedes(std::string_view a, std::string_view b) {
  // "v1" before "v2beta1" before "v1alpha1": stable first, then beta, then alpha, each with the larger
  // numbers first (apimachinery, version.CompareKubeAwareVersionStrings).
  struct Rank {
    int level = 0;  // 3 stable, 2 beta, 1 alpha, 0 none of these
    int major = 0;
    int minor = 0;
  };
  const auto rank = [](std::string_view text) -> Rank {
    Rank parsed;
    const auto number = [&](int& into) {
      bool any = false;
      while (!text.empty() && text.front() >= '0' && text.front() <= '9' && into < 100'000'000) {
        into = into * 10 + (text.front() - '0');
        text.remove_prefix(1);
        any = true;
      }
      return any;
    };
    if (!text.starts_with('v')) return {};
    text.remove_prefix(1);
    if (!number(parsed.major)) return {};
    if (text.empty()) return {3, parsed.major, 0};
    parsed.level = text.starts_with("beta") ? 2 : text.starts_with("alpha") ? 1 : 0;
    if (parsed.level == 0) return {};
    text.remove_prefix(parsed.level == 2 ? 4 : 5);
    if (!number(parsed.minor) || !text.empty()) return {};
    return parsed;
  };
  const Rank left = rank(a), right = rank(b);
  if (left.level != right.level) return left.level > right.level;
  if (left.level == 0) return a < b;
  if (left.major != right.major) return left.major > right.major;
  return left.minor > right.minor;
}

ApiHttpResponse unknown_path(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const bool api = path.starts_with("/api/") || path.starts_with("/apis/");
  return api ? ApiHttpResponse{.status = 404, .text = "404 page not found\n"} : no_such_path();
}

std::optional<ApiHttpResponse> discover(const ApiHttpRequest& request, const Registry& registry) {
  const std::string_view target = request.target;
  const std::size_t question = target.find('?');
  std::string_view path = target.substr(0, question);
  const std::string_view query = question == std::string_view::npos ? "" : target.substr(question + 1);
  if (path == "/" || path.empty()) return root(registry);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (auto found = health(path, query)) return found;
  if (path == "/version") return version();
  if (path == "/api") return wants_aggregated(request.accept) ? aggregated(registry, {""}) : core_versions();
  if (path == "/apis")
    return wants_aggregated(request.accept) ? aggregated(registry, group_names(registry)) : groups(registry);
  if (path == "/openapi/v2") return openapi_v2(registry, request.accept);
  if (path == "/openapi/v3") return openapi_v3_index(registry);
  if (path.starts_with("/openapi/v3/")) return openapi_v3(registry, path.substr(12));
  if (path.starts_with("/apis/")) {
    for (const std::string& group : group_names(registry)) {
      if (path != "/apis/" + group) continue;
      Json entry = group_entry(registry, group);
      entry["kind"] = "APIGroup";
      entry["apiVersion"] = "v1";
      return json(std::move(entry));
    }
  }
  for (const auto& type : registry.types()) {
    const std::string prefix = type->group.empty() ? "/api/" : "/apis/";
    if (path == prefix + type->api_version())
      return json(resource_list(type->api_version(), types_of(registry, type->group, type->version)));
  }
  return std::nullopt;
}

}  // namespace racebed::models
