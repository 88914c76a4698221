// A system under test, chosen by name: one replica of a notification controller, run as the main of a
// simulated process. It sees its Runtime and what it is handed here, and nothing of the simulation.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/api_transport.hpp"
#include "core/net/https_client.hpp"
#include "core/obs/log.hpp"
#include "experiments/scenario/scenario.hpp"
#include "experiments/subjects/metric_names.hpp"
#include "runtime/runtime.hpp"

namespace racebed::experiments {

/// What one replica is given. Everything outlives its run.
struct SubjectEnvironment {
  Runtime& runtime;
  kube::ApiTransport& api;
  obs::LogSink& logs;
  std::string identity;                                // the pod's name
  std::function<ErrorCode(std::string_view)> console;  // writes a text
  std::function<ErrorCode(std::string_view)> log_channel;
  /// Hands audit records to the audit service, which takes them all or none; an error: it is not known which.
  std::function<ErrorCode(const std::vector<kube::Json>&)> audit;
  /// Whether the audit client can make this record at all: it checks each against the service's schema.
  std::function<ErrorCode(const kube::Json&)> audit_check;
  struct {
    std::string webhook_url{};  // one of the two is set
    std::string token{};
    std::string api_url{};
    std::string channel{};
    std::shared_ptr<const net::TrustRoots> roots{};
  } slack{};
  /// Registers what asks the subject to end (SIGTERM); withdrawn by an empty function before it is gone.
  std::function<void(std::function<void()>)> on_terminate = [](const std::function<void()>&) {};
  /// Publishes the /metrics page: a function that prints it as it is now. To be withdrawn (by an empty one)
  /// before what it reads is gone, though not when the process is killed; the world then takes a last look.
  std::function<void(std::function<std::string()>)> metrics_page = [](const std::function<std::string()>&) {};
};

class Subject {
 public:
  virtual ~Subject() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view description() const = 0;  // one sentence
  /// What the subject promises of Slack deliveries under `options`.
  virtual std::string guarantee(const SubjectOptions& options, bool slack_can_be_asked) const = 0;
  virtual MetricNames metrics() const { return {}; }
  /// One replica's life. Returns why it ended: "clean", "lost-lease" ... The process exits then.
  virtual asio::awaitable<std::string> run(SubjectEnvironment& environment, SubjectOptions options) const = 0;
};

/// Every subject there is, in the order in which `list` shows them.
const std::vector<const Subject*>& subjects();
/// Null if there is none of that name.
const Subject* find_subject(std::string_view name);

}  // namespace racebed::experiments
