#include "experiments/subjects/notification_2025_11.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/kube/client.hpp"
#include "core/kube/informer.hpp"
#include "core/kube/manager.hpp"
#include "core/kube/work_queue.hpp"
#include "experiments/subjects/notification_2025_11_delivery.hpp"

namespace racebed::experiments {
namespace {

using kube::Json;
using kube::Object;
using kube::ObjectKey;
using kube::ReconcileResult;

kube::Resource notification_requests() {
  return {"notification.kubernaut.ai", "v1alpha1", "notificationrequests", "NotificationRequest", true};
}

/// A working copy of an object: what it was read as, and the status that the algorithm builds in memory.
struct Working {
  Object object;
  Json status = Json::object();

  explicit Working(Object read) : object(std::move(read)) {
    if (const Json* s = object.find("status")) status = *s;
  }
  std::string phase() const { return status.value("phase", ""); }
  Json& attempts() {
    if (!status.contains("deliveryAttempts") || !status["deliveryAttempts"].is_array())
      status["deliveryAttempts"] = Json::array();
    return status["deliveryAttempts"];
  }
  void count(const char* counter) { status[counter] = status.value(counter, 0) + 1; }
};

class Algorithm final : public kube::Reconciler {
 public:
  Algorithm(SubjectEnvironment& environment, kube::Client& client, kube::Informer& cache, obs::Logger log)
      : environment_(environment),
        client_(client),
        cache_(cache),
        log_(std::move(log)),
        delivery_(environment) {}

  asio::awaitable<ReconcileResult> reconcile(ObjectKey key) override {
    std::string panic;  // recovered to an error, as controller-runtime does
    try {
      co_return co_await run_steps(std::move(key));
    } catch (const Json::exception& error) {
      panic = error.what();
    }
    co_return ReconcileResult::failed(fmt::format("panic: {} [recovered]", panic));
  }

 private:
  asio::awaitable<ReconcileResult> run_steps(ObjectKey key) {
    Object read = cache_.get(key);  // 1
    if (!read) co_return ReconcileResult::done();
    Working work(std::move(read));

    if (work.phase().empty()) {  // 2
      set_phase(work, "Pending", "Initialized", "Notification request received");
      work.status["deliveryAttempts"] = Json::array();
      for (const char* counter : {"totalAttempts", "successfulDeliveries", "failedDeliveries"})
        work.status[counter] = 0;
      const std::string error = co_await write_status(work, key);
      if (!error.empty()) co_return ReconcileResult::failed(error);
      co_return ReconcileResult::again();
    }
    if (work.phase() == "Sent" ||
        (work.phase() == "Failed" && work.status.contains("completionTime"))) {  // 3
      co_return ReconcileResult::done();
    }
    if (work.phase() == "Pending") {  // 4
      set_phase(work, "Sending", "ProcessingDeliveries", "Processing delivery channels");
      const std::string error = co_await write_status(work, key);
      if (!error.empty()) co_return ReconcileResult::failed(error);
    }
    for (int reread = 0; reread < 2; ++reread) {  // 5: both times from the cache, so neither is fresh
      Object again = cache_.get(key);
      if (!again) co_return ReconcileResult::done();
      work = Working(std::move(again));
      if (work.phase() == "Sent") co_return ReconcileResult::done();
    }
    co_return co_await deliver_and_decide(std::move(work), key);
  }

  struct Policy {
    std::int64_t max_attempts = 5;
    std::int64_t initial_seconds = 30;
    std::int64_t multiplier = 2;
    std::int64_t max_seconds = 480;
  };
  static Policy policy_of(const Json& spec) {
    const Json policy = spec.value("retryPolicy", Json::object());
    const Policy defaults;
    return {policy.value("maxAttempts", defaults.max_attempts),
            policy.value("initialBackoffSeconds", defaults.initial_seconds),
            policy.value("backoffMultiplier", defaults.multiplier),
            policy.value("maxBackoffSeconds", defaults.max_seconds)};
  }

