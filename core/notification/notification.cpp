#include "core/notification/notification.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/notification/sanitizer.hpp"

namespace racebed::notification {
namespace {

using kube::Json;

const Json* member(const Json* parent, const char* name) {
  if (parent == nullptr || !parent->is_object()) return nullptr;
  const auto found = parent->find(name);
  return found == parent->end() ? nullptr : &*found;
}

std::string text(const Json* parent, const char* name, const char* otherwise = "") {
  const Json* value = member(parent, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : otherwise;
}

int number(const Json* parent, const char* name, int otherwise, int min, int max) {
  const Json* value = member(parent, name);
  if (value == nullptr || !value->is_number_integer()) return otherwise;
  return static_cast<int>(std::clamp<std::int64_t>(value->get<std::int64_t>(), min, max));
}

}  // namespace

RetryPolicy read_retry_policy(const kube::Object& object) {
  const Json* policy = member(object.find("spec"), "retryPolicy");
  RetryPolicy retry;
  retry.attempts_max = number(policy, "maxAttempts", 5, 1, 10);
  retry.initial = std::chrono::seconds{number(policy, "initialBackoffSeconds", 30, 1, 300)};
  retry.multiplier = number(policy, "backoffMultiplier", 2, 1, 10);
  retry.max = std::chrono::seconds{number(policy, "maxBackoffSeconds", 480, 1, 3600)};
  return retry;
}

std::vector<std::string> read_channels(const kube::Object& object) {
  std::vector<std::string> channels;
  const Json* listed = member(object.find("spec"), "channels");
  if (listed == nullptr || !listed->is_array()) return channels;
  for (const Json& channel : *listed) {
    if (!channel.is_string()) continue;
    auto name = channel.get<std::string>();
    if (std::find(channels.begin(), channels.end(), name) == channels.end())
      channels.push_back(std::move(name));
  }
  return channels;
}

Spec read_spec(const kube::Object& object) {
  const Json* json = object.find("spec");
  Spec spec;
  spec.type = text(json, "type");
  spec.priority = text(json, "priority", "medium");
  spec.subject = text(json, "subject");
  spec.body = text(json, "body");
  spec.channels = read_channels(object);
  spec.retry = read_retry_policy(object);
  if (const Json* metadata = member(json, "metadata"); metadata != nullptr && metadata->is_object()) {
    for (const auto& [key, value] : metadata->items()) {
      if (value.is_string()) spec.context.emplace_back(key, value.get<std::string>());
    }
  }
  if (const Json* links = member(json, "actionLinks"); links != nullptr && links->is_array()) {
    for (const Json& link : *links) {
      spec.links.push_back({text(&link, "service"), text(&link, "url"), text(&link, "label")});
    }
  }
  return spec;
}

Message make_message(const kube::Object& object, std::string channel, int attempt) {
  Spec spec = read_spec(object);
  Message message;
  message.uid = std::string(object.uid());
  message.ns = std::string(object.ns());
  message.name = std::string(object.name());
  message.type = std::move(spec.type);
  message.priority = std::move(spec.priority);
  message.subject = sanitize(spec.subject);
  message.body = sanitize(spec.body);
  for (auto& [key, value] : spec.context)
    message.context.emplace_back(sanitize(key), sanitize_value(key, value));
  for (const ActionLink& link : spec.links) {
    message.links.push_back({sanitize(link.service), sanitize(link.url), sanitize(link.label)});
  }
  message.channel = std::move(channel);
  message.attempt = attempt;
  message.created = object.creation_timestamp().value_or(Time{});
  return message;
}

}  // namespace racebed::notification
