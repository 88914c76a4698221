// The channels of the controller of 2025-11 (notification.md C.3 and C.4): console and Slack's webhook, no
// idempotency key, no length limits, errors told apart by text.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "core/kube/object.hpp"
#include "core/net/https_client.hpp"
#include "experiments/subjects/subject.hpp"

namespace racebed::experiments {

class Notification202511Delivery {
 public:
  explicit Notification202511Delivery(SubjectEnvironment& environment);
  /// Empty on success; else the error's text, beginning with "permanent failure: " when no retry can help.
  asio::awaitable<std::string> deliver(std::string channel, kube::Object object);

 private:
  asio::awaitable<std::string> post_to_slack(kube::Object object);
  SubjectEnvironment& environment_;
  net::HttpsClient https_;
};

}  // namespace racebed::experiments
