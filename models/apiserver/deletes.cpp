#include <fmt/format.h>

#include <algorithm>

#include "models/apiserver/selector.hpp"
#include "models/apiserver/write_rules.hpp"
#include "models/apiserver/writes.hpp"

namespace racebed::models {

Writes::Outcome Writes::remove_one(const ApiHttpRequest& request, const Target& target,
                                   const JsonPtr& current, const Json& options) {
  const ResourceType& type = *target.type;
  const std::string policy =
      options.value("propagationPolicy", std::string(target.parameter("propagationPolicy")));
  if (!policy.empty() && policy != "Background" && policy != "Foreground" && policy != "Orphan") {
    Refusal refusal{
        .code = 422,
        .reason = "Invalid",
        .message = fmt::format(
            "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"{}\"",
            policy),
        .group = "meta.k8s.io",
        .kind = "DeleteOptions"};
    refusal.causes = {{"FieldValueNotSupported", "propagationPolicy",
                       fmt::format("Unsupported value: \"{}\": supported values: \"Foreground\", "
                                   "\"Background\", \"Orphan\", \"nil\"",
                                   policy)}};
    return refusal;
  }
  const Json preconditions = options.value("preconditions", Json::object());
  for (const auto& [member, what, tail] : {std::tuple{"uid", "UID", "deleted and then recreated"},
                                           std::tuple{"resourceVersion", "ResourceVersion", "modified"}}) {
    const std::string wanted = preconditions.value(member, "");
    const std::string& found = metadata_text(*current, member);
    if (wanted.empty() || wanted == found) continue;
    Refusal refusal = conflict(type, target.name,
                               fmt::format("the {} in the precondition ({}) does not match the {} in record "
                                           "({}). The object might have been {}",
                                           what, wanted, what, found, tail));
    refusal.kind = type.kind;
    return refusal;
  }
  Json next = *current;
  Json& metadata = next["metadata"];
  if (type.before_delete && !is_terminating(*current)) type.before_delete(next, now_text());
  Json finalizers = metadata.value("finalizers", Json::array());
  const auto drop = [&](const char* name) {
    finalizers.erase(std::remove(finalizers.begin(), finalizers.end(), Json(name)), finalizers.end());
  };
  drop("orphan");
  drop("foregroundDeletion");
  if (policy == "Foreground") finalizers.push_back("foregroundDeletion");
  if (policy == "Orphan") finalizers.push_back("orphan");
  if (finalizers.empty()) {
    metadata.erase("finalizers");
  } else {
    metadata["finalizers"] = finalizers;
  }
  if (finalizers.empty()) {
    if (!dry_run(target)) store_.remove(type, Store::key(target.ns, target.name), request.client);
    Json details{{"name", target.name}, {"kind", type.plural}, {"uid", metadata_text(*current, "uid")}};
    if (!type.group.empty()) details["group"] = type.group;
    return std::make_shared<const Json>(Json{{"kind", "Status"},
                                             {"apiVersion", "v1"},
                                             {"metadata", Json::object()},
                                             {"status", "Success"},
                                             {"details", std::move(details)}});
  }
  if (!is_terminating(next)) {
    metadata["deletionTimestamp"] = now_text();
    metadata["deletionGracePeriodSeconds"] = 0;
    if (metadata.contains("generation"))
      metadata["generation"] = metadata["generation"].get<std::int64_t>() + 1;
  }
  if (next == *current) return current;
  if (dry_run(target)) return std::make_shared<const Json>(std::move(next));
  return store_.put(type, Store::key(target.ns, target.name), std::move(next), request.client,
                    Committed::Operation::mark_deleted);
}

ApiHttpResponse Writes::remove(const ApiHttpRequest& request, const Target& target) {
  Json options = Json::object();
  if (request.body) options = *request.body;
  if (!request.body && !request.bytes.empty()) options = Json::parse(request.bytes, nullptr, false);
  if (!options.is_object()) return bad_request("couldn't get version/kind; json parse error").response();
  const JsonPtr current = store_.find(*target.type, Store::key(target.ns, target.name));
  if (current == nullptr) return not_found(*target.type, target.name).response();
  return answer(remove_one(request, target, current, options));
}

ApiHttpResponse Writes::remove_collection(const ApiHttpRequest& request, const Target& target) {
  const ResourceType& type = *target.type;
  const auto labels = Selector::parse_labels(target.parameter("labelSelector"));
  if (!labels) return bad_request("unable to parse requirement").response();
  const Selector selector(*labels, {});
  Json items = Json::array();
  const std::uint64_t revision = store_.revision();  // of the list, before anything goes
  const Store::Objects all = store_.objects(type);
  for (const auto& [key, kept] : all) {
    const JsonPtr object = type.shown(kept);
    if (!target.ns.empty() && metadata_text(*object, "namespace") != target.ns) continue;
    if (!selector.matches(*object)) continue;
    Target one = target;
    one.ns = metadata_text(*object, "namespace");
    one.name = metadata_text(*object, "name");
    (void)remove_one(request, one, object, Json::object());
    items.push_back(*object);
  }
  Json metadata{{"resourceVersion", fmt::format("{}", revision)}};
  if (type.custom) metadata["continue"] = "";
  return {.body = std::make_shared<const Json>(Json{{"kind", type.list_kind()},
                                                    {"apiVersion", type.api_version()},
                                                    {"metadata", std::move(metadata)},
                                                    {"items", std::move(items)}})};
}

}  // namespace racebed::models
