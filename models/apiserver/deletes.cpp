#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/apiserver/json_body.hpp"
#include "models/apiserver/list_options.hpp"
#include "models/apiserver/protobuf_body.hpp"
#include "models/apiserver/write_request.hpp"
#include "models/apiserver/write_rules.hpp"
#include "models/apiserver/writes.hpp"

namespace racebed::models {

/// DeleteOptions, from the body or, without one, from the query (kubernetes.md §1.9).
struct Writes::DeleteOptions {
  std::string policy{};
  std::optional<bool> orphan_dependents{};
  std::string uid{};
  std::string resource_version{};
  bool dry_run = false;
};

namespace {

Refusal invalid_options(std::vector<Cause> causes) {
  const ResourceType options{.group = "meta.k8s.io", .plural = "DeleteOptions", .kind = "DeleteOptions"};
  return invalid(options, "", std::move(causes));
}

std::optional<bool> flag_of(const Json& options, const Target& target, const char* member) {
  const auto found = options.find(member);
  if (found != options.end() && found->is_boolean()) return found->get<bool>();
  const std::string_view text = target.parameter(member);
  if (text.empty()) return std::nullopt;
  return text == "true" || text == "1";
}

std::optional<Refusal> check(const std::string& policy, const std::optional<bool>& orphan_dependents) {
  if (!policy.empty() && orphan_dependents) {
    return invalid_options(
        {{"FieldValueInvalid", "propagationPolicy",
          fmt::format("Invalid value: \"{}\": orphanDependents and deletionPropagation cannot be both set",
                      policy)}});
  }
  if (policy.empty() || policy == "Background" || policy == "Foreground" || policy == "Orphan")
    return std::nullopt;
  return invalid_options({{"FieldValueNotSupported", "propagationPolicy",
                           fmt::format("Unsupported value: \"{}\": supported values: \"Foreground\", "
                                       "\"Background\", \"Orphan\", \"nil\"",
                                       policy)}});
}

/// The finalizers that the object has once the garbage collector's are as the options want them:
/// orphanDependents before propagationPolicy before what is there.
Json finalizers_of(const Json& metadata, const std::string& policy,
                   const std::optional<bool>& orphan_dependents) {
  Json kept = Json::array();
  bool orphan = false, foreground = false;
  if (const auto there = metadata.find("finalizers"); there != metadata.end() && there->is_array()) {
    for (const Json& finalizer : *there) {
      orphan = orphan || finalizer == "orphan";
      foreground = foreground || finalizer == "foregroundDeletion";
      if (finalizer != "orphan" && finalizer != "foregroundDeletion") kept.push_back(finalizer);
    }
  }
  if (orphan_dependents) {
    orphan = *orphan_dependents;
    foreground = false;
  } else if (!policy.empty()) {
    orphan = policy == "Orphan";
    foreground = policy == "Foreground";
  }
  if (foreground) kept.push_back("foregroundDeletion");
  if (orphan) kept.push_back("orphan");
  return kept;
}

}  // namespace

Result<std::unique_ptr<Writes::DeleteOptions>, Refusal> Writes::delete_options(const ApiHttpRequest& request,
                                                                               const Target& target) const {
  Json body = Json::object();
  if (request.body) {
    body = *request.body;
  } else if (request.content_type.starts_with(kProtobufMediaType)) {
    auto object = json_of_protobuf(request.bytes);
    if (!object) return bad_request("the body is no DeleteOptions in Protocol Buffers");
    body = std::move(*object);
  } else if (!request.bytes.empty()) {
    auto parsed = parse_json_body(request.bytes);
    if (!parsed) return bad_request("couldn't get version/kind; json parse error");
    body = std::move(parsed->value);
  }
  if (!body.is_object())
    return bad_request("the object provided is unrecognized (must be of type DeleteOptions)");
  if (const std::string kind = text_member(body, "kind"); !kind.empty() && kind != "DeleteOptions")
    return bad_request(fmt::format("{} cannot be handled as a DeleteOptions", kind));
  auto options = std::make_unique<DeleteOptions>();
  options->policy = text_member(body, "propagationPolicy");
  if (options->policy.empty()) options->policy = target.parameter("propagationPolicy");
  options->orphan_dependents = flag_of(body, target, "orphanDependents");
  if (auto refusal = check(options->policy, options->orphan_dependents)) return *refusal;
  if (const auto preconditions = body.find("preconditions"); preconditions != body.end()) {
    options->uid = text_member(*preconditions, "uid");
    options->resource_version = text_member(*preconditions, "resourceVersion");
  }
  const auto dry = body.find("dryRun");
  options->dry_run = models::dry_run(target) || (dry != body.end() && dry->is_array() && !dry->empty());
  if (dry != body.end() && *dry != Json::array({"All"}) && *dry != Json::array() && !dry->is_null()) {
    return invalid_options({{"FieldValueNotSupported", "dryRun",
                             fmt::format("Unsupported value: {}: supported values: \"All\"", dry->dump())}});
  }
  return options;
}

Writes::Outcome Writes::remove_one(const ApiHttpRequest& request, const Target& target,
                                   const JsonPtr& current, const DeleteOptions& options) {
  const ResourceType& type = *target.type;
  for (const auto& [wanted, member, what, tail] :
       {std::tuple{&options.uid, "uid", "UID", "deleted and then recreated"},
        std::tuple{&options.resource_version, "resourceVersion", "ResourceVersion", "modified"}}) {
    const std::string& found = metadata_text(*current, member);
    if (wanted->empty() || *wanted == found) continue;
    // Of the kind here, not of the resource as in every other conflict.
    Refusal refusal = conflict(type, target.name, "");
    refusal.kind = type.kind;
    refusal.message = fmt::format(
        "Operation cannot be fulfilled on {}{}{} \"{}\": the {} in the precondition ({}) does not match the "
        "{} in record "
        "({}). The object might have been {}",
        type.kind, type.group.empty() ? "" : ".", type.group, target.name, what, *wanted, what, found, tail);
    return refusal;
  }
  Json next = *current;
  Json& metadata = next["metadata"];
  if (type.before_delete && !is_terminating(*current)) type.before_delete(next, now_text());
  Json finalizers = finalizers_of(metadata, options.policy, options.orphan_dependents);
  const bool gone = finalizers.empty() && !is_held(type, next);
  if (finalizers.empty()) {
    metadata.erase("finalizers");
  } else {
    metadata["finalizers"] = std::move(finalizers);
  }
  if (gone) {
    if (!options.dry_run) store_.remove(type, Store::key(target.ns, target.name), request.client);
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
    if (const auto generation = metadata.find("generation");
        generation != metadata.end() && generation->is_number_integer())
      *generation = generation->get<std::int64_t>() + 1;
  }
  if (next == *current) return current;
  if (options.dry_run) return std::make_shared<const Json>(std::move(next));
  return store_.put(type, Store::key(target.ns, target.name), std::move(next), request.client,
                    Committed::Operation::mark_deleted);
}

ApiHttpResponse Writes::remove(const ApiHttpRequest& request, const Target& target) {
  const auto options = delete_options(request, target);
  if (!options) return options.error().response();
  const JsonPtr current = store_.find(*target.type, Store::key(target.ns, target.name));
  if (current == nullptr) return not_found(*target.type, target.name).response();
  auto removed = remove_one(request, target, current, **options);
  const bool waits = removed && !(*removed)->contains("details");
  return answer(std::move(removed), waits && (*options)->orphan_dependents == false ? 202 : 200);
}

ApiHttpResponse Writes::remove_collection(const ApiHttpRequest& request, const Target& target) {
  const ResourceType& type = *target.type;
  const auto options = delete_options(request, target);
  if (!options) return options.error().response();
  const auto which = list_options_of(target, false);
  if (!which) return which.error().response();
  ListItems items{.typed = !type.custom};
  const std::uint64_t revision = store_.revision();  // of the list, before anything goes
  const Store::Objects all = store_.objects(type);
  for (const auto& [key, kept] : all) {
    const JsonPtr object = type.shown(kept);
    if (!target.ns.empty() && metadata_text(*object, "namespace") != target.ns) continue;
    if (!which->selector.matches(*object)) continue;
    if (which->limit > 0 && std::ssize(items.objects) >= which->limit) break;
    Target one = target;
    one.ns = metadata_text(*object, "namespace");
    one.name = metadata_text(*object, "name");
    if (const auto removed = remove_one(request, one, object, **options); !removed)
      return removed.error().response();
    items.objects.push_back(object);
  }
  Json metadata{{"resourceVersion", fmt::format("{}", revision)}};
  if (type.custom) metadata["continue"] = "";
  ApiHttpResponse response;
  response.body = std::make_shared<const Json>(Json{
      {"kind", type.list_kind()}, {"apiVersion", type.api_version()}, {"metadata", std::move(metadata)}});
  response.items = std::move(items);
  return response;
}

}  // namespace racebed::models
