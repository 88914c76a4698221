#include "core/notification/reconciler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/notification/notification.hpp"
#include "core/notification/slack_answer.hpp"

namespace racebed::notification {
namespace {

using kube::ApiError;
using kube::ReconcileResult;

/// Steps of one reconcile; more are left to the next, so that one key cannot keep a worker.
constexpr int kStepsMax = 64;
/// Writes of one reconcile that were refused as out of date, or got no answer; then the key waits its turn,
/// ever longer, so that a storm of conflicts is not answered by one of requests.
constexpr int kRefusedMax = 3;
/// While an endpoint's sends take longer than this, one worker stays free for others.
constexpr Duration kSlowSend = std::chrono::seconds{1};
/// What the audit sink would not take is offered again after this, and twice as long each time.
constexpr Duration kAuditRetry = std::chrono::seconds{5};
constexpr Duration kAuditRetryMax = std::chrono::seconds{30};
/// Who is not surely the leader looks again after this, if it is still there.
constexpr Duration kMayNotActDelay = std::chrono::seconds{1};
constexpr Duration kNotAdmittedDelay = std::chrono::seconds{1};
/// Keys that wait for one breaker come back spread over this.
constexpr std::uint64_t kBreakerSpreadMs = 2000;

}  // namespace

NotificationReconciler::NotificationReconciler(Runtime& runtime, const Config& config,
                                               std::map<std::string, std::unique_ptr<Channel>> channels,
                                               ReconcilerSurroundings surroundings, obs::Logger log)
    : runtime_(runtime),
      config_(config),
      channels_(std::move(channels)),
      world_(std::move(surroundings)),
      log_(log.named("reconciler")),
      resource_(notification_requests()),
      incarnations_(runtime.clock, world_.audit, config.audit_owed_max),
      audit_retry_(kAuditRetry) {
  for (const auto& [name, channel] : channels_) {
    if (!channel->endpoint().empty()) endpoints_.emplace(channel->endpoint(), Endpoint(config_.breaker));
  }
  mark_ = fmt::format("outcome not yet known (sender {:08x})",
                      runtime.random.below(1ULL << 32U, "notification-sender"));
}

asio::awaitable<ReconcileResult> NotificationReconciler::reconcile(kube::ObjectKey key) {
  has_acted_ = true;
  kube::ObjectKey again = key;
  const ReconcileResult result = co_await run(std::move(key));
  co_return with_audit(again, result);
}

ReconcileResult NotificationReconciler::with_audit(const kube::ObjectKey& key, ReconcileResult result) {
  Duration delay = kAuditRetryMax;
  if (incarnations_.settle_audit()) {
    courier_.reset();
    audit_retry_ = kAuditRetry;
    if (incarnations_.is_told(key)) return result;
  } else if (!courier_ || *courier_ == key) {
    courier_ = key;
    delay = audit_retry_;
    audit_retry_ = std::min(2 * audit_retry_, kAuditRetryMax);
  } else if (incarnations_.is_told(key)) {
    return result;
  }
  if (result.kind == ReconcileResult::Kind::done) return ReconcileResult::after(delay);
  if (result.kind == ReconcileResult::Kind::after) result.delay = std::min(result.delay, delay);
  return result;
}

asio::awaitable<ReconcileResult> NotificationReconciler::run(kube::ObjectKey key) {
  kube::Object object;
  int refused = 0;
  for (int step = 0; step < kStepsMax; ++step) {
    if (!object) {
      auto fresh = co_await read(key);
      if (!fresh && fresh.error().code == ApiError::Code::not_found) {
        incarnations_.gone(key);
        co_return ReconcileResult::done();
      }
      if (!fresh) co_return failed(fresh.error());
      object = std::move(*fresh);
    }
    Incarnation& incarnation = incarnations_.take_in(object);
    Action action = next(object, incarnation);
    switch (action.kind) {
      case Action::Kind::nothing:
        co_return ReconcileResult::done();
      case Action::Kind::wait:
        co_return ReconcileResult::after(action.delay);
      case Action::Kind::write: {
        // Who is not surely the leader any more leaves what it knows to its successor's questions.
        if (!surely_leads(Duration{1})) co_return ReconcileResult::after(kMayNotActDelay);
        auto written =
            co_await write(object, std::move(action.status), std::move(action.channel), incarnation);
        if (written) {
          object = std::move(*written);
          break;
        }
        const ApiError& error = written.error();
        const bool read_again = error.code == ApiError::Code::conflict ||
                                error.code == ApiError::Code::not_found ||
                                error.outcome == ApiError::Outcome::unknown;
        if (!read_again || ++refused >= kRefusedMax) co_return failed(error);
        object = {};
        break;
      }
      case Action::Kind::send:
        co_await send(object, std::move(action.channel), action.attempt, incarnation);
        break;  // the version that was read is good enough to record the result on: the write checks it
      case Action::Kind::ask:
        co_await ask(object, std::move(action.channel), incarnation);
        object = {};  // asking takes its time: what was read is no longer fresh
        break;
    }
  }
  co_return ReconcileResult::again();
}

asio::awaitable<kube::ApiResult<kube::Object>> NotificationReconciler::read(kube::ObjectKey key) {
  kube::CallOptions call;
  call.timeout = config_.api_timeout;
  return world_.client.get(resource_, std::move(key), call);
}

asio::awaitable<kube::ApiResult<kube::Object>> NotificationReconciler::write(kube::Object object,
                                                                             Status status,
                                                                             std::string intent_of,
                                                                             Incarnation& incarnation) {
  kube::CallOptions call;
  call.timeout = config_.api_timeout;
  call.retry = false;  // its age counts: decide again instead
  std::optional<ChannelMemory::Intent> before;
  if (!intent_of.empty()) {
    ChannelMemory& memory = incarnation.memory.channels[intent_of];
    before = memory.intent;
    const int attempt = status.find_pending(intent_of)->number;
    // An earlier write of the same intent may have got through; then the intent is as old as that.
    if (!before || before->attempt != attempt) memory.intent = {attempt, runtime_.clock.steady_now()};
  }
  kube::Object body = object.status_write(to_json(status, object.find("status")));
  auto answer = co_await world_.client.update_status(resource_, std::move(body), call);
  if (answer) {
    announce(object, *answer);
    co_return answer;
  }
  const ApiError& error = answer.error();
  if (error.code == ApiError::Code::conflict) world_.metrics.conflict();
  if (!intent_of.empty() && error.outcome == ApiError::Outcome::definite)
    incarnation.memory.channels[intent_of].intent = before;
  log_.debug("status not written", {{"key", object.key().text()}, {"error", error.message}});
  co_return answer;
}

asio::awaitable<void> NotificationReconciler::send(kube::Object object, std::string name, int attempt,
                                                   Incarnation& incarnation) {
  Channel& channel = *channels_.at(name);
  const std::string endpoint = channel.endpoint();
  ChannelMemory& memory = incarnation.memory.channels[name];
  ChannelMemory::Finished finished;
  finished.attempt = attempt;
  finished.had_intent = read_status(object).find_pending(name) != nullptr;
  finished.started = runtime_.clock.now();
  const Instant started = runtime_.clock.steady_now();
  memory.last_sent = attempt;
  if (auto found = endpoints_.find(endpoint); found != endpoints_.end()) {
    found->second.breaker.started(started);
    found->second.started.insert(started);
  }
  Message message = make_message(object, name, attempt);
  try {
    finished.result = co_await channel.deliver(std::move(message));
  } catch (...) {
    finish(endpoint, started, nullptr);  // not by a destructor: a killed process runs those in any order
    throw;
  }
  finish(endpoint, started, &finished.result);
  const Duration took = runtime_.clock.steady_now() - started;
  finished.ended = finished.started + took;  // the wall clock may have been set meanwhile
  finished.jitter = 0;
  const DeliveryResult& result = finished.result;
  world_.metrics.sent(object.ns(), name, result, took);
  if (result.outcome != DeliveryResult::Outcome::delivered) {
    finished.jitter = runtime_.random.below(kJitterSteps, "notification-backoff");
    log_.warning("delivery failed", {{"key", object.key().text()},
                                     {"uid", object.uid()},
                                     {"channel", name},
                                     {"attempt", attempt},
                                     {"error", result.error}});
  }
  memory.finished = std::move(finished);
}

void NotificationReconciler::finish(const std::string& endpoint, Instant started,
                                    const DeliveryResult* result) {
  const auto found = endpoints_.find(endpoint);
  if (found == endpoints_.end()) return;
  auto& [breaker, sends] = found->second;
  sends.erase(sends.find(started));
  const Instant now = runtime_.clock.steady_now();
  const Breaker::State before = breaker.state(now);
  switch (result == nullptr ? Health::nothing : health_of(*result)) {
    case Health::well:
      breaker.succeeded(now);
      break;
    case Health::sick:
      breaker.failed(now);
      break;
    case Health::nothing:
      breaker.said_nothing();
      break;
  }
  const Breaker::State after = breaker.state(now);
  world_.metrics.breaker(endpoint, after);
  if (after != before)
    log_.warning("circuit breaker changed", {{"endpoint", endpoint}, {"state", to_text(after)}});
}

asio::awaitable<void> NotificationReconciler::ask(kube::Object object, std::string name,
                                                  Incarnation& incarnation) {
  const ProbeKey key{incarnation.uid, name, object.creation_timestamp().value_or(Time{})};
  ProbeKey asked = key;
  const ProbeAnswer answer = co_await channels_.at(name)->probe(std::move(asked));
  ChannelMemory& memory = incarnation.memory.channels[name];
  const Status status = read_status(object);
  const Attempt* pending = status.find_pending(name);
  if (!memory.doubt || pending == nullptr || memory.doubt->attempt != pending->number) co_return;
  if (answer.what != ProbeAnswer::What::failed) {
    memory.doubt->answer = answer.what;
    co_return;
  }
  const DeliveryConfig& delivery = config_.delivery;
  Duration delay = delivery.probe_retry_initial;
  for (int i = 0; i < memory.doubt->asked && delay < delivery.probe_retry_max; ++i) delay *= 2;
  ++memory.doubt->asked;
  memory.doubt->ask_again = runtime_.clock.steady_now() + std::min(delay, delivery.probe_retry_max);
  log_.warning("history not available",
               {{"key", object.key().text()}, {"channel", name}, {"error", answer.error}});
}

Action NotificationReconciler::next(const kube::Object& object, const Incarnation& incarnation) {
  const std::map<std::string, ChannelView> channels = views();
  const StepInput input{.object = object,
                        .memory = incarnation.memory,
                        .config = config_.delivery,
                        .channels = channels,
                        .mark = mark_,
                        .wall = runtime_.clock.now(),
                        .now = runtime_.clock.steady_now(),
                        .may_send = may_send(),
                        .alone = surely_alone()};
  return decide(input);
}

void NotificationReconciler::forget(const kube::Object& object) {
  if (!has_acted_) incarnations_.forget(object);
}

bool NotificationReconciler::may_send() const {
  if (stopping_ || incarnations_.size() > config_.remembered_max) return false;
  return surely_leads(config_.delivery.leadership_min);
}

bool NotificationReconciler::surely_leads(Duration at_least) const {
  return !world_.leadership_remaining || world_.leadership_remaining() >= at_least;
}

bool NotificationReconciler::surely_alone() const {
  return !world_.leadership_remaining || world_.leadership_remaining() != Duration::max();
}

std::map<std::string, ChannelView> NotificationReconciler::views() {
  std::map<std::string, ChannelView> views;
  for (const auto& [name, channel] : channels_) views.emplace(name, view_of(name, *channel));
  return views;
}

ChannelView NotificationReconciler::view_of(const std::string& name, const Channel& channel) {
  ChannelView view;
  const auto chosen = config_.delivery.guarantee.find(name);
  view.guarantee =
      chosen != config_.delivery.guarantee.end() ? chosen->second : default_guarantee(channel.can_be_asked());
  view.send_timeout = channel.send_timeout();
  const auto found = endpoints_.find(channel.endpoint());
  if (found == endpoints_.end()) return view;
  const Endpoint& endpoint = found->second;
  const Instant now = runtime_.clock.steady_now();
  const Breaker::State state = endpoint.breaker.state(now);
  view.breaker = to_text(state);
  view.admitted = endpoint.breaker.admits(now);
  view.retry_in = kNotAdmittedDelay;
  if (state == Breaker::State::open) {
    view.retry_in =
        endpoint.breaker.open_until() - now +
        std::chrono::milliseconds{runtime_.random.below(kBreakerSpreadMs, "notification-breaker-spread")};
  }
  const std::size_t sends_max = std::max<std::size_t>(config_.workers - 1, 1);
  if (endpoint.started.size() >= sends_max && now - *endpoint.started.begin() > kSlowSend)
    view.admitted = false;
  return view;
}

void NotificationReconciler::announce(const kube::Object& object, const kube::Object& written) {
  const Status before = read_status(object);
  const Status after = read_status(written);
  world_.metrics.committed(object.ns(), before, after, runtime_.clock.now());
  if (world_.events == nullptr) return;
  for (Announcement& said : announcements(before, after))
    world_.events->record(written, said.type, std::move(said.reason), std::move(said.message));
}

ReconcileResult NotificationReconciler::failed(const ApiError& error) const {
  if (error.retry_after && *error.retry_after > Duration{0})
    return ReconcileResult::after(*error.retry_after);
  return ReconcileResult::failed(std::string(kube::to_string(error.code)) + ": " + error.message);
}

}  // namespace racebed::notification
