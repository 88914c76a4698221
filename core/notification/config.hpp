// Everything that can be set about the notification controller, with defaults and units.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/kube/client.hpp"
#include "core/kube/informer.hpp"
#include "core/kube/resource.hpp"
#include "core/net/https_client.hpp"
#include "core/notification/guarantees.hpp"
#include "runtime/time.hpp"

namespace racebed::notification {

/// Certificate failures: give the notification up at once (as the original does), or retry them like any
/// other.
enum class TlsPolicy { fail_fast, retry };

/// Slack: exactly one of `webhook_url` and `token` may be set; with neither the channel is unsupported.
/// URL and token are secrets: they appear in nothing that the controller writes.
struct SlackConfig {
  std::string webhook_url{};
  std::string token{};                            // Web API; with it the channel can be asked (probe)
  std::string channel = "C0000000001";            // Web API: channel id to post to
  std::string api_url = "https://slack.com/api";  // Web API base, without a slash at its end
  net::HttpsClientOptions http{};                 // time-outs per phase, pool, trust anchors
  bool is_configured() const { return !webhook_url.empty() || !token.empty(); }
};

struct BreakerConfig {
  int consecutive_failures = 3;                      // opens after so many in a row ...
  int window = 10;                                   // ... or when of the last `window` results
  int failures_in_window = 6;                        // so many failed
  Duration open_initial = std::chrono::seconds{30};  // doubles at each failed half-open request
  Duration open_max = std::chrono::minutes{5};
  int successes_to_close = 2;
};

struct DeliveryConfig {
  /// By channel name; a channel not named has default_guarantee(). `probe` needs a channel that can be asked.
  std::map<std::string, Guarantee> guarantee{};
  TlsPolicy tls = TlsPolicy::fail_fast;
  Duration deadline = std::chrono::hours{24};        // from creation; then what is open counts as exhausted
  Duration retry_after_max = std::chrono::hours{1};  // longer wishes of an endpoint are cut to this
  /// A send may start only this long after its intent was recorded; later, a new intent is recorded first.
  Duration intent_fresh = std::chrono::seconds{5};
  /// Leadership that must remain before a send starts. The send itself is cut off when the lease is lost.
  Duration leadership_min = std::chrono::seconds{2};
  Duration probe_retry_initial = std::chrono::seconds{5};  // the history could not be asked; doubles
  Duration probe_retry_max = std::chrono::minutes{1};
  /// The file channel writes notification-<uid>-file.json here; empty: the channel is unsupported.
  std::string file_directory = "/var/lib/notification";
  /// A local file write may take this long.
  Duration file_timeout = std::chrono::seconds{5};
};

struct ElectionConfig {
  bool enabled = true;
  std::string ns = "default";
  std::string lease = "notification.kubernaut.ai";
  std::string identity{};  // of this process; empty: the name plus a random part
  Duration lease_duration = std::chrono::seconds{15};
  Duration renew_deadline = std::chrono::seconds{10};
  Duration retry_period = std::chrono::seconds{2};
};

struct Config {
  std::string name = "notification-controller";  // in Events, and of the process's identity
  std::size_t workers = 4;
  std::string watch_namespace{};  // empty: all
  Duration grace_period = std::chrono::seconds{10};
  /// Bounds one status write or uncached read; a write that takes longer has an unknown outcome and is read
  /// again.
  Duration api_timeout = std::chrono::seconds{5};
  bool kubernetes_events = true;
  std::size_t remembered_max = 100'000;  // objects whose memory is kept; more: no new delivery starts
  std::size_t audit_owed_max = 10'000;   // audit records that wait for their sink; more wait in the cluster
  kube::ClientOptions client{};
  kube::InformerOptions informer{};
  ElectionConfig election{};
  DeliveryConfig delivery{};
  BreakerConfig breaker{};
  SlackConfig slack{};
};

/// Empty when fine; else what is wrong with which key.
std::string check(const Config& config);

/// notification.kubernaut.ai/v1alpha1 NotificationRequest.
kube::Resource notification_requests();

}  // namespace racebed::notification
