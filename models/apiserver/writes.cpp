#include "models/apiserver/writes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/apiserver/write_rules.hpp"

namespace racebed::models {
namespace {

bool has_finalizers(const Json& object) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end()) return false;
  const auto finalizers = metadata->find("finalizers");
  return finalizers != metadata->end() && finalizers->is_array() && !finalizers->empty();
}

/// Takes a member over from `from`, or takes it away when `from` has none.
void take_over(Json& to, const Json& from, const char* member) {
  if (const auto it = from.find(member); it != from.end()) {
    to[member] = *it;
  } else {
    to.erase(member);
  }
}

/// RFC 1123 subdomain (kubernetes.md §1.11).
bool is_dns_subdomain(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  char before = '.';
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!alphanumeric && c != '-' && c != '.') return false;
    if (!alphanumeric && (before == '.' || (c == '.' && before == '-'))) return false;
    before = c;
  }
  return before != '.' && before != '-';
}

std::vector<Cause> validate_name(const std::string& name) {
  if (is_dns_subdomain(name)) return {};
  return {
      {"FieldValueInvalid", "metadata.name",
       fmt::format(
           "Invalid value: \"{}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
           "characters, '-' or '.', and must start and end with an alphanumeric character",
           name)}};
}

bool is_label_value(std::string_view text) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (text.empty()) return true;
  if (text.size() > 63 || !alphanumeric(text.front()) || !alphanumeric(text.back())) return false;
  return std::ranges::all_of(text,
                             [&](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::vector<Cause> validate_labels(const Json& object) {
  std::vector<Cause> causes;
  const auto labels = object["metadata"].find("labels");
  if (labels == object["metadata"].end() || !labels->is_object()) return causes;
  for (const auto& [key, value] : labels->items()) {
    if (value.is_string() && is_label_value(value.get_ref<const std::string&>())) continue;
    causes.push_back({"FieldValueInvalid", "metadata.labels",
                      fmt::format("Invalid value: {}: a valid label must be an empty string or consist of "
                                  "alphanumeric characters, '-', '_' or '.', and must start and end with an "
                                  "alphanumeric character",
                                  value.dump())});
  }
  return causes;
}

/// Everything outside metadata, and outside status where that has an endpoint of its own.
bool content_differs(const ResourceType& type, const Json& a, const Json& b) {
  const auto relevant = [&](const std::string& key) {
    return key != "metadata" && !(type.has_status && key == "status");
  };
  for (auto it = a.begin(); it != a.end(); ++it) {
    if (!relevant(it.key())) continue;
    const auto other = b.find(it.key());
    if (other == b.end() || *other != *it) return true;
  }
  for (auto it = b.begin(); it != b.end(); ++it) {
    if (relevant(it.key()) && !a.contains(it.key())) return true;
  }
  return false;
}

Refusal uid_precondition(const ResourceType& type, const Target& target, const std::string& wanted,
                         const std::string& found) {
  return conflict(
      type, target.name,
      fmt::format("StorageError: invalid object, Code: 4, Key: /registry/{}/{}/{}/{}, ResourceVersion: 0, "
                  "AdditionalErrorMsg: Precondition failed: UID in precondition: {}, UID in object meta: {}",
                  type.group, type.plural, target.ns, target.name, wanted, found));
}

}  // namespace

std::string Writes::now_text() const {
  return to_rfc3339(runtime_.clock.now());
}

Result<std::unique_ptr<Json>, Refusal> Writes::decode(const ApiHttpRequest& request,
                                                      const Target& target) const {
  const ResourceType& type = *target.type;
  Json object;
  if (request.body) {
    object = *request.body;
  } else {
    const std::string media = request.content_type.substr(0, request.content_type.find(';'));
    if (!media.empty() && media != "application/json") {
      return Refusal{.code = 415,
                     .reason = "UnsupportedMediaType",
                     .message =
                         "the body of the request was in an unknown format - accepted media types "
                         "include: application/json",
                     .details = false};
    }
    object = Json::parse(request.bytes, nullptr, false);
    if (object.is_discarded()) return bad_request("couldn't get version/kind; json parse error");
  }
  if (!object.is_object()) return bad_request("the object provided is unrecognized");
  if (object.value("apiVersion", type.api_version()) != type.api_version()) {
    return bad_request(
        fmt::format("the API version in the data ({}) does not match the expected API version ({})",
                    object["apiVersion"].dump(), type.api_version()));
  }
  if (object.value("kind", type.kind) != type.kind) {
    const std::string kind = object["kind"].get<std::string>();
    if (!type.custom) {
      return bad_request(
          fmt::format("{} in version \"{}\" cannot be handled as a {}", kind, type.version, type.kind));
    }
    Refusal refusal = invalid(
        type, metadata_text(object, "name"),
        {{"FieldValueInvalid", "kind", fmt::format("Invalid value: \"{}\": must be {}", kind, type.kind)}});
    refusal.kind = kind;
    return refusal;
  }
  object["apiVersion"] = type.api_version();
  object["kind"] = type.kind;
  if (!object.contains("metadata") || !object["metadata"].is_object()) object["metadata"] = Json::object();
  const std::string& ns = metadata_text(object, "namespace");
  if (!ns.empty() && ns != target.ns) {
    return bad_request(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  if (type.namespaced) object["metadata"]["namespace"] = target.ns;
  return std::make_unique<Json>(std::move(object));
}

ApiHttpResponse Writes::create(const ApiHttpRequest& request, const Target& target) {
  const ResourceType& type = *target.type;
  if (!type.create_not_allowed.empty()) {
    Refusal refusal = method_not_allowed(type, "create");
    refusal.message = type.create_not_allowed;
    return refusal.response();
  }
  auto decoded = decode(request, target);
  if (!decoded) return decoded.error().response();
  Json& object = **decoded;
  if (!metadata_text(object, "resourceVersion").empty() && metadata_text(object, "resourceVersion") != "0") {
    return Refusal{.code = 500,
                   .message = "resourceVersion should not be set on objects to be created",
                   .details = false}
        .response();
  }
  if (type.namespaced &&
      store_.find(*registry_.find("", "v1", "namespaces"), Store::key("", target.ns)) == nullptr) {
    return not_found(*registry_.find("", "v1", "namespaces"), target.ns).response();
  }
  return answer(insert(request, target, std::move(object), dry_run(target)), 201);
}

Writes::Outcome Writes::insert(const ApiHttpRequest& request, const Target& target, Json object, bool dry) {
  const ResourceType& type = *target.type;
  Json& metadata = object["metadata"];
  for (const char* member : {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
                             "generation", "selfLink", "resourceVersion", "managedFields"}) {
    metadata.erase(member);
  }
  if (metadata_text(object, "name").empty() && !metadata_text(object, "generateName").empty()) {
    static constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    std::string name = metadata_text(object, "generateName").substr(0, 58);
    for (int i = 0; i < 5; ++i) name += kAlphabet[runtime_.random.below(kAlphabet.size(), "generate-name")];
    metadata["name"] = name;
  }
  const std::string name = metadata_text(object, "name");
  if (name.empty()) {
    return invalid(
        type, "",
        {{"FieldValueRequired", "metadata.name", "Required value: name or generateName is required"}});
  }
  if (type.has_status) object.erase("status");
  if (type.default_and_prune) type.default_and_prune(object);
  if (type.complete) type.complete(object);
  std::vector<Cause> causes = validate_name(name);
  std::ranges::move(validate_labels(object), std::back_inserter(causes));
  if (type.validate) std::ranges::move(type.validate(object, nullptr), std::back_inserter(causes));
  if (!causes.empty()) return invalid(type, name, std::move(causes));
  const std::string key = Store::key(target.ns, name);
  if (const JsonPtr existing = store_.find(type, key))
    return already_exists(type, name, is_terminating(*existing));
  metadata["uid"] = uuid_v4(runtime_.random, "object-uid");
  metadata["creationTimestamp"] = now_text();
  if (type.has_generation) metadata["generation"] = 1;
  if (dry) return std::make_shared<const Json>(std::move(object));
  return store_.put(type, key, std::move(object), request.client, Committed::Operation::create);
}

ApiHttpResponse Writes::update(const ApiHttpRequest& request, const Target& target) {
  const ResourceType& type = *target.type;
  auto decoded = decode(request, target);
  if (!decoded) return decoded.error().response();
  Json& object = **decoded;
  const std::string& name = metadata_text(object, "name");
  if (name != target.name) {
    return bad_request(fmt::format("the name of the object ({}) does not match the name on the URL ({})",
                                   name, target.name))
        .response();
  }
  const JsonPtr current = store_.find(type, Store::key(target.ns, target.name));
  const std::string& uid = metadata_text(object, "uid");
  if (current == nullptr) {
    if (!uid.empty()) return uid_precondition(type, target, uid, "").response();
    if (!type.create_on_update || !target.subresource.empty()) return not_found(type, target.name).response();
    return answer(insert(request, target, std::move(object), dry_run(target)), 201);
  }
  if (!uid.empty() && uid != metadata_text(*current, "uid")) {
    return uid_precondition(type, target, uid, metadata_text(*current, "uid")).response();
  }
  if (metadata_text(object, "resourceVersion").empty() && !type.unconditional_update) {
    Refusal refusal = invalid(type, target.name,
                              {{"FieldValueInvalid", "metadata.resourceVersion",
                                "Invalid value: 0x0: must be specified for an update"}});
    refusal.kind = type.plural;
    return refusal.response();
  }
  return answer(replace(request, target, current, std::move(object)));
}

Writes::Outcome Writes::replace(const ApiHttpRequest& request, const Target& target, const JsonPtr& current,
                                Json desired) {
  const ResourceType& type = *target.type;
  const std::string& revision = metadata_text(desired, "resourceVersion");
  if (!revision.empty() && revision != metadata_text(*current, "resourceVersion"))
    return modified(type, target.name);
  const bool status_endpoint = target.subresource == "status";
  // The status of a PUT to the main endpoint is dropped, but not before field management has noted who sent
  // it: where it differs from what is stored, the write changes managedFields, and so the version (recorded
  // case update-ignores-status).
  const bool noted = !status_endpoint && type.has_status && desired.contains("status") &&
                     desired["status"] != current->value("status", Json());
  Json next = *current;
  if (status_endpoint) {
    take_over(next, desired, "status");
  } else {
    const Json old_metadata = next["metadata"];
    next = std::move(desired);
    Json& metadata = next["metadata"];
    for (const char* member :
         {"uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds",
          "resourceVersion", "namespace", "name", "selfLink", "managedFields"}) {
      take_over(metadata, old_metadata, member);
    }
    if (type.has_status) take_over(next, *current, "status");
    if (is_terminating(*current)) {
      const Json before = old_metadata.value("finalizers", Json::array());
      const Json after = metadata.value("finalizers", Json::array());
      for (const Json& finalizer : after) {
        if (std::ranges::find(before, finalizer) != before.end()) continue;
        const Cause cause{"FieldValueForbidden", "metadata.finalizers",
                          fmt::format("Forbidden: no new finalizers can be added if the object is being "
                                      "deleted, found new finalizers []string{{{}}}",
                                      finalizer.dump())};
        std::vector<Cause> causes{cause};
        if (type.custom) causes.push_back(cause);  // said twice, as recorded
        return invalid(type, target.name, std::move(causes));
      }
    }
  }
  if (type.default_and_prune) type.default_and_prune(next);
  if (!status_endpoint && type.has_generation && content_differs(type, next, *current)) {
    next["metadata"]["generation"] = current->at("metadata").value("generation", std::int64_t{0}) + 1;
  }
  if (type.validate) {
    auto causes = type.validate(next, current.get());
    if (!causes.empty()) return invalid(type, target.name, std::move(causes));
  }
  if (dry_run(target)) return std::make_shared<const Json>(std::move(next));
  const std::string key = Store::key(target.ns, target.name);
  if (!status_endpoint && is_terminating(next) && !has_finalizers(next)) {
    auto sent = std::make_shared<const Json>(std::move(next));
    store_.remove(type, key, request.client);
    return sent;
  }
  if (next == *current && !noted) return current;  // a write that changes nothing is none
  return store_.put(type, key, std::move(next), request.client,
                    status_endpoint ? Committed::Operation::status : Committed::Operation::update);
}

ApiHttpResponse Writes::patch(const ApiHttpRequest& request, const Target& target) {
  const ResourceType& type = *target.type;
  const std::string content_type = request.content_type.substr(0, request.content_type.find(';'));
  const bool merge = content_type == "application/merge-patch+json" ||
                     (content_type == "application/strategic-merge-patch+json" && !type.custom);
  if (!merge && content_type != "application/json-patch+json")
    return unsupported_media_type(type.custom).response();
  Json change = request.body ? *request.body : Json::parse(request.bytes, nullptr, false);
  if (change.is_discarded()) {
    return Refusal{.code = 500, .message = "Invalid JSON Patch", .details = false}.response();
  }
  if ((merge ? !change.is_object() : !change.is_array())) {
    return bad_request("error decoding patch").response();
  }
  const JsonPtr current = store_.find(type, Store::key(target.ns, target.name));
  if (current == nullptr) return not_found(type, target.name).response();
  Json desired = *current;
  desired["metadata"].erase(
      "resourceVersion");  // a patch is applied to what is there, unless it names a version
  if (merge) {
    desired.merge_patch(change);
  } else {
    try {
      desired = desired.patch(change);
    } catch (const Json::exception&) {
      return Refusal{.code = 422,
                     .reason = "Invalid",
                     .message = "the server rejected our request due to an error in our request",
                     .empty_details = true}
          .response();
    }
  }
  if (metadata_text(desired, "name") != target.name) {
    return bad_request(fmt::format("the name of the object ({}) does not match the name on the URL ({})",
                                   metadata_text(desired, "name"), target.name))
        .response();
  }
  // /status takes nothing of metadata but the version (status-patch-of-old-incarnation-uid-precondition).
  if (target.subresource.empty() && metadata_text(desired, "uid") != metadata_text(*current, "uid")) {
    return invalid(
               type, target.name,
               {{"FieldValueInvalid", "metadata.uid",
                 fmt::format("Invalid value: \"{}\": field is immutable", metadata_text(desired, "uid"))}})
        .response();
  }
  return answer(replace(request, target, current, std::move(desired)));
}

}  // namespace racebed::models
