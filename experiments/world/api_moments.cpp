#include "experiments/world/api_moments.hpp"

#include <nlohmann/json.hpp>
#include <vector>

namespace racebed::experiments {
namespace {

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) parts.push_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return parts;
}

}  // namespace

models::ObjectRef object_of_target(std::string_view target) {
  const auto parts = parts_of(target.substr(0, target.find('?')));
  models::ObjectRef object;
  std::size_t at = 0;
  if (parts.size() > 2 && parts[0] == "api") at = 2;
  if (parts.size() > 3 && parts[0] == "apis") at = 3;
  if (at == 0) return object;
  if (parts[at] == "namespaces" && parts.size() > at + 2) {
    object.ns = parts[at + 1];
    at += 2;
  }
  object.resource = parts[at];
  if (parts.size() > at + 1) object.name = parts[at + 1];
  return object;
}

models::ObjectRef object_of(std::string_view target, const kube::JsonPtr& body) {
  models::ObjectRef object = object_of_target(target);
  if (!body || !body->is_object()) return object;
  const auto metadata = body->find("metadata");
  if (metadata == body->end() || !metadata->is_object()) return object;
  const auto take = [&](const char* member, std::string& to) {
    const auto found = metadata->find(member);
    if (to.empty() && found != metadata->end() && found->is_string()) to = found->get<std::string>();
  };
  take("namespace", object.ns);
  take("name", object.name);
  take("uid", object.uid);
  return object;
}

}  // namespace racebed::experiments
