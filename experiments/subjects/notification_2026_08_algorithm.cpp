#include "experiments/subjects/notification_2026_08_algorithm.hpp"

#include <fmt/format.h>

#include <optional>

namespace racebed::experiments::august_2026 {
namespace {

using Kind = Transition::Kind;

/// What a transition writes, but for attempts and conditions.
StatusChange change_of(const Transition& decision, const Working& work, Duration wait) {
  const auto total = work.channels().size();
  switch (decision.kind) {
    case Kind::sent:
      return {"Sent", decision.reason,
              fmt::format("Successfully delivered to {} channel(s)", decision.succeeded)};
    case Kind::partially_sent:
      return {"PartiallySent", decision.reason,
              fmt::format("Delivered to {}/{} channel(s), others failed", decision.succeeded, total)};
    case Kind::retrying:
      return {"Retrying", decision.reason,
              fmt::format("Delivered to {}/{} channel(s), retrying failed channels with backoff {}",
                          work.counter("successfulDeliveries"), total, go_duration(wait))};
    default:
      return {"Failed", decision.reason, "All delivery attempts failed or exhausted retries"};
  }
}

/// The condition Ready of a terminal phase; null for Retrying.
Json ready_condition(Kind kind, Time now) {
  if (kind == Kind::retrying) return nullptr;
  const char* message = kind == Kind::sent             ? "Notification delivered"
                        : kind == Kind::partially_sent ? "Notification partially delivered"
                                                       : "Notification delivery failed";
  return {{"type", "Ready"},
          {"status", kind == Kind::failed ? "False" : "True"},
          {"reason", kind == Kind::failed ? "NotReady" : "Ready"},
          {"message", message},
          {"lastTransitionTime", to_rfc3339(now)}};
}

}  // namespace

asio::awaitable<kube::ReconcileResult> Algorithm::reconcile(ObjectKey key) {
  std::string panic;  // recovered to an error, as controller-runtime does
  try {
    co_return co_await run_steps(std::move(key));
  } catch (const Json::exception& error) {
    panic = error.what();
  }
  co_return ReconcileResult::failed(fmt::format("panic: {} [recovered]", panic));
}

void Algorithm::normal_event(const Working& work, const char* reason, std::string message) {
  parts_.events.record(work.object(), kube::EventType::normal, reason, std::move(message));
}

asio::awaitable<kube::ReconcileResult> Algorithm::run_steps(ObjectKey key) {
  Object read = parts_.cache.get(key);  // 1
  if (!read) {
    parts_.audit.forget(key);
    co_return ReconcileResult::done();
  }
  Working work(std::move(read));
  normal_event(work, "ReconcileStarted", "Started reconciling notification");

  if (work.object().generation() == work.counter("observedGeneration") && !work.attempts().empty() &&
      is_terminal(work.phase())) {  // 2
    co_return ReconcileResult::done();
  }
  if (work.phase().empty()) {  // 3
    bool goes_on = false;
    const ReconcileResult result = co_await initialize(work, goes_on);
    if (!goes_on) co_return result;
  }
  if (is_terminal(work.phase())) co_return ReconcileResult::done();  // 4

  if (work.phase() == "Retrying" && !work.attempts().empty()) {  // 5
    const Duration remaining = remaining_backoff(work);
    if (remaining > Duration{0}) co_return ReconcileResult::after(remaining);
  }
  if (work.phase() == "Pending") {  // 6
    StatusChange sending{"Sending", "ProcessingDeliveries", "Processing delivery channels"};
    const std::string error = co_await parts_.status.update_phase(work, std::move(sending));
    if (!error.empty()) co_return ReconcileResult::failed(error);
    normal_event(work, "PhaseTransition", "Transitioned to Sending phase");
    parts_.metrics.phase_reached("Sending");
  }
  Object again = parts_.cache.get(key);  // 7
  if (!again) co_return ReconcileResult::failed("not found");
  work.take(std::move(again));
  if (is_terminal(work.phase())) co_return ReconcileResult::done();
  if (parts_.context.is_cancelled()) co_return ReconcileResult::failed(kClientCancelled);
  auto fresh = co_await parts_.client.get(notification_requests(), key);
  if (!fresh) co_return ReconcileResult::failed(fresh.error().message);
  work.take(*fresh);
  if (is_terminal(work.phase())) co_return ReconcileResult::done();
  co_return co_await deliver(std::move(work), std::move(key));
}

/// `goes_on`: the object is Pending by somebody else's doing, and the reconcile continues.
asio::awaitable<kube::ReconcileResult> Algorithm::initialize(Working& work, bool& goes_on) {
  StatusChange pending{"Pending", "Initialized", "Notification request received"};
  const std::string error = co_await parts_.status.update_phase(work, std::move(pending));
  if (error.empty()) {
    parts_.metrics.phase_reached("Pending");
    co_return ReconcileResult::again();
  }
  goes_on = work.phase() == "Pending";
  co_return ReconcileResult::failed(error);
}

Duration Algorithm::remaining_backoff(const Working& work) {
  std::optional<Json> last;
  for (const Json& attempt : work.attempts()) {
    if (attempt.value("status", "") == "failed") last = attempt;
  }
  if (!last) return Duration{0};
  const Time at = parse_rfc3339(last->value("timestamp", "")).value_or(Time{});
  const Duration wait =
      backoff(work.policy(), last->value("attempt", std::int64_t{0}), parts_.runtime.random);
  return at + wait - parts_.runtime.clock.now();
}

asio::awaitable<kube::ReconcileResult> Algorithm::deliver(Working work, ObjectKey key) {
  const std::vector<std::string> channels = work.channels();  // 8
  work.set_condition("RoutingResolved", "True", "RoutingRuleMatched", "Channels resolved from routing rules",
                     parts_.runtime.clock.now());
  LoopResult loop = co_await parts_.orchestrator.deliver_to_channels(work, channels);  // 9
  if (!loop.error.empty()) co_return ReconcileResult::failed(fmt::format("audit failure: {}", loop.error));

  std::vector<Json> conditions{work.condition("RoutingResolved")};
  if (work.phase() == "Pending") {  // 10
    StatusChange sending{"Sending", "ProcessingDeliveries", "Processing delivery channels", {}, conditions};
    const std::string error = co_await parts_.status.atomic_update(work, std::move(sending));
    if (!error.empty()) co_return ReconcileResult::failed(error);
    Object again = parts_.cache.get(key);
    if (!again) co_return ReconcileResult::failed("not found");
    work.take(std::move(again));
  }
  co_return co_await transition(std::move(work), std::move(loop), std::move(conditions));
}

asio::awaitable<kube::ReconcileResult> Algorithm::transition(Working work, LoopResult loop,
                                                             std::vector<Json> conditions) {
  const auto has_succeeded = [&](const std::string& channel) {
    return parts_.orchestrator.has_succeeded(work, channel);
  };
  const Transition decision = decide(work, loop.attempts, loop.failures, has_succeeded);  // 11
  if (decision.kind == Kind::nothing_to_tell) co_return ReconcileResult::again();
  if (decision.kind == Kind::stays) {
    co_return co_await stay(std::move(work), std::move(loop), std::move(conditions), decision.reason);
  }
  Duration wait{0};
  if (decision.kind == Kind::retrying)
    wait = backoff(work.policy(), decision.attempts_of_worst, parts_.runtime.random);

  StatusChange change = change_of(decision, work, wait);  // 12
  change.attempts = std::move(loop.attempts);
  change.conditions = std::move(conditions);
  if (Json ready = ready_condition(decision.kind, parts_.runtime.clock.now()); !ready.is_null())
    change.conditions.push_back(std::move(ready));
  const std::string phase = change.phase;
  const std::string error = co_await parts_.status.atomic_update(work, std::move(change));
  if (!error.empty()) {
    log_.error("failed to atomically update status",
               {{"object", work.object().key().text()}, {"phase", phase}, {"error", error}});
    co_return ReconcileResult::failed(error);
  }
  parts_.orchestrator.clear(work.uid());  // 13
  parts_.metrics.phase_reached(phase);
  co_return after_commit(work, decision, wait);
}

/// 11, none has succeeded: attempts are appended, and the wait is counted from what was then read.
asio::awaitable<kube::ReconcileResult> Algorithm::stay(Working work, LoopResult loop,
                                                       std::vector<Json> conditions, std::string reason) {
  if (!loop.attempts.empty()) {
    StatusChange change{work.phase(), std::move(reason), "Delivery failed, will retry with backoff",
                        std::move(loop.attempts), std::move(conditions)};
    const std::string error = co_await parts_.status.atomic_update(work, std::move(change));
    if (!error.empty()) co_return ReconcileResult::failed(error);
  }
  std::int64_t most = 0;
  for (const std::string& channel : work.channels()) most = std::max(most, work.attempts_of(channel));
  co_return ReconcileResult::after(backoff(work.policy(), most, parts_.runtime.random));
}

/// 13: events and audit of a transition that is written.
kube::ReconcileResult Algorithm::after_commit(const Working& work, const Transition& decision,
                                              Duration wait) {
  std::string error;
  ReconcileResult result = ReconcileResult::done();
  switch (decision.kind) {
    case Kind::sent:
      error = parts_.audit.acknowledged(work);
      break;
    case Kind::partially_sent:
      normal_event(work, "NotificationPartiallySent",
                   fmt::format("Delivered to {}/{} channel(s), others failed", decision.succeeded,
                               work.channels().size()));
      break;
    case Kind::retrying:
      normal_event(work, "NotificationRetrying",
                   fmt::format("Retrying failed channels with backoff {}", go_duration(wait)));
      result = ReconcileResult::after(wait);
      break;
    default:
      parts_.events.record(work.object(), kube::EventType::warning, "NotificationFailed",
                           "All delivery attempts failed or exhausted retries");
      error = parts_.audit.escalated(work);
      break;
  }
  if (!error.empty()) return ReconcileResult::failed(fmt::format("audit failure: {}", error));
  return result;
}

}  // namespace racebed::experiments::august_2026
