#include "core/kube/reflector.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

namespace racebed::kube {
namespace {

using Code = ApiError::Code;

constexpr Site kWatchTimeout("reflector-watch-timeout");
constexpr Site kBackoffJitter("reflector-backoff-jitter");
/// A server that hands out pages for ever is broken; this many pages of one list are not.
constexpr int kPagesMax = 100'000;

bool revision_unavailable(const ApiError& error) {
  return error.code == Code::expired || error.code == Code::revision_too_large;
}

/// Refused for now: the same is asked again after a pause (client-go isWatchErrorRetriable).
bool refused_for_now(const ApiError& error) {
  return error.code == Code::transport_not_sent || error.code == Code::too_many_requests;
}

/// A broken connection ends a stream as the server's clean end does (client-go StreamWatcher).
bool ends_stream(const ApiResult<WatchEvent>& event) {
  if (event) return event->type == WatchEvent::Type::end;
  return event.error().code == Code::transport_unknown || event.error().code == Code::transport_not_sent;
}

bool ends_initial_events(const WatchEvent& event) {
  return event.type == WatchEvent::Type::bookmark &&
         event.object.annotation("k8s.io/initial-events-end") == "true";
}

}  // namespace

struct Reflector::InitialState {
  std::map<ObjectKey, Object> objects;
  std::string revision;
  std::uint64_t events = 0;
};

Reflector::Reflector(Runtime& runtime, Client& client, Resource resource, ReflectorSink& sink,
                     ReflectorOptions options, obs::Logger log)
    : runtime_(runtime),
      client_(client),
      resource_(std::move(resource)),
      sink_(sink),
      options_(std::move(options)),
      log_(log.named("reflector")),
      backoff_(options_.backoff_initial) {}

asio::awaitable<void> Reflector::run() {
  for (;;) {
    Start start;
    if (options_.streaming) start = co_await stream_state();
    if (!start.synced) start.synced = co_await list();
    if (start.synced) co_await watch_until_relist(std::move(start));
    co_await back_off();
  }
}

asio::awaitable<Reflector::Start> Reflector::stream_state() {
  for (;;) {
    WatchOptions request = watch_options();
    if (rv_unavailable_) request.resource_version.clear();
    request.send_initial_events = true;
    const bool latest = request.resource_version.empty();
    ++counts_.watches;
    const Instant begun = runtime_.clock.steady_now();
    auto opened = co_await client_.watch(resource_, std::move(request));
    InitialState state;
    ApiResult<bool> complete = false;
    if (opened) {
      complete = co_await read_state(*opened, state);
    } else {
      complete = opened.error();
    }
    if (complete && *complete) {
      rv_unavailable_ = false;
      last_rv_ = state.revision;
      initial_events_ = false;
      std::vector<Object> items;
      items.reserve(state.objects.size());
      for (auto& [key, object] : state.objects) items.push_back(std::move(object));
      sink_.replace(std::move(items), last_rv_);
      Start start{true, std::move(*opened)};
      co_return start;
    }
    if (complete) {  // it ended before the state was whole: from the beginning
      const bool very_short = runtime_.clock.steady_now() - begun < options_.very_short_watch;
      if (very_short && state.events == 0) co_return Start();
      continue;
    }
    const ApiError& error = complete.error();
    log_.info("streaming list refused",
              {{"resource", resource_.plural}, {"code", to_string(error.code)}, {"error", error.message}});
    if (refused_for_now(error)) {
      co_await back_off();
    } else if (revision_unavailable(error) && !latest) {
      rv_unavailable_ = true;
    } else {
      co_return Start();
    }
  }
}

/// True once the state is whole; false when the stream ended before.
asio::awaitable<ApiResult<bool>> Reflector::read_state(Watch& watch, InitialState& state) {
  for (;;) {
    auto event = co_await watch.next(runtime_.clock.steady_now() + options_.watch_silence_max);
    if (ends_stream(event)) co_return false;
    if (!event) co_return event.error();
    if (event->type == WatchEvent::Type::error) co_return error_of_status(event->object.json());
    ++counts_.events;
    ++state.events;
    state.revision = event->object.resource_version();
    if (event->type == WatchEvent::Type::added || event->type == WatchEvent::Type::modified) {
      state.objects.insert_or_assign(event->object.key(), event->object);
    } else if (event->type == WatchEvent::Type::deleted) {
      state.objects.erase(event->object.key());
    }
    if (ends_initial_events(*event)) co_return true;
  }
}

asio::awaitable<bool> Reflector::list() {
  std::string revision = "0";  // anything the server has: may be older than what another server showed before
  if (rv_unavailable_) {
    revision.clear();
  } else if (!last_rv_.empty()) {
    revision = last_rv_;
  }
  auto answer = co_await list_pages(std::move(revision));
  if (!answer && revision_unavailable(answer.error())) {
    rv_unavailable_ = true;
    std::string latest;
    answer = co_await list_pages(std::move(latest));
  }
  if (!answer) {
    log_.warning("list failed", {{"resource", resource_.plural},
                                 {"code", to_string(answer.error().code)},
                                 {"error", answer.error().message}});
    co_return false;
  }
  rv_unavailable_ = false;
  last_rv_ = answer->resource_version;
  sink_.replace(std::move(answer->items), last_rv_);
  co_return true;
}

asio::awaitable<ApiResult<ObjectList>> Reflector::list_pages(std::string resource_version) {
  ListOptions request;
  request.ns = options_.ns;
  request.label_selector = options_.label_selector;
  request.field_selector = options_.field_selector;
  request.resource_version = resource_version;
  // client-go pages only reads that may be answered from etcd; others come whole from the watch cache.
  request.limit = resource_version.empty() || resource_version == "0" ? options_.page_size : 0;
  ObjectList all;
  for (int page = 0; page < kPagesMax; ++page) {
    ++counts_.lists;
    ListOptions sent = request;
    auto answer = co_await client_.list(resource_, std::move(sent));
    if (!answer) {
      const bool page_expired = answer.error().code == Code::expired && !request.continue_token.empty();
      if (!page_expired) co_return answer.error();
      all = ObjectList();
      request.limit = 0;
      request.continue_token.clear();
      request.resource_version = resource_version;
      continue;
    }
    if (page == 0 && answer->continue_token.empty()) co_return std::move(*answer);
    if (all.resource_version.empty()) all.resource_version = answer->resource_version;
    std::move(answer->items.begin(), answer->items.end(), std::back_inserter(all.items));
    if (answer->continue_token.empty()) co_return all;
    request.continue_token = std::move(answer->continue_token);
    request.resource_version.clear();
  }
  ApiError error;
  error.code = Code::malformed;
  error.message = "a list has too many pages";
  co_return error;
}

asio::awaitable<void> Reflector::watch_until_relist(Start start) {
  AfterWatch next = AfterWatch::watch_again;
  if (start.watch) next = co_await follow(std::move(*start.watch), runtime_.clock.steady_now());
  while (next != AfterWatch::relist) {
    if (next == AfterWatch::back_off_and_watch) co_await back_off();
    next = co_await watch_once();
  }
}

/// From last_rv_, with a time-out of this watch's own.
WatchOptions Reflector::watch_options() {
  WatchOptions request;
  request.ns = options_.ns;
  request.label_selector = options_.label_selector;
  request.field_selector = options_.field_selector;
  request.resource_version = last_rv_;
  const auto spread = std::chrono::duration_cast<std::chrono::seconds>(options_.watch_timeout_min).count();
  request.server_timeout = options_.watch_timeout_min +
                           std::chrono::seconds{runtime_.random.below(
                               static_cast<std::uint64_t>(std::max<std::int64_t>(spread, 1)), kWatchTimeout)};
  return request;
}

asio::awaitable<Reflector::AfterWatch> Reflector::watch_once() {
  WatchOptions request = watch_options();
  // What a watch without a revision sends first stands for a list and is in no order of revisions.
  initial_events_ = last_rv_.empty() || last_rv_ == "0";
  ++counts_.watches;
  const Instant begun = runtime_.clock.steady_now();
  auto opened = co_await client_.watch(resource_, std::move(request));
  if (!opened) {
    const ApiError& error = opened.error();
    log_.warning("watch refused",
                 {{"resource", resource_.plural}, {"code", to_string(error.code)}, {"error", error.message}});
    co_return refused_for_now(error) ? AfterWatch::back_off_and_watch : AfterWatch::relist;
  }
  Watch watch = std::move(*opened);
  co_return co_await follow(std::move(watch), begun);
}

asio::awaitable<Reflector::AfterWatch> Reflector::follow(Watch watch, Instant begun) {
  const std::uint64_t events_before = counts_.events;
  for (;;) {
    auto event = co_await watch.next(runtime_.clock.steady_now() + options_.watch_silence_max);
    if (ends_stream(event)) {
      if (!event)
        log_.warning("watch broke", {{"resource", resource_.plural}, {"error", event.error().message}});
      break;
    }
    if (!event) co_return AfterWatch::relist;
    if (event->type == WatchEvent::Type::error) co_return after_error(event->object);
    take(*event);
  }
  const bool very_short = runtime_.clock.steady_now() - begun < options_.very_short_watch;
  co_return very_short&& counts_.events == events_before ? AfterWatch::relist : AfterWatch::watch_again;
}

Reflector::AfterWatch Reflector::after_error(const Object& status) {
  const ApiError error = error_of_status(status.json());
  log_.warning("watch ended with an error",
               {{"resource", resource_.plural}, {"code", to_string(error.code)}, {"error", error.message}});
  return error.code == Code::too_many_requests ? AfterWatch::back_off_and_watch : AfterWatch::relist;
}

void Reflector::take(const WatchEvent& event) {
  ++counts_.events;
  const std::string_view revision = event.object.resource_version();
  const bool added = event.type == WatchEvent::Type::added;
  if (!added) initial_events_ = false;
  if (added || event.type == WatchEvent::Type::modified || event.type == WatchEvent::Type::deleted) {
    sink_.apply(event.type, event.object);
  }
  if (!initial_events_ && !revision.empty()) last_rv_.assign(revision);
}

asio::awaitable<void> Reflector::back_off() {
  const Instant now = runtime_.clock.steady_now();
  if (backed_off_at_ && now - *backed_off_at_ > options_.backoff_reset) backoff_ = options_.backoff_initial;
  backed_off_at_ = now;
  const Duration base = backoff_;
  backoff_ = std::min(backoff_ * 2, options_.backoff_max);
  const Duration jitter{runtime_.random.below(static_cast<std::uint64_t>(base.count()), kBackoffJitter)};
  co_await runtime_.clock.sleep_for(base + jitter);
}

}  // namespace racebed::kube
