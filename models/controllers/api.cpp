#include "models/controllers/api.hpp"

#include <algorithm>

#include "models/apiserver/store.hpp"

namespace racebed::models {
namespace {

std::string text_at(const Json& object, const char* member) {
  if (!object.is_object()) return {};
  const auto it = object.find(member);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// The kinds of one APIResourceList that a controller can follow and delete.
void append_kinds(const Json& list, const std::string& group, const std::string& version,
                  std::vector<ApiResource>& resources) {
  const auto rows = list.find("resources");
  if (rows == list.end() || !rows->is_array()) return;
  for (const Json& row : *rows) {
    const std::string name = text_at(row, "name");
    const auto verbs = row.is_object() ? row.find("verbs") : row.end();
    if (name.empty() || name.find('/') != std::string::npos || verbs == row.end()) continue;
    const auto can = [&](const char* verb) { return std::ranges::find(*verbs, Json(verb)) != verbs->end(); };
    if (!can("list") || !can("watch") || !can("delete")) continue;
    const auto namespaced = row.find("namespaced");
    resources.push_back({group, version, name, text_at(row, "kind"),
                         namespaced != row.end() && namespaced->is_boolean() && namespaced->get<bool>()});
  }
}

}  // namespace

std::string metadata_of(const Json& object, const char* member) {
  return metadata_text(object, member);
}

std::vector<std::string> finalizers_of(const Json& object) {
  std::vector<std::string> all;
  const auto metadata = object.find("metadata");
  if (metadata == object.end()) return all;
  const auto finalizers = metadata->find("finalizers");
  if (finalizers == metadata->end() || !finalizers->is_array()) return all;
  for (const Json& finalizer : *finalizers) {
    if (finalizer.is_string()) all.push_back(finalizer.get<std::string>());
  }
  return all;
}

std::string ApiResource::path(const std::string& ns, const std::string& name) const {
  std::string text = (group.empty() ? "/api/" : "/apis/") + api_version();
  if (!ns.empty()) text += "/namespaces/" + ns;
  text += "/" + plural;
  if (!name.empty()) text += "/" + name;
  return text;
}

asio::awaitable<ApiHttpResponse> ControllerClient::send(std::string method, std::string target, JsonPtr body,
                                                        std::string content_type) {
  ApiHttpRequest request{.method = std::move(method),
                         .target = std::move(target),
                         .content_type = std::move(content_type),
                         .accept = "application/json",
                         .body = std::move(body),
                         .client = actor_};
  auto answer = co_await api_.call(std::move(request));
  ApiHttpResponse response;
  response.status = 0;
  if (answer) response = std::move(*answer);
  co_return std::move(response);
}

asio::awaitable<ApiHttpResponse> ControllerClient::merge_patch(std::string target, Json patch) {
  auto body = std::make_shared<const Json>(std::move(patch));
  std::string type = "application/merge-patch+json";
  return send("PATCH", std::move(target), std::move(body), std::move(type));
}

asio::awaitable<std::optional<std::vector<ApiResource>>> ControllerClient::discover() {
  std::vector<ApiResource> resources;
  ApiHttpResponse core = co_await send("GET", "/api/v1");
  if (core.status != 200 || !core.body) co_return std::nullopt;
  append_kinds(*core.body, "", "v1", resources);
  ApiHttpResponse groups = co_await send("GET", "/apis");
  if (groups.status != 200 || !groups.body) co_return std::nullopt;
  const auto rows = groups.body->find("groups");
  if (rows == groups.body->end() || !rows->is_array()) co_return std::nullopt;
  for (const Json& row : *rows) {
    const auto preferred = row.is_object() ? row.find("preferredVersion") : row.end();
    if (preferred == row.end()) continue;
    const std::string group_version = text_at(*preferred, "groupVersion");
    std::string path = "/apis/" + group_version;
    ApiHttpResponse list = co_await send("GET", std::move(path));
    if (list.status != 200 || !list.body) continue;  // gone since; the next discovery knows better
    append_kinds(*list.body, text_at(row, "name"), text_at(*preferred, "version"), resources);
  }
  co_return std::move(resources);
}

}  // namespace racebed::models