  std::string now_text() const { return to_rfc3339(environment_.runtime.clock.now()); }

  static void set_phase(Working& work, const char* phase, const char* reason, std::string message) {
    work.status["phase"] = phase;
    work.status["reason"] = reason;
    work.status["message"] = std::move(message);
  }

  static std::int64_t attempts_of(Working& work, const std::string& channel) {
    std::int64_t count = 0;
    for (const Json& attempt : work.attempts()) count += attempt.value("channel", "") == channel;
    return count;
  }
  static bool has_succeeded(Working& work, const std::string& channel) {
    for (const Json& attempt : work.attempts()) {
      if (attempt.value("channel", "") == channel && attempt.value("status", "") == "success") return true;
    }
    return false;
  }
  static bool has_failed_for_good(Working& work, const std::string& channel) {
    for (const Json& attempt : work.attempts()) {
      if (attempt.value("channel", "") == channel && attempt.value("status", "") == "failed" &&
          attempt.value("error", "").find("permanent failure") != std::string::npos) {
        return true;
      }
    }
    return false;
  }

  asio::awaitable<ReconcileResult> deliver_and_decide(Working work, ObjectKey key) {
    const Json spec = work.object.json().at("spec");
    const Policy policy = policy_of(spec);
    const Json channels = spec.at("channels");
    std::size_t successes = 0;
    for (const Json& item : channels) {  // 6
      const std::string channel = item.get<std::string>();
      if (has_succeeded(work, channel)) {
        ++successes;
        continue;
      }
      if (has_failed_for_good(work, channel) || attempts_of(work, channel) >= policy.max_attempts) continue;
      const std::string error = co_await delivery_.deliver(channel, work.object);
      Json attempt{{"channel", channel},
                   {"attempt", 0},
                   {"timestamp", now_text()},
                   {"status", error.empty() ? "success" : "failed"}};
      if (!error.empty()) attempt["error"] = error;
      work.attempts().push_back(std::move(attempt));
      work.count("totalAttempts");
      work.count(error.empty() ? "successfulDeliveries" : "failedDeliveries");
      if (error.empty()) ++successes;
      const Json record{
          {"event", error.empty() ? "notification.message.sent" : "notification.message.failed"},
          {"channel", channel},
          {"name", key.text()}};
      (void)environment_.audit(std::vector<Json>(1, record));
      auto written =
          co_await client_.update_status(notification_requests(), work.object.status_write(work.status));
      if (written) {
        work.object = *written;
      } else {
        log_.error("failed to update status", {{"object", key.text()}, {"error", written.error().message}});
      }
    }
    co_return co_await decide(std::move(work), std::move(key), policy, successes, channels.size());
  }

  asio::awaitable<ReconcileResult> decide(Working work, ObjectKey key, Policy policy, std::size_t successes,
                                          std::size_t total) {
    std::int64_t most = 0;
    std::set<std::string> seen;
    for (const Json& attempt : Json(work.attempts())) {
      const std::string channel = attempt.value("channel", "");
      if (seen.insert(channel).second) most = std::max(most, attempts_of(work, channel));
    }
    const bool exhausted = most >= policy.max_attempts;
    ReconcileResult result = ReconcileResult::done();
    if (successes == total) {  // 7
      set_phase(work, "Sent", "AllDeliveriesSucceeded",
                fmt::format("Successfully delivered to {} channel(s)", total));
      work.status["completionTime"] = now_text();
    } else {
      if (successes > 0) {
        set_phase(work, "PartiallySent", "PartialDeliveryFailure",
                  fmt::format("{} of {} deliveries succeeded (attempt {}/{})", successes, total, most,
                              policy.max_attempts));
      } else {
        set_phase(work, "Failed", exhausted ? "MaxRetriesExceeded" : "AllDeliveriesFailed",
                  fmt::format("All {} deliveries failed (attempt {}/{})", total, most, policy.max_attempts));
      }
      if (exhausted) {
        work.status["completionTime"] = now_text();
      } else {
        result = ReconcileResult::after(backoff(policy, most));
      }
    }
    const std::string error = co_await write_status(work, std::move(key));
    if (!error.empty()) co_return ReconcileResult::failed(error);
    co_return result;
  }

