// The notification controller as one program: everything of specification part A put together on top of
// kube::Manager. The caller owns the world around it: transport, sinks, logger, metrics.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "core/kube/api_transport.hpp"
#include "core/kube/manager.hpp"
#include "core/notification/audit.hpp"
#include "core/notification/config.hpp"
#include "core/notification/delivery.hpp"
#include "core/obs/log.hpp"
#include "core/obs/metrics.hpp"
#include "runtime/runtime.hpp"

namespace racebed::notification {

/// All must outlive the controller. A null sink turns its channel (or the audit) off.
struct Surroundings {
  kube::ApiTransport& api;
  obs::Metrics& metrics;
  TextSink* console = nullptr;
  TextSink* log_channel = nullptr;
  AuditSink* audit = nullptr;
};

using ExitReason = kube::ManagerExit;

class Controller {
 public:
  /// Requires check(config).empty().
  Controller(Runtime& runtime, Config config, Surroundings surroundings, obs::Logger log);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  /// Runs until shut_down() (`clean`, `grace_period_over`) or until it must not go on (`lost_lease`,
  /// `cache_sync_timeout`: the process exits non-zero). Cancelling it is a crash. Call once.
  asio::awaitable<ExitReason> run();
  /// SIGTERM.
  void shut_down();

  bool is_ready() const;    // /readyz
  bool is_healthy() const;  // /healthz
  bool is_leader() const;
  /// /metrics: brings the sampled gauges up to date and prints everything.
  std::string metrics_text();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace racebed::notification
