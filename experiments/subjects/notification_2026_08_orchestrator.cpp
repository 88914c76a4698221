#include "experiments/subjects/notification_2026_08_orchestrator.hpp"

#include <fmt/format.h>

#include "experiments/subjects/notification_2026_08_sanitizer.hpp"

namespace racebed::experiments::august_2026 {

struct Orchestrator::Mutex {
  explicit Mutex(Clock& clock) : freed(clock) {}
  bool locked = false;
  Event freed;
};

/// Holds a locked mutex, which may be out of the map by the time it is unlocked.
class Orchestrator::Lock {
 public:
  explicit Lock(std::shared_ptr<Mutex> mutex) : mutex_(std::move(mutex)) { mutex_->locked = true; }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() {
    mutex_->locked = false;
    mutex_->freed.notify_one();
  }

 private:
  std::shared_ptr<Mutex> mutex_;
};

struct Orchestrator::Flight {
  explicit Flight(Clock& clock) : landed(clock) {}
  bool done = false;
  ChannelResult result;
  Event landed;
};

asio::awaitable<LoopResult> Orchestrator::deliver_to_channels(const Working& work,
                                                              std::vector<std::string> channels) {
  std::shared_ptr<Mutex>& kept = mutexes_[work.uid()];
  if (!kept) kept = std::make_shared<Mutex>(parts_.runtime.clock);
  const std::shared_ptr<Mutex> mutex = kept;
  while (mutex->locked) co_await mutex->freed.wait();
  const Lock lock(mutex);

  LoopResult result;
  for (const std::string& channel : channels) {
    co_await deliver_one(work, channel, result);
    if (!result.error.empty()) {
      result.attempts.clear();
      break;
    }
  }
  co_return result;
}

asio::awaitable<void> Orchestrator::deliver_one(const Working& work, std::string channel,
                                                LoopResult& result) {
  if (has_succeeded(work, channel)) co_return;  // 9a
  if (work.has_permanent_error(channel)) {      // 9b
    ++result.failures;
    co_return;
  }
  const std::string key = key_of(work, channel);
  ++in_flight_[key];  // 9c
  Attempt attempt;
  attempt.channel = channel;
  attempt.number = work.attempts_of(channel) + in_flight_[key];
  if (attempt.number > work.policy().max_attempts) {
    release(key);
    ++result.failures;
    co_return;
  }
  if (parts_.breakers.is_open(channel)) {  // 9d
    release(key);
    refuse_by_breaker(work, std::move(attempt), result);
    co_return;
  }
  const Instant begun = parts_.runtime.clock.steady_now();  // 9e
  const ChannelResult failure = co_await singleflight(work, channel);
  attempt.took = parts_.runtime.clock.steady_now() - begun;
  release(key);
  attempt.timestamp = parts_.runtime.clock.now();
  attempt.success = !failure;
  if (failure) {
    attempt.error = failure->retryable ? failure->text : "permanent failure: " + failure->text;
    log_.error(
        failure->retryable ? "delivery failed with retryable error" : "delivery failed with permanent error",
        {{"object", work.object().key().text()}, {"channel", channel}, {"error", failure->text}});
    result.error = parts_.audit.failed(work, channel, failure->text);
  } else {
    result.error = parts_.audit.sent(work, channel);
  }
  if (!result.error.empty()) co_return;
  parts_.metrics.attempted(channel, attempt.success);
  if (failure) ++result.failures;
  result.attempts.push_back(std::move(attempt));
}

void Orchestrator::refuse_by_breaker(const Working& work, Attempt attempt, LoopResult& result) {
  const std::string channel = attempt.channel;
  attempt.timestamp = parts_.runtime.clock.now();
  attempt.error =
      fmt::format("{} circuit breaker is open (too many failures, preventing cascading failures)", channel);
  parts_.events.record(work.object(), kube::EventType::warning, "CircuitBreakerOpen",
                       fmt::format("{} channel circuit breaker is open: {}", channel, attempt.error));
  result.error = parts_.audit.failed(work, channel, attempt.error);
  if (!result.error.empty()) return;
  parts_.metrics.attempted(channel, false);
  ++result.failures;
  result.attempts.push_back(std::move(attempt));
}

asio::awaitable<ChannelResult> Orchestrator::singleflight(const Working& work, std::string channel) {
  const std::string key = key_of(work, channel);
  if (const auto known = flights_.find(key); known != flights_.end()) {
    const std::shared_ptr<Flight> flight = known->second;
    while (!flight->done) co_await flight->landed.wait();
    co_return flight->result;
  }
  const auto flight = std::make_shared<Flight>(parts_.runtime.clock);
  flights_[key] = flight;
  flight->result = co_await send(work, std::move(channel));
  flight->done = true;
  flights_.erase(key);
  flight->landed.notify_all();
  co_return flight->result;
}

asio::awaitable<ChannelResult> Orchestrator::send(const Working& work, std::string channel) {
  const std::string key = key_of(work, channel);
  if (succeeded_.contains(key)) co_return std::nullopt;
  if (!parts_.channels.is_registered(channel))
    co_return ChannelError{"channel not registered: " + channel, false};
  Json clean = work.object().copy();
  for (const char* text : {"subject", "body"}) clean["spec"][text] = sanitize(work.spec().value(text, ""));
  Object object = Object::make(std::move(clean));
  ChannelResult failure = co_await parts_.channels.deliver(std::move(channel), std::move(object));
  if (!failure) succeeded_.insert(key);
  co_return failure;
}

bool Orchestrator::has_succeeded(const Working& work, const std::string& channel) const {
  return work.has_recorded_success(channel) || succeeded_.contains(key_of(work, channel));
}

void Orchestrator::release(const std::string& key) {
  const auto reserved = in_flight_.find(key);
  if (reserved == in_flight_.end()) {
    log_.error("attempted to decrement an in-flight counter that is not there", {{"key", key}});
    return;
  }
  if (--reserved->second == 0) in_flight_.erase(reserved);
}

void Orchestrator::clear(const std::string& uid) {
  const auto is_of_uid = [prefix = uid + ":"](const std::string& key) { return key.starts_with(prefix); };
  std::erase_if(in_flight_, [&](const auto& entry) { return is_of_uid(entry.first); });
  std::erase_if(succeeded_, is_of_uid);
  mutexes_.erase(uid);
}

}  // namespace racebed::experiments::august_2026
