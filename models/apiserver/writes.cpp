#include "models/apiserver/writes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/apiserver/json_body.hpp"
#include "models/apiserver/metadata_rules.hpp"
#include "models/apiserver/patches.hpp"
#include "models/apiserver/write_request.hpp"
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
  const auto there = to.find(member);
  if (const auto it = from.find(member); it == from.end()) {
    if (there != to.end()) to.erase(there);
  } else if (there == to.end()) {
    to[member] = *it;
  } else if (*there != *it) {
    *there = *it;
  }
}

bool same_member(const Json& a, const Json& b, const char* member) {
  const auto in_a = a.find(member);
  const auto in_b = b.find(member);
  if (in_a == a.end() || in_b == b.end()) return in_a == a.end() && in_b == b.end();
  return *in_a == *in_b;
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

/// What makes new finalizers of an object that is being deleted a refusal, if there are any.
std::optional<Refusal> new_finalizers(const ResourceType& type, const std::string& name, const Json& metadata,
                                      const Json& old_metadata) {
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
    return invalid(type, name, std::move(causes));
  }
  return std::nullopt;
}

/// Of a sent object what a write to the main endpoint may not change comes from the stored one.
void keep_what_is_the_servers(const ResourceType& type, Json& next, const Json& current) {
  Json& metadata = next["metadata"];
  for (const char* member :
       {"uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds",
        "resourceVersion", "namespace", "name", "selfLink", "managedFields"}) {
    take_over(metadata, current["metadata"], member);
  }
  if (type.has_status) take_over(next, current, "status");
  if (type.plural == "namespaces") take_over(next, current, "spec");  // changed through finalize alone
}

}  // namespace

std::string Writes::now_text() const {
  return to_rfc3339(runtime_.clock.now());
}

ApiHttpResponse Writes::create(const ApiHttpRequest& request, const Target& target) {
  const ResourceType& type = *target.type;
  if (!type.create_not_allowed.empty()) {
    Refusal refusal = method_not_allowed(type, "create");
    refusal.message = type.create_not_allowed;
    return refusal.response();
  }
  if (const auto refusal = check_write_options(target, "CreateOptions")) return refusal->response();
  auto written = written_object(request, target);
  if (!written) return written.error().response();
  const Json& object = (*written)->object();
  if (!metadata_text(object, "resourceVersion").empty() && metadata_text(object, "resourceVersion") != "0") {
    return Refusal{.code = 500,
                   .message = "resourceVersion should not be set on objects to be created",
                   .details = false}
        .response();
  }
  if (const auto refusal = namespace_problem(type, target, metadata_text(object, "name")))
    return refusal->response();
  ApiHttpResponse response = answer(insert(request, target, (*written)->take()), 201);
  add_warnings(response, (*written)->warnings);
  return response;
}

std::optional<Refusal> Writes::namespace_problem(const ResourceType& type, const Target& target,
                                                 const std::string& name) const {
  if (!type.namespaced) return std::nullopt;
  const ResourceType& namespaces = *registry_.find("", "v1", "namespaces");
  const JsonPtr ns = store_.find(namespaces, Store::key("", target.ns));
  if (ns == nullptr) return not_found(namespaces, target.ns);
  if (!is_terminating(*ns)) return std::nullopt;
  Refusal refusal{.code = 403,
                  .reason = "Forbidden",
                  .message = fmt::format(
                      "{} \"{}\" is forbidden: unable to create new content in namespace {} because it is "
                      "being terminated",
                      type.qualified(), name, target.ns),
                  .name = name,
                  .group = type.group,
                  .kind = type.plural};
  refusal.causes = {{"NamespaceTerminating", "metadata.namespace",
                     fmt::format("namespace {} is being terminated", target.ns)}};
  return refusal;
}

std::string Writes::generated_name(const std::string& prefix) {
  static constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string name = prefix.substr(0, 58);
  for (int i = 0; i < 5; ++i) name += kAlphabet[runtime_.random.below(kAlphabet.size(), "generate-name")];
  return name;
}