  /// C.3: base * mult^attempts, capped, ±10 % uniform, then at least base, then at most max (an initial above
  /// the maximum is legal and is the maximum).
  Duration backoff(const Policy& policy, std::int64_t attempts) {
    const Duration base = std::chrono::seconds{policy.initial_seconds};
    const Duration most = std::chrono::seconds{policy.max_seconds};
    Duration delay = base;
    for (std::int64_t i = 0; i < attempts && delay < most; ++i) delay *= policy.multiplier;
    delay = std::min(delay, most);
    const auto spread = static_cast<std::uint64_t>(delay.count() / 5);
    delay += Duration{static_cast<std::int64_t>(
                 environment_.runtime.random.below(spread + 1, "n25-backoff-jitter"))} -
             delay / 10;
    return std::min(std::max(delay, base), most);
  }

  /// 8: up to three tries; after a conflict the latest is read (from the cache) and its status overwritten.
  asio::awaitable<std::string> write_status(Working& work, ObjectKey key) {
    constexpr int kTries = 3;
    for (int attempt = 0; attempt < kTries; ++attempt) {
      auto written =
          co_await client_.update_status(notification_requests(), work.object.status_write(work.status));
      if (written) {
        work.object = *written;
        co_return std::string();
      }
      if (written.error().code != kube::ApiError::Code::conflict) co_return written.error().message;
      Object latest = cache_.get(key);
      if (!latest) co_return std::string("not found");
      work.object = std::move(latest);
    }
    co_return fmt::format("failed to update status after {} retries", kTries);
  }

  SubjectEnvironment& environment_;
  kube::Client& client_;
  kube::Informer& cache_;
  obs::Logger log_;
  Notification202511Delivery delivery_;
};

class Notification202511 final : public Subject {
 public:
  std::string_view name() const override { return "notification-2025-11"; }
  std::string_view description() const override {
    return "the historical controller of 2025-11, defects included; no guarantee";
  }
  std::string guarantee(const SubjectOptions&, bool) const override { return "none"; }

  asio::awaitable<std::string> run(SubjectEnvironment& environment, SubjectOptions options) const override {
    Runtime& runtime = environment.runtime;
    obs::Logger log("n25", runtime.clock, environment.logs, obs::Level::warning);
    kube::Client client(runtime, environment.api);
    kube::InformerOptions as_of_2025;
    as_of_2025.reflector.streaming = false;  // client-go's default before 0.35
    kube::Informer cache(runtime, client, notification_requests(), as_of_2025, log.named("informer"));
    kube::WorkQueue queue(runtime);
    cache.add_handlers({.on_add = [&](const Object& object, bool) { queue.add(object.key()); },
                        .on_update = [&](const Object&, const Object& after) { queue.add(after.key()); },
                        .on_delete = [&](const Object& last, bool) { queue.add(last.key()); }});
    Algorithm algorithm(environment, client, cache, log);
    kube::ManagerOptions manager_options;
    manager_options.workers = 1;  // MaxConcurrentReconciles: the default
    if (options.leader_election) {
      kube::ElectionOptions election;
      election.identity = environment.identity;
      election.lease = {"default", "notification.kubernaut.ai"};
      election.release_on_cancel = false;
      manager_options.election = election;
    }
    kube::Manager manager(runtime, client, queue, algorithm, manager_options, log.named("manager"));
    manager.add_informer(cache);
    environment.on_terminate([&manager] { manager.shut_down(); });
    const kube::ManagerExit exit = co_await manager.run();
    environment.on_terminate({});
    co_return std::string(kube::to_string(exit));
  }
};

}  // namespace

const Subject& notification_2025_11() {
  static const Notification202511 subject;
  return subject;
}

}  // namespace racebed::experiments
