#include "core/kube/object.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace racebed::kube {
namespace {

const Json* member_of(const Json* object, std::string_view name) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(name);
  return found == object->end() ? nullptr : &*found;
}

std::optional<std::string_view> text_of(const Json* value) {
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_ref<const std::string&>());
}

std::optional<Time> time_of(std::string_view text) {
  return text.empty() ? std::nullopt : parse_rfc3339(text);
}

}  // namespace

Object::Object(JsonPtr json) : json_(std::move(json)), metadata_(member_of(json_.get(), "metadata")) {}

Object Object::make(Json json) {
  return Object(std::make_shared<const Json>(std::move(json)));
}

const Json* Object::find(std::string_view member) const {
  return member_of(json_.get(), member);
}

std::string_view Object::text(std::string_view member) const {
  return text_of(member_of(metadata_, member)).value_or(std::string_view());
}

std::string_view Object::api_version() const {
  return text_of(find("apiVersion")).value_or(std::string_view());
}
std::string_view Object::kind() const {
  return text_of(find("kind")).value_or(std::string_view());
}
std::string_view Object::name() const {
  return text("name");
}
std::string_view Object::ns() const {
  return text("namespace");
}
std::string_view Object::uid() const {
  return text("uid");
}
std::string_view Object::resource_version() const {
  return text("resourceVersion");
}

std::int64_t Object::generation() const {
  const Json* value = member_of(metadata_, "generation");
  return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : 0;
}

std::optional<Time> Object::creation_timestamp() const {
  return time_of(text("creationTimestamp"));
}
std::optional<Time> Object::deletion_timestamp() const {
  return time_of(text("deletionTimestamp"));
}
bool Object::is_deleting() const {
  return !text("deletionTimestamp").empty();
}

std::optional<std::string_view> Object::label(std::string_view name) const {
  return text_of(member_of(member_of(metadata_, "labels"), name));
}
std::optional<std::string_view> Object::annotation(std::string_view name) const {
  return text_of(member_of(member_of(metadata_, "annotations"), name));
}

ObjectKey Object::key() const {
  return {std::string(ns()), std::string(name())};
}

Json Object::copy() const {
  return *json_;
}

Object Object::with_status(Json status) const {
  Json changed = Json::object();
  for (const auto& [member, value] : json_->items()) {
    if (member != "status") changed[member] = value;
  }
  changed["status"] = std::move(status);
  return make(std::move(changed));
}

Object Object::status_write(Json status) const {
  Json body = Json::object();
  for (const char* member : {"apiVersion", "kind"}) {
    if (const Json* value = find(member)) body[member] = *value;
  }
  Json& metadata = body["metadata"] = Json::object();
  for (const char* member : {"name", "namespace", "uid", "resourceVersion"}) {
    if (const Json* value = member_of(metadata_, member)) metadata[member] = *value;
  }
  body["status"] = std::move(status);
  return make(std::move(body));
}

}  // namespace racebed::kube