Writes::Outcome Writes::insert(const ApiHttpRequest& request, const Target& target, Json object) {
  const ResourceType& type = *target.type;
  Json& metadata = object["metadata"];
  for (const char* member : {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
                             "generation", "selfLink", "resourceVersion", "managedFields"}) {
    metadata.erase(member);
  }
  const bool generated =
      metadata_text(object, "name").empty() && !metadata_text(object, "generateName").empty();
  if (generated) metadata["name"] = generated_name(metadata_text(object, "generateName"));
  std::string name = metadata_text(object, "name");
  if (type.has_status) object.erase("status");
  if (type.default_and_prune) type.default_and_prune(object);
  if (type.complete) type.complete(object);
  std::vector<Cause> causes;
  if (name.empty())
    causes.push_back(
        {"FieldValueRequired", "metadata.name", "Required value: name or generateName is required"});
  std::ranges::move(check_name(type, metadata), std::back_inserter(causes));
  std::ranges::move(check_metadata(type, metadata), std::back_inserter(causes));
  if (type.validate && (causes.empty() || !name.empty()))
    std::ranges::move(type.validate(object, nullptr), std::back_inserter(causes));
  if (!causes.empty()) return invalid(type, name, std::move(causes));
  JsonPtr existing = store_.find(type, Store::key(target.ns, name));
  // A generated name may be taken: another is tried, seven times (KEP-4420).
  for (int tries = 1; existing != nullptr && generated && tries < 8; ++tries) {
    name = generated_name(metadata_text(object, "generateName"));
    metadata["name"] = name;
    existing = store_.find(type, Store::key(target.ns, name));
  }
  if (existing != nullptr) {
    Refusal refusal = already_exists(type, name, is_terminating(*existing));
    if (generated) {
      refusal.message += ", the server was not able to generate a unique name for the object";
      refusal.retry_after_seconds = 1;
    }
    return refusal;
  }
  metadata["uid"] = uuid_v4(runtime_.random, "object-uid");
  metadata["creationTimestamp"] = now_text();
  if (type.has_generation) metadata["generation"] = 1;
  if (dry_run(target)) return std::make_shared<const Json>(std::move(object));
  return store_.put(type, Store::key(target.ns, name), std::move(object), request.client,
                    Committed::Operation::create);
}

ApiHttpResponse Writes::update(const ApiHttpRequest& request, const Target& target) {
  const ResourceType& type = *target.type;
  if (const auto refusal = check_write_options(target, "UpdateOptions")) return refusal->response();
  auto written = written_object(request, target);
  if (!written) return written.error().response();
  const Json& object = (*written)->object();
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
    if (const auto refusal = namespace_problem(type, target, target.name)) return refusal->response();
    return answer(insert(request, target, (*written)->take()), 201);
  }
  if (!uid.empty() && uid != metadata_text(*current, "uid")) {
    return uid_precondition(type, target, uid, metadata_text(*current, "uid")).response();
  }
  if (metadata_text(object, "resourceVersion").empty() && !type.unconditional_update) {
    return invalid_as(type, type.plural, target.name,
                      {{"FieldValueInvalid", "metadata.resourceVersion",
                        "Invalid value: 0x0: must be specified for an update"}})
        .response();
  }
  ApiHttpResponse response = answer(replace(request, target, current, **written));
  add_warnings(response, (*written)->warnings);
  return response;
}

Writes::Outcome Writes::finalize(const ApiHttpRequest& request, const Target& target, const JsonPtr& current,
                                 const Json& desired) {
  Json next = *current;
  const auto spec = desired.find("spec");
  const bool given = spec != desired.end() && spec->is_object() && spec->contains("finalizers");
  next["spec"]["finalizers"] = given ? (*spec)["finalizers"] : Json::array();
  if (next["spec"]["finalizers"].empty()) next["spec"].erase("finalizers");
  if (dry_run(target)) return std::make_shared<const Json>(std::move(next));
  if (is_terminating(next) && !next["spec"].contains("finalizers") && !has_finalizers(next)) {
    auto sent = std::make_shared<const Json>(std::move(next));
    store_.remove(*target.type, Store::key(target.ns, target.name), request.client);
    return sent;
  }
  if (next == *current) return current;
  return store_.put(*target.type, Store::key(target.ns, target.name), std::move(next), request.client,
                    Committed::Operation::update);
}

