#include "core/kube/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace racebed::kube {
namespace {

using Code = ApiError::Code;

constexpr Site kFirstRetry("event-first-retry");
constexpr std::size_t kMessageBytesMax = 1024;
/// Two processes may make the same name at the same moment; a few other names are tried.
constexpr int kNamesMax = 8;

Json body_of(const Object& about) {
  Json involved = Json::object();
  involved["apiVersion"] = about.api_version();
  involved["kind"] = about.kind();
  involved["name"] = about.name();
  involved["uid"] = about.uid();
  involved["resourceVersion"] = about.resource_version();
  if (!about.ns().empty()) involved["namespace"] = about.ns();
  return involved;
}

std::string namespace_of(const Object& about) {
  return about.ns().empty() ? "default" : std::string(about.ns());
}

}  // namespace

EventRecorder::EventRecorder(Runtime& runtime, Client& client, EventRecorderOptions options, obs::Logger log)
    : runtime_(runtime),
      client_(client),
      options_(std::move(options)),
      log_(log.named("events")),
      resource_(events()),
      wake_(runtime.clock),
      idle_(runtime.clock),
      tasks_(runtime) {}

EventRecorder::~EventRecorder() = default;

void EventRecorder::record(const Object& about, EventType type, std::string reason, std::string message) {
  if (queue_.size() >= options_.queue_max) {
    ++dropped_;
    return;
  }
  if (message.size() > kMessageBytesMax) message.resize(kMessageBytesMax);
  Pending event;
  event.key = fmt::format("{}/{}/{}/{}", about.uid(), type == EventType::normal ? 'N' : 'W', reason, message);
  event.about = about;
  event.type = type;
  event.reason = std::move(reason);
  event.message = std::move(message);
  event.time = runtime_.clock.now();
  queue_.push_back(std::move(event));
  wake_.notify_one();
}

void EventRecorder::start() {
  tasks_.spawn("event-recorder", run());
}

asio::awaitable<void> EventRecorder::stop() {
  tasks_.cancel();
  co_await tasks_.join();
}

asio::awaitable<void> EventRecorder::flush(Instant deadline) {
  while (!queue_.empty() || sending_) {
    const bool notified = co_await idle_.wait_until(deadline);
    if (!notified) co_return;
  }
}

asio::awaitable<void> EventRecorder::run() {
  for (;;) {
    while (!queue_.empty()) {
      sending_ = true;
      Pending event = std::move(queue_.front());
      queue_.pop_front();
      co_await send(std::move(event));
      sending_ = false;
    }
    idle_.notify_all();
    forget_old();
    if (known_.empty()) {
      co_await wake_.wait();
    } else {
      co_await wake_.wait_until(next_look_);
    }
  }
}

asio::awaitable<void> EventRecorder::send(Pending event) {
  for (int tries = 1;; ++tries) {
    const Sent sent = co_await try_send(event);
    if (sent == Sent::yes) co_return;
    if (sent == Sent::never || tries >= options_.tries_max) break;
    Duration delay = options_.retry_delay;
    if (tries == 1) {
      // So that many recorders do not come back together after an outage (client-go).
      delay = Duration{runtime_.random.below(static_cast<std::uint64_t>(delay.count()), kFirstRetry)};
    }
    co_await runtime_.clock.sleep_for(delay);
  }
  ++dropped_;
  log_.warning("an event was dropped", {{"reason", event.reason}});
}

asio::awaitable<EventRecorder::Sent> EventRecorder::try_send(const Pending& event) {
  const auto known = known_.find(event.key);
  const bool is_recent =
      known != known_.end() && runtime_.clock.steady_now() - known->second.said < options_.window;
  if (is_recent) {
    const Sent sent = co_await raise_count(event, known->second);
    if (sent != Sent::gone) co_return sent;
    known_.erase(event.key);
  }
  co_return co_await create(event);
}

asio::awaitable<EventRecorder::Sent> EventRecorder::raise_count(const Pending& event, Known& known) {
  Json patch = {
      {"count", known.count + 1}, {"lastTimestamp", to_rfc3339(event.time)}, {"message", event.message}};
  ObjectKey key{namespace_of(event.about), known.name};
  JsonPtr body = std::make_shared<const Json>(std::move(patch));
  std::string subresource;
  auto answer = co_await client_.patch(resource_, std::move(key), PatchType::merge, std::move(body),
                                       std::move(subresource));
  if (answer) {
    ++known.count;
    known.used = ++number_;
    known.said = runtime_.clock.steady_now();
    co_return Sent::yes;
  }
  if (answer.error().code == Code::not_found) co_return Sent::gone;
  co_return verdict(answer.error());
}

asio::awaitable<EventRecorder::Sent> EventRecorder::create(const Pending& event) {
  auto stamp = event.time.time_since_epoch().count();
  for (int names = 0; names < kNamesMax; ++names, ++stamp) {
    // client-go's name: the object's, and the time in hexadecimal.
    std::string name = fmt::format("{}.{:x}", event.about.name(), stamp);
    Object body = Object::make(new_event(event, name));
    auto answer = co_await client_.create(resource_, std::move(body));
    if (answer) {
      remember(event.key, std::move(name));
      co_return Sent::yes;
    }
    if (answer.error().code != Code::already_exists) co_return verdict(answer.error());
  }
  co_return Sent::never;
}

Json EventRecorder::new_event(const Pending& event, const std::string& name) const {
  const std::string time = to_rfc3339(event.time);
  Json json = Json::object();
  json["apiVersion"] = "v1";
  json["kind"] = "Event";
  Json& metadata = json["metadata"] = Json::object();
  metadata["name"] = name;
  metadata["namespace"] = namespace_of(event.about);
  json["involvedObject"] = body_of(event.about);
  json["reason"] = event.reason;
  json["message"] = event.message;
  json["type"] = event.type == EventType::normal ? "Normal" : "Warning";
  json["source"]["component"] = options_.component;
  json["reportingComponent"] = options_.component;
  json["reportingInstance"] = options_.instance;
  json["firstTimestamp"] = time;
  json["lastTimestamp"] = time;
  json["count"] = 1;
  return json;
}

/// Definite refusals will not change; everything else may.
EventRecorder::Sent EventRecorder::verdict(const ApiError& error) {
  const bool may_change = error.outcome == ApiError::Outcome::unknown ||
                          error.code == Code::transport_not_sent || error.code == Code::too_many_requests;
  return may_change ? Sent::later : Sent::never;
}

void EventRecorder::remember(const std::string& key, std::string name) {
  if (known_.size() >= options_.remembered_max) {
    known_.erase(std::min_element(known_.begin(), known_.end(), [](const auto& a, const auto& b) {
      return a.second.used < b.second.used;
    }));
  }
  known_[key] = Known{std::move(name), 1, ++number_, runtime_.clock.steady_now()};
}

/// Once in a window, so that an Event is known for two windows at most.
void EventRecorder::forget_old() {
  const Instant now = runtime_.clock.steady_now();
  if (now < next_look_) return;
  std::erase_if(known_, [&](const auto& entry) { return now - entry.second.said >= options_.window; });
  next_look_ = now + options_.window;
}

}  // namespace racebed::kube
