#include "models/apiserver/status.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace racebed::models {

JsonPtr Refusal::body() const {
  Json status{{"kind", "Status"},
              {"apiVersion", "v1"},
              {"metadata", Json::object()},
              {"status", "Failure"},
              {"message", message}};
  if (!reason.empty()) status["reason"] = reason;
  if (details) {
    Json d = Json::object();
    if (!name.empty()) d["name"] = name;
    if (!group.empty()) d["group"] = group;
    if (!kind.empty()) d["kind"] = kind;
    if (!uid.empty()) d["uid"] = uid;
    for (const Cause& cause : causes) {
      Json c = Json::object();
      if (!cause.reason.empty()) c["reason"] = cause.reason;
      if (!cause.message.empty()) c["message"] = cause.message;
      if (!cause.field.empty()) c["field"] = cause.field;
      d["causes"].push_back(std::move(c));
    }
    if (retry_after_seconds > 0) d["retryAfterSeconds"] = retry_after_seconds;
    if (!d.empty() || empty_details) status["details"] = std::move(d);
  }
  status["code"] = code;
  return std::make_shared<const Json>(std::move(status));
}

ApiHttpResponse Refusal::response() const {
  ApiHttpResponse response{.status = code, .body = body()};
  if (retry_after_seconds > 0) {
    response.headers.emplace_back("Retry-After", fmt::format("{}", retry_after_seconds));
    response.retry_after = std::chrono::seconds{retry_after_seconds};
  }
  return response;
}

namespace {
Refusal about(const ResourceType& type, std::string_view name, int code, std::string reason,
              std::string message) {
  return {.code = code,
          .reason = std::move(reason),
          .message = std::move(message),
          .name = std::string(name),
          .group = type.group,
          .kind = type.plural};
}
}  // namespace

Refusal not_found(const ResourceType& type, std::string_view name) {
  return about(type, name, 404, "NotFound", fmt::format("{} \"{}\" not found", type.qualified(), name));
}

Refusal already_exists(const ResourceType& type, std::string_view name, bool being_deleted) {
  return about(type, name, 409, "AlreadyExists",
               fmt::format("{}{} \"{}\" already exists", being_deleted ? "object is being deleted: " : "",
                           type.qualified(), name));
}

Refusal conflict(const ResourceType& type, std::string_view name, std::string_view why) {
  return about(type, name, 409, "Conflict",
               fmt::format("Operation cannot be fulfilled on {} \"{}\": {}", type.qualified(), name, why));
}

Refusal modified(const ResourceType& type, std::string_view name) {
  return conflict(
      type, name,
      "the object has been modified; please apply your changes to the latest version and try again");
}

Refusal bad_request(std::string message) {
  return {.code = 400, .reason = "BadRequest", .message = std::move(message), .details = false};
}

Refusal method_not_allowed(const ResourceType& type, std::string_view verb) {
  return {.code = 405,
          .reason = "MethodNotAllowed",
          .message = fmt::format("{} is not supported on resources of kind \"{}\"", verb, type.qualified()),
          .group = type.group,
          .kind = type.plural};
}

Refusal invalid(const ResourceType& type, std::string_view name, std::vector<Cause> causes) {
  return invalid_as(type, type.kind, name, std::move(causes));
}

Refusal invalid_as(const ResourceType& type, std::string_view kind, std::string_view name,
                   std::vector<Cause> causes) {
  std::vector<std::string> errors;  // each once, as they came
  for (const Cause& cause : causes) {
    std::string error = cause.field + ": " + cause.message;
    if (std::ranges::find(errors, error) == errors.end()) errors.push_back(std::move(error));
  }
  std::string text;
  for (const std::string& error : errors) text += (text.empty() ? "" : ", ") + error;
  if (errors.size() > 1) text = fmt::format("[{}]", text);
  Refusal refusal = about(type, name, 422, "Invalid",
                          fmt::format("{}{}{} \"{}\" is invalid: {}", kind, type.group.empty() ? "" : ".",
                                      type.group, name, text));
  refusal.kind = kind;
  refusal.causes = std::move(causes);
  return refusal;
}

Refusal unsupported_media_type(bool custom_resource) {
  return {.code = 415,
          .reason = "UnsupportedMediaType",
          .message =
              fmt::format("the body of the request was in an unknown format - accepted media types include: "
                          "application/json-patch+json, application/merge-patch+json{}",
                          custom_resource ? "" : ", application/strategic-merge-patch+json"),
          .details = false};
}

Refusal expired(std::string message) {
  return {.code = 410, .reason = "Expired", .message = std::move(message), .details = false};
}

}  // namespace racebed::models