Writes::Outcome Writes::replace_status(const ApiHttpRequest& request, const Target& target,
                                       const JsonPtr& current, const Json& desired) {
  const ResourceType& type = *target.type;
  // Only the status can change: it alone is put into shape, and compared.
  Json part = Json::object();
  take_over(part, desired, "status");
  if (type.default_and_prune) type.default_and_prune(part);
  std::optional<Json> made;
  if (!same_member(part, *current, "status")) {
    made = copy_without(*current, "status");
    if (const auto status = part.find("status"); status != part.end()) (*made)["status"] = std::move(*status);
    if (type.complete_update) type.complete_update(*made);
  }
  if (type.validate) {
    auto causes = type.validate(made ? *made : *current, current.get());
    if (!causes.empty()) return invalid(type, target.name, std::move(causes));
  }
  if (!made) return current;  // a write that changes nothing is none
  if (dry_run(target)) return std::make_shared<const Json>(std::move(*made));
  return store_.put(type, Store::key(target.ns, target.name), std::move(*made), request.client,
                    Committed::Operation::status);
}

Writes::Outcome Writes::replace(const ApiHttpRequest& request, const Target& target, const JsonPtr& current,
                                WrittenObject& desired) {
  const ResourceType& type = *target.type;
  const Json& sent = desired.object();
  const std::string& revision = metadata_text(sent, "resourceVersion");
  if (!revision.empty() && revision != metadata_text(*current, "resourceVersion"))
    return modified(type, target.name);
  if (target.subresource == "finalize") return finalize(request, target, current, sent);
  if (target.subresource == "status") return replace_status(request, target, current, sent);
  // The status of a PUT to the main endpoint is dropped, but not before field management has noted who sent
  // it: where it differs from what is stored, the write changes managedFields, and so the version (recorded
  // case update-ignores-status).
  const bool noted = type.has_status && sent.contains("status") && !same_member(sent, *current, "status");
  const Json& old_metadata = (*current)["metadata"];
  std::vector<Cause> causes = check_metadata_update(sent["metadata"], old_metadata);
  std::ranges::move(check_metadata(type, sent["metadata"]), std::back_inserter(causes));
  if (!causes.empty()) return invalid(type, target.name, std::move(causes));
  Json next = desired.take(type.has_status ? "status" : "");
  keep_what_is_the_servers(type, next, *current);
  if (is_terminating(*current)) {
    if (auto refusal = new_finalizers(type, target.name, next["metadata"], old_metadata))
      return std::move(*refusal);
  }
  if (type.default_and_prune) type.default_and_prune(next);
  if (type.complete_update) type.complete_update(next);
  const bool changed = content_differs(type, next, *current);
  if (changed && type.has_generation) {
    next["metadata"]["generation"] = current->at("metadata").value("generation", std::int64_t{0}) + 1;
  }
  if (type.validate) {
    causes = type.validate(next, current.get());
    if (!causes.empty()) return invalid(type, target.name, std::move(causes));
  }
  if (dry_run(target)) return std::make_shared<const Json>(std::move(next));
  const std::string key = Store::key(target.ns, target.name);
  const bool held =
      type.plural == "namespaces" && next.contains("spec") && next["spec"].contains("finalizers");
  if (is_terminating(next) && !has_finalizers(next) && !held) {
    auto last = std::make_shared<const Json>(std::move(next));
    store_.remove(type, key, request.client);
    return last;
  }
  const bool same =
      !changed && !noted && same_member(next, *current, "metadata") && same_member(next, *current, "status");
  if (same) return current;  // a write that changes nothing is none
  return store_.put(type, key, std::move(next), request.client, Committed::Operation::update);
}

