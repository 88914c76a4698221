#include "models/apiserver/write_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/apiserver/json_body.hpp"
#include "models/apiserver/metadata_rules.hpp"
#include "models/apiserver/protobuf_body.hpp"
#include "models/apiserver/store.hpp"

namespace racebed::models {
namespace {

Refusal invalid_options(const char* kind, std::vector<Cause> causes) {
  const ResourceType options{.group = "meta.k8s.io", .plural = kind, .kind = kind};
  return invalid(options, "", std::move(causes));
}

Refusal unsupported_body() {
  return {.code = 415,
          .reason = "UnsupportedMediaType",
          .message =
              "the body of the request was in an unknown format - accepted media types include: "
              "application/json, "
              "application/yaml, application/vnd.kubernetes.protobuf",
          .details = false};
}

Refusal cannot_be_handled(const ResourceType& type, std::string_view why) {
  return bad_request(fmt::format("{} in version \"{}\" cannot be handled as a {}: {}", type.kind,
                                 type.version, type.kind, why));
}

/// The body as JSON, and keys that came twice.
Result<std::unique_ptr<JsonBody>, Refusal> body_of(const ApiHttpRequest& request, const ResourceType& type) {
  const std::string media = request.content_type.substr(0, request.content_type.find(';'));
  if (media == kProtobufMediaType && !type.custom) {
    auto object = json_of_protobuf(request.bytes);
    if (!object) return bad_request(fmt::format("the body is no {} in Protocol Buffers", type.kind));
    return std::make_unique<JsonBody>(JsonBody{std::move(*object)});
  }
  if (!media.empty() && media != "application/json" && media != "application/yaml") return unsupported_body();
  auto body = parse_json_body(request.bytes);
  if (!body) {
    return bad_request(fmt::format(
        "the object provided is unrecognized (must be of type {}): couldn't get version/kind; json "
        "parse error",
        type.kind));
  }
  return std::make_unique<JsonBody>(std::move(*body));
}

std::optional<Refusal> check_kind(const ResourceType& type, const Json& object) {
  const auto version = object.find("apiVersion");
  if (version != object.end() && *version != "" && *version != type.api_version()) {
    return bad_request(fmt::format(
        "the API version in the data ({}) does not match the expected API version ({})",
        version->is_string() ? version->get<std::string>() : version->dump(), type.api_version()));
  }
  const auto kind = object.find("kind");
  if (kind == object.end() || *kind == "" || *kind == type.kind) return std::nullopt;
  if (!kind->is_string())
    return cannot_be_handled(type, "json: cannot unmarshal into Go struct field kind of type string");
  const std::string named = kind->get<std::string>();
  if (!type.custom) {
    return bad_request(
        fmt::format("{} in version \"{}\" cannot be handled as a {}", named, type.version, type.kind));
  }
  return invalid_as(
      type, named, metadata_text(object, "name"),
      {{"FieldValueInvalid", "kind", fmt::format("Invalid value: \"{}\": must be {}", named, type.kind)}});
}

std::string mistyped_as_sent(const Json& metadata) {
  if (!metadata.is_object())
    return "json: cannot unmarshal into Go struct field metadata of type v1.ObjectMeta";
  return mistyped_metadata(metadata).value_or(std::string());
}

/// Whether a server would store the object as it was sent, as far as its kind, namespace and metadata go.
bool is_complete(const Target& target, const Json& object) {
  const ResourceType& type = *target.type;
  if (!object.is_object()) return false;
  const auto is = [](const Json& of, const char* member, std::string_view wanted) {
    const auto it = of.find(member);
    return it != of.end() && it->is_string() && it->get_ref<const std::string&>() == wanted;
  };
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return false;
  if (type.namespaced && !is(*metadata, "namespace", target.ns)) return false;
  if (std::ranges::any_of(*metadata, [](const Json& member) { return member.is_null(); })) return false;
  return is(object, "kind", type.kind) && is(object, "apiVersion", type.api_version());
}

/// Unknown fields and keys that came twice, as fieldValidation wants to hear of them.
std::vector<std::string> strict_problems(const ResourceType& type, const JsonBody& body) {
  std::vector<std::string> problems;
  for (const std::string& key : body.duplicate_keys)
    problems.push_back(fmt::format("duplicate field \"{}\"", key));
  std::vector<std::string> unknown;
  if (type.unknown_fields) type.unknown_fields(body.value, unknown);
  for (const std::string& field : unknown) problems.push_back(fmt::format("unknown field \"{}\"", field));
  return problems;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

}  // namespace

std::optional<Refusal> check_write_options(const Target& target, const char* kind) {
  std::vector<Cause> causes;
  if (const auto dry = target.parameter("dryRun"); !dry.empty() && dry != "All") {
    causes.push_back({"FieldValueNotSupported", "dryRun",
                      fmt::format("Unsupported value: []string{{\"{}\"}}: supported values: \"All\"", dry)});
  }
  if (const auto manager = target.parameter("fieldManager"); !manager.empty()) {
    if (manager.size() > 128)
      causes.push_back({"FieldValueTooLong", "fieldManager", "Too long: may not be longer than 128"});
    const bool printable =
        std::ranges::all_of(manager, [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
    if (!printable)
      causes.push_back(
          {"FieldValueInvalid", "fieldManager",
           fmt::format("Invalid value: {}: should only contain printable characters",
                       Json(std::string(manager)).dump(-1, ' ', false, Json::error_handler_t::replace))});
  }
  if (const auto how = target.parameter("fieldValidation");
      !how.empty() && how != "Ignore" && how != "Warn" && how != "Strict") {
    causes.push_back(
        {"FieldValueNotSupported", "fieldValidation",
         fmt::format("Unsupported value: \"{}\": supported values: \"Ignore\", \"Strict\", \"Warn\"", how)});
  }
  if (causes.empty()) return std::nullopt;
  return invalid_options(kind, std::move(causes));
}

Json copy_without(const Json& object, std::string_view member) {
  Json copy = Json::object();
  auto& members = copy.get_ref<Json::object_t&>();
  for (auto it = object.begin(); it != object.end(); ++it) {
    if (it.key() != member) members.emplace_hint(members.end(), it.key(), *it);
  }
  return copy;
}

Json WrittenObject::take(std::string_view leave_out) {
  if (shared != nullptr) return copy_without(*shared, leave_out);
  if (!leave_out.empty()) own.erase(std::string(leave_out));
  return std::move(own);
}

std::string mistyped(const ResourceType& type, Json& object) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || metadata->is_null()) {
    object["metadata"] = Json::object();
  } else if (std::string wrong = mistyped_as_sent(*metadata); !wrong.empty()) {
    return wrong;
  } else {
    for (auto it = metadata->begin(); it != metadata->end();)
      it = it->is_null() ? metadata->erase(it) : std::next(it);
  }
  return type.mistyped ? type.mistyped(object) : std::string();
}

Result<std::unique_ptr<WrittenObject>, Refusal> written_object(const ApiHttpRequest& request,
                                                               const Target& target) {
  const ResourceType& type = *target.type;
  auto written = std::make_unique<WrittenObject>();
  if (request.body && is_complete(target, *request.body)) {
    const Json& sent = *request.body;
    std::string wrong = mistyped_as_sent(sent["metadata"]);
    if (wrong.empty() && type.mistyped) wrong = type.mistyped(sent);
    if (!wrong.empty()) return cannot_be_handled(type, wrong);
    const bool elsewhere = !type.namespaced && !metadata_text(sent, "namespace").empty();
    if (!elsewhere) {
      written->shared = request.body;
      return written;
    }
  }
  auto body = request.body ? std::make_unique<JsonBody>(JsonBody{*request.body}) : nullptr;
  if (body == nullptr) {
    auto parsed = body_of(request, type);
    if (!parsed) return parsed.error();
    body = std::move(*parsed);
  }
  Json& object = body->value;
  if (!object.is_object())
    return bad_request(
        fmt::format("the object provided is unrecognized (must be of type {}): not an object", type.kind));
  if (auto refusal = check_kind(type, object)) return *refusal;
  if (const std::string wrong = mistyped(type, object); !wrong.empty()) return cannot_be_handled(type, wrong);
  // Only text from outside can have what nobody meant to send: who hands objects over in memory made them.
  if (!request.body && target.parameter("fieldValidation") != "Ignore") {
    auto problems = strict_problems(type, *body);
    if (!problems.empty() && target.parameter("fieldValidation") == "Strict")
      return cannot_be_handled(type, "strict decoding error: " + joined(problems));
    written->warnings = std::move(problems);
  }
  object["apiVersion"] = type.api_version();
  object["kind"] = type.kind;
  const std::string& ns = metadata_text(object, "namespace");
  if (!ns.empty() && ns != target.ns)
    return bad_request(
        "the namespace of the provided object does not match the namespace sent on the request");
  if (type.namespaced) object["metadata"]["namespace"] = target.ns;
  written->own = std::move(object);
  return written;
}

Result<std::vector<std::string>, Refusal> strictly_patched(const Target& target, const JsonBody& patched) {
  const auto how = target.parameter("fieldValidation");
  if (how == "Ignore") return std::vector<std::string>();
  auto problems = strict_problems(*target.type, patched);
  if (problems.empty() || how != "Strict") return problems;
  return invalid(ResourceType{}, "",
                 {{"FieldValueInvalid", "patch",
                   fmt::format("Invalid value: {}: strict decoding error: {}",
                               Json(patched.value.dump()).dump(), joined(problems))}});
}

void add_warnings(ApiHttpResponse& response, const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings)
    response.headers.emplace_back(
        "Warning",
        fmt::format("299 - {}", Json(warning).dump(-1, ' ', false, Json::error_handler_t::replace)));
}

}  // namespace racebed::models
