#include "core/notification/controller.hpp"

#include <fmt/format.h>

#include "core/kube/events.hpp"
#include "core/notification/local_channels.hpp"
#include "core/notification/reconciler.hpp"
#include "core/notification/slack_channel.hpp"
#include "runtime/assert.hpp"

namespace racebed::notification {
namespace {

class HttpsSender final : public HttpSender {
 public:
  HttpsSender(Runtime& runtime, net::HttpsClientOptions options) : client_(runtime, std::move(options)) {}
  asio::awaitable<Result<net::HttpAnswer, net::HttpFailure>> send(net::HttpRequest request) override {
    return client_.send(std::move(request));
  }
  const net::HttpsClientCounts& counts() const { return client_.counts(); }

 private:
  net::HttpsClient client_;
};

std::optional<kube::ElectionOptions> election_of(const Config& config, Random& random) {
  const ElectionConfig& from = config.election;
  if (!from.enabled) return std::nullopt;
  kube::ElectionOptions options;
  options.lease = {from.ns, from.lease};
  options.identity = from.identity;
  if (options.identity.empty())
    options.identity = config.name + "_" + uuid_v4(random, "notification-election-identity");
  options.lease_duration = from.lease_duration;
  options.renew_deadline = from.renew_deadline;
  options.retry_period = from.retry_period;
  return options;
}

kube::InformerOptions informer_of(const Config& config) {
  kube::InformerOptions options = config.informer;
  options.reflector.ns = config.watch_namespace;
  return options;
}

kube::EventRecorderOptions recorder_of(const Config& config) {
  kube::EventRecorderOptions options;
  options.component = config.name;
  options.instance = config.election.identity.empty() ? config.name : config.election.identity;
  return options;
}

kube::ManagerOptions manager_of(const Config& config, Random& random) {
  kube::ManagerOptions options;
  options.name = config.name;
  options.workers = config.workers;
  options.election = election_of(config, random);
  options.grace_period = config.grace_period;
  return options;
}

Config checked(Config config) {
  const std::string wrong = check(config);
  RACEBED_ASSERT(wrong.empty(), "the configuration is valid: " + wrong);
  return config;
}

}  // namespace

struct Controller::Parts {
  Parts(Runtime& r, Config c, Surroundings world, const obs::Logger& log)
      : runtime(r),
        config(checked(std::move(c))),
        http(r, config.slack.http),
        client(r, world.api, config.client),
        recorder(r, client, recorder_of(config), log),
        metrics(world.metrics),
        exposition(world.metrics),
        queue(r),
        informer(r, client, notification_requests(), informer_of(config), log),
        reconciler(r, config, channels(world), reconciler_world(world), log),
        manager(r, client, queue, reconciler, manager_of(config, r.random), log) {
    manager.add_informer(informer);
    informer.add_handlers(handlers());
  }

  std::map<std::string, std::unique_ptr<Channel>> channels(const Surroundings& world);
  ReconcilerSurroundings reconciler_world(const Surroundings& world);
  kube::EventHandlers handlers();
  void changed(const kube::Object* before, const kube::Object* after);

  Runtime& runtime;
  const Config config;
  HttpsSender http;
  kube::Client client;
  kube::EventRecorder recorder;
  NotificationMetrics metrics;
  obs::Metrics& exposition;
  kube::WorkQueue queue;
  kube::Informer informer;
  NotificationReconciler reconciler;
  kube::Manager manager;
};

std::map<std::string, std::unique_ptr<Channel>> Controller::Parts::channels(const Surroundings& world) {
  std::map<std::string, std::unique_ptr<Channel>> made;
  if (world.console != nullptr) made["console"] = std::make_unique<TextChannel>(*world.console, console_text);
  if (world.log_channel != nullptr) made["log"] = std::make_unique<TextChannel>(*world.log_channel, log_text);
  const DeliveryConfig& delivery = config.delivery;
  if (!delivery.file_directory.empty())
    made["file"] = std::make_unique<FileChannel>(runtime, delivery.file_directory, delivery.file_timeout);
  if (config.slack.is_configured()) made["slack"] = std::make_unique<SlackChannel>(config.slack, http);
  return made;
}

ReconcilerSurroundings Controller::Parts::reconciler_world(const Surroundings& world) {
  return {.client = client,
          .metrics = metrics,
          .audit = world.audit,
          .events = config.kubernetes_events ? &recorder : nullptr,
          .leadership_remaining = [this] { return manager.leadership_remaining(); }};
}

kube::EventHandlers Controller::Parts::handlers() {
  kube::EventHandlers handlers;
  handlers.on_add = [this](const kube::Object& object, bool) { changed(nullptr, &object); };
  handlers.on_update = [this](const kube::Object& before, const kube::Object& after) {
    changed(&before, &after);
  };
  handlers.on_delete = [this](const kube::Object& last, bool) { changed(&last, nullptr); };
  return handlers;
}

void Controller::Parts::changed(const kube::Object* before, const kube::Object* after) {
  const kube::Object& object = after != nullptr ? *after : *before;
  metrics.phase_seen(std::string(object.ns()), before != nullptr ? read_phase(*before) : Phase::none,
                     before != nullptr, after != nullptr ? read_phase(*after) : Phase::none,
                     after != nullptr);
  if (after != nullptr) {
    reconciler.glimpse(*after);
  } else {
    reconciler.forget(*before);
  }
  queue.add(object.key());
}

Controller::Controller(Runtime& runtime, Config config, Surroundings surroundings, obs::Logger log)
    : parts_(std::make_unique<Parts>(runtime, std::move(config), surroundings, log.named("notification"))) {}

Controller::~Controller() = default;

asio::awaitable<ExitReason> Controller::run() {
  Parts& parts = *parts_;
  if (parts.config.kubernetes_events) parts.recorder.start();
  const ExitReason exit = co_await parts.manager.run();
  // Events are best effort: those that wait get what is left of a grace period, on a clean exit only.
  if (exit == ExitReason::clean) {
    constexpr Duration kEventsFlush = std::chrono::seconds{2};
    co_await parts.recorder.flush(parts.runtime.clock.steady_now() + kEventsFlush);
  }
  co_await parts.recorder.stop();
  co_return exit;
}

void Controller::shut_down() {
  parts_->reconciler.stop_sending();
  parts_->manager.shut_down();
}

bool Controller::is_ready() const {
  return parts_->manager.is_ready();
}
bool Controller::is_healthy() const {
  return parts_->manager.is_healthy();
}
bool Controller::is_leader() const {
  return parts_->manager.is_leader();
}

std::string Controller::metrics_text() {
  Parts& parts = *parts_;
  parts.metrics.sample(parts.queue.depth(), parts.runtime.tasks.live(),
                       parts.http.counts().connections_opened, parts.manager.is_leader());
  return parts.exposition.text();
}

}  // namespace racebed::notification
