// A NotificationRequest's spec as the controller reads it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/kube/object.hpp"
#include "core/notification/delivery.hpp"
#include "core/notification/retry_policy.hpp"

namespace racebed::notification {

struct Spec {
  std::string type;
  std::string priority = "medium";
  std::string subject;
  std::string body;
  std::vector<std::string> channels;  // each once, in the order in which they first appear
  std::vector<std::pair<std::string, std::string>> context;
  std::vector<ActionLink> links;
  RetryPolicy retry;
};

/// Members that are absent or of a wrong type get their defaults; numbers are held within the API's limits.
Spec read_spec(const kube::Object& object);
RetryPolicy read_retry_policy(const kube::Object& object);
std::vector<std::string> read_channels(const kube::Object& object);

/// What is sent: the spec, sanitised.
Message make_message(const kube::Object& object, std::string channel, int attempt);

}  // namespace racebed::notification
