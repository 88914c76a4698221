// The reconcile of the controller of 2026-08: the steps of notification.md D.2, in their order.
#pragma once

#include <string>

#include "core/kube/informer.hpp"
#include "core/kube/manager.hpp"
#include "experiments/subjects/notification_2026_08_orchestrator.hpp"
#include "experiments/subjects/notification_2026_08_status.hpp"
#include "experiments/subjects/notification_2026_08_transition.hpp"

namespace racebed::experiments::august_2026 {

/// What the algorithm works with; all of it outlives it.
struct AlgorithmParts {
  Runtime& runtime;
  Context& context;
  kube::Client& client;
  kube::Informer& cache;
  Orchestrator& orchestrator;
  StatusWriter& status;
  Auditor& audit;
  Metrics& metrics;
  kube::EventRecorder& events;
};

class Algorithm final : public kube::Reconciler {
 public:
  Algorithm(AlgorithmParts parts, obs::Logger log) : parts_(parts), log_(std::move(log)) {}
  asio::awaitable<kube::ReconcileResult> reconcile(ObjectKey key) override;

 private:
  using ReconcileResult = kube::ReconcileResult;
  asio::awaitable<ReconcileResult> run_steps(ObjectKey key);
  asio::awaitable<ReconcileResult> initialize(Working& work, bool& goes_on);
  Duration remaining_backoff(const Working& work);
  asio::awaitable<ReconcileResult> deliver(Working work, ObjectKey key);
  asio::awaitable<ReconcileResult> transition(Working work, LoopResult loop, std::vector<Json> conditions);
  asio::awaitable<ReconcileResult> stay(Working work, LoopResult loop, std::vector<Json> conditions,
                                        std::string reason);
  ReconcileResult after_commit(const Working& work, const Transition& decision, Duration wait);
  void normal_event(const Working& work, const char* reason, std::string message);

  AlgorithmParts parts_;
  obs::Logger log_;
};

}  // namespace racebed::experiments::august_2026