Result<std::unique_ptr<JsonBody>, Refusal> Writes::patched(const ApiHttpRequest& request,
                                                           const JsonPtr& current) const {
  const std::string media = request.content_type.substr(0, request.content_type.find(';'));
  const bool operations = media == "application/json-patch+json";
  std::optional<JsonBody> body;
  if (request.body) {
    body = JsonBody{*request.body};
  } else {
    body = parse_json_body(request.bytes);
  }
  if (!body) return Refusal{.code = 500, .message = "Invalid JSON Patch", .details = false};
  const Json& change = body->value;
  if (operations ? !change.is_array() : !change.is_object()) return bad_request("error decoding patch");
  if (operations && change.size() > kJsonPatchOperationsMax) {
    return Refusal{.code = 413,
                   .reason = "RequestEntityTooLarge",
                   .message = fmt::format("The allowed maximum operations in a JSON patch is {}, got {}",
                                          kJsonPatchOperationsMax, change.size()),
                   .details = false};
  }
  auto desired = std::make_unique<JsonBody>(JsonBody{*current});
  // A patch is applied to what is there, unless it names a version.
  desired->value["metadata"].erase("resourceVersion");
  std::optional<PatchProblem> problem;
  if (operations) {
    problem = apply_json_patch(desired->value, change);
  } else if (media == "application/strategic-merge-patch+json") {
    problem = apply_strategic_merge_patch(desired->value, change);
  } else {
    apply_merge_patch(desired->value, change);
  }
  if (problem == PatchProblem::malformed) return bad_request("error decoding patch");
  if (problem == PatchProblem::not_applicable) {
    return Refusal{.code = 422,
                   .reason = "Invalid",
                   .message = "the server rejected our request due to an error in our request",
                   .empty_details = true};
  }
  desired->duplicate_keys = std::move(body->duplicate_keys);
  return desired;
}

ApiHttpResponse Writes::patch(const ApiHttpRequest& request, const Target& target) {
  const ResourceType& type = *target.type;
  const std::string media = request.content_type.substr(0, request.content_type.find(';'));
  const bool known = media == "application/json-patch+json" || media == "application/merge-patch+json" ||
                     (media == "application/strategic-merge-patch+json" && !type.custom);
  if (!known) return unsupported_media_type(type.custom).response();
  if (const auto refusal = check_write_options(target, "PatchOptions")) return refusal->response();
  if (!target.parameter("force").empty()) {
    const ResourceType options{.group = "meta.k8s.io", .plural = "PatchOptions", .kind = "PatchOptions"};
    return invalid(options, "",
                   {{"FieldValueForbidden", "force", "Forbidden: may not be specified for non-apply patch"}})
        .response();
  }
  const JsonPtr current = store_.find(type, Store::key(target.ns, target.name));
  if (current == nullptr) return not_found(type, target.name).response();
  auto applied = patched(request, current);
  if (!applied) return applied.error().response();
  Json& desired = (*applied)->value;
  const std::string wrong = desired.is_object() ? mistyped(type, desired) : "not an object";
  if (!wrong.empty()) {
    return invalid(type, target.name,
                   {{"FieldValueInvalid", "patch", fmt::format("Invalid value: {}", wrong)}})
        .response();
  }
  if (desired.value("kind", Json()) != type.kind || desired.value("apiVersion", Json()) != type.api_version())
    return bad_request("the kind and the API version of an object do not change").response();
  if (metadata_text(desired, "name") != target.name) {
    return bad_request(fmt::format("the name of the object ({}) does not match the name on the URL ({})",
                                   metadata_text(desired, "name"), target.name))
        .response();
  }
  if (metadata_text(desired, "namespace") != metadata_text(*current, "namespace")) {
    return bad_request(
               "the namespace of the provided object does not match the namespace sent on the request")
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
  std::vector<std::string> warnings;
  if (!request.body) {
    auto checked = strictly_patched(target, **applied);
    if (!checked) return checked.error().response();
    warnings = std::move(*checked);
  }
  WrittenObject written{.own = std::move(desired)};
  ApiHttpResponse response = answer(replace(request, target, current, written));
  add_warnings(response, warnings);
  return response;
}

}  // namespace racebed::models
