// Does what reconcile_step decides, for one notification at a time: reads uncached, writes onto the version
// it read, sends, asks; and keeps what must be remembered meanwhile.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/kube/client.hpp"
#include "core/kube/events.hpp"
#include "core/kube/manager.hpp"
#include "core/notification/breaker.hpp"
#include "core/notification/config.hpp"
#include "core/notification/incarnations.hpp"
#include "core/notification/notification_metrics.hpp"
#include "core/notification/reconcile_step.hpp"
#include "core/obs/log.hpp"

namespace racebed::notification {

struct ReconcilerSurroundings {
  kube::Client& client;
  NotificationMetrics& metrics;
  AuditSink* audit = nullptr;
  kube::EventRecorder* events = nullptr;
  /// How long this process surely leads; Duration::max() without leader election: others may act beside it.
  std::function<Duration()> leadership_remaining{};
};

class NotificationReconciler final : public kube::Reconciler {
 public:
  /// `config` outlives it.
  NotificationReconciler(Runtime& runtime, const Config& config,
                         std::map<std::string, std::unique_ptr<Channel>> channels,
                         ReconcilerSurroundings surroundings, obs::Logger log);

  asio::awaitable<kube::ReconcileResult> reconcile(kube::ObjectKey key) override;

  /// From the informer.
  void glimpse(const kube::Object& object) { incarnations_.glimpse(object); }
  /// The object is gone, says the informer. Heeded only before the first reconcile: later a reconcile finds
  /// out.
  void forget(const kube::Object& object);
  /// No send starts any more; what is on its way ends and is recorded.
  void stop_sending() { stopping_ = true; }

 private:
  /// Sends on their way to one endpoint, and its breaker.
  struct Endpoint {
    explicit Endpoint(BreakerConfig config) : breaker(config) {}
    Breaker breaker;
    std::multiset<Instant> started;
  };
  asio::awaitable<kube::ReconcileResult> run(kube::ObjectKey key);
  /// One key comes back for all that the audit sink would not take; one whose own records found no place, for
  /// these.
  kube::ReconcileResult with_audit(const kube::ObjectKey& key, kube::ReconcileResult result);
  asio::awaitable<kube::ApiResult<kube::Object>> read(kube::ObjectKey key);
  /// The object as written, or why not. `intent_of`: the channel whose intent the status holds, or empty.
  asio::awaitable<kube::ApiResult<kube::Object>> write(kube::Object object, Status status,
                                                       std::string intent_of, Incarnation& incarnation);
  asio::awaitable<void> send(kube::Object object, std::string channel, int attempt, Incarnation& incarnation);
  asio::awaitable<void> ask(kube::Object object, std::string channel, Incarnation& incarnation);
  Action next(const kube::Object& object, const Incarnation& incarnation);
  std::map<std::string, ChannelView> views();
  ChannelView view_of(const std::string& name, const Channel& channel);
  void finish(const std::string& endpoint, Instant started, const DeliveryResult* result);
  void announce(const kube::Object& before, const kube::Object& after);
  kube::ReconcileResult failed(const kube::ApiError& error) const;
  bool may_send() const;
  bool surely_leads(Duration at_least) const;
  bool surely_alone() const;

  Runtime& runtime_;
  const Config& config_;
  std::map<std::string, std::unique_ptr<Channel>> channels_;
  ReconcilerSurroundings world_;
  obs::Logger log_;
  kube::Resource resource_;
  Incarnations incarnations_;
  std::map<std::string, Endpoint> endpoints_;
  std::string mark_;
  std::optional<kube::ObjectKey> courier_;  // the key that comes back for what the audit sink would not take
  Duration audit_retry_;                    // until then
  bool stopping_ = false;
  bool has_acted_ = false;
};

}  // namespace racebed::notification
