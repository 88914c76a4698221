#include "experiments/subjects/notification.hpp"

#include <nlohmann/json.hpp>

#include "core/notification/controller.hpp"

namespace racebed::experiments {
namespace {

using notification::Guarantee;

class Sink final : public notification::TextSink {
 public:
  explicit Sink(const std::function<ErrorCode(std::string_view)>& write) : write_(write) {}
  Result<void> write(std::string_view text) override {
    if (const ErrorCode error = write_(text)) return error;
    return {};
  }

 private:
  const std::function<ErrorCode(std::string_view)>& write_;
};

class Audit final : public notification::AuditSink {
 public:
  explicit Audit(const std::function<ErrorCode(const std::vector<kube::Json>&)>& write) : write_(write) {}
  bool record(const notification::AuditRecord& record) override {
    kube::Json json = kube::Json::object();
    json["event"] = to_text(record.event);
    json["key"] = record.idempotency_key();
    json["uid"] = record.uid;
    json["name"] = record.name;
    json["channel"] = record.channel;
    json["attempt"] = record.attempt;
    return !write_(std::vector<kube::Json>(1, std::move(json)));
  }

 private:
  const std::function<ErrorCode(const std::vector<kube::Json>&)>& write_;
};

notification::Config config_of(const SubjectEnvironment& environment, const SubjectOptions& options) {
  notification::Config config;
  config.audit_owed_max = options.audit_buffer;
  if (options.workers > 0) config.workers = options.workers;
  config.delivery.deadline = options.deadline;
  config.election.enabled = options.leader_election;
  config.election.identity = environment.identity;
  config.delivery.tls =
      options.tls == "retry" ? notification::TlsPolicy::retry : notification::TlsPolicy::fail_fast;
  if (environment.slack.token.empty()) {
    config.slack.webhook_url = environment.slack.webhook_url;
  } else {
    config.slack.token = environment.slack.token;
    config.slack.api_url = environment.slack.api_url;
    config.slack.channel = environment.slack.channel;
  }
  config.slack.http.roots = environment.slack.roots;
  if (const auto guarantee = notification::parse_guarantee(options.guarantee)) {
    // Console and log cannot be asked: under `probe` they keep their own default.
    const bool everywhere = *guarantee != Guarantee::probe;
    for (const char* channel : {"slack", "file", "console", "log"}) {
      const bool can_be_asked = std::string_view(channel) == "slack" || std::string_view(channel) == "file";
      if (everywhere || can_be_asked) config.delivery.guarantee[channel] = *guarantee;
    }
  }
  return config;
}

class Notification final : public Subject {
 public:
  std::string_view name() const override { return "notification"; }
  std::string_view description() const override { return "the real core: what runs against a cluster"; }
  std::string guarantee(const SubjectOptions& options, bool slack_can_be_asked) const override {
    if (notification::parse_guarantee(options.guarantee)) return options.guarantee;
    return std::string(to_text(notification::default_guarantee(slack_can_be_asked)));
  }

  MetricNames metrics() const override {
    MetricNames names;
    names.deliveries = {"notification_deliveries_total", "channel", "status", {"success"}, {"failed"}};
    names.attempts = {
        "notification_delivery_attempts_total", "channel", "result", {"delivered"}, {"rejected"}};
    names.duration = "notification_delivery_duration_seconds";
    names.duration_channel_label = "channel";
    names.breaker = "notification_circuit_breaker_state";
    names.phase = "notification_phase";
    names.phase_label = "phase";
    names.tls_errors = "notification_tls_errors_total";
    names.retries = "notification_slack_retry_count";
    names.conflicts = "notification_status_conflicts_total";
    names.tasks = "notification_tasks";
    names.queue_depth = "notification_queue_depth";
    return names;
  }

  asio::awaitable<std::string> run(SubjectEnvironment& environment, SubjectOptions options) const override {
    Sink console(environment.console);
    Sink log_channel(environment.log_channel);
    Audit audit(environment.audit);
    obs::Metrics metrics;
    obs::Logger log("notification", environment.runtime.clock, environment.logs, obs::Level::warning);
    notification::Config config = config_of(environment, options);
    const std::string wrong = notification::check(config);
    if (!wrong.empty()) co_return wrong;
    notification::Surroundings surroundings{environment.api, metrics, &console, &log_channel, &audit};
    notification::Controller controller(environment.runtime, std::move(config), surroundings, log);
    environment.on_terminate([&controller] { controller.shut_down(); });
    environment.metrics_page([&controller] { return controller.metrics_text(); });
    const notification::ExitReason exit = co_await controller.run();
    environment.on_terminate({});
    environment.metrics_page({});
    co_return std::string(kube::to_string(exit));
  }
};

}  // namespace

const Subject& notification() {
  static const Notification subject;
  return subject;
}

}  // namespace racebed::experiments
