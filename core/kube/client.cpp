#include "core/kube/client.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace racebed::kube {
namespace {

using Code = ApiError::Code;

/// client-go fakes this Retry-After for a GET whose connection broke.
constexpr Duration kBrokenConnectionDelay = std::chrono::seconds{1};

ApiError malformed(std::string message) {
  ApiError error;
  error.code = Code::malformed;
  error.outcome = ApiError::Outcome::unknown;  // the server did say success
  error.message = std::move(message);
  return error;
}

class Query {
 public:
  explicit Query(std::string target) : target_(std::move(target)) {}
  void add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    target_ += std::exchange(separator_, '&');
    (target_ += name) += '=';
    append_percent_encoded(target_, value);
  }
  void add(std::string_view name, std::int64_t value) {
    if (value != 0) add(name, fmt::format_int(value).c_str());
  }
  std::string take() { return std::move(target_); }

 private:
  std::string target_;
  char separator_ = '?';
};

/// How long to wait before the same request is sent again; nothing: its answer stands (client-go
/// rest/with_retry.go).
std::optional<Duration> retry_delay(const ApiResponse& response) {
  if (response.status != 429 && response.status < 500) return std::nullopt;
  return response.retry_after;
}

/// A connection that broke is retried for reads only; a time-out (the whole `timeout` went by) is not.
std::optional<Duration> retry_delay(const TransportError& error, Verb verb, Duration elapsed,
                                    Duration timeout) {
  const bool broke = error.outcome == TransportError::Outcome::unknown && elapsed < timeout;
  if (verb != Verb::get || !broke) return std::nullopt;
  return kBrokenConnectionDelay;
}

ApiResult<ObjectList> read_list(ApiResponse answer) {
  const JsonPtr& body = answer.body;
  if (!body || !body->is_object()) return malformed("the answer to a list is no JSON object");
  ObjectList list;
  if (answer.items) {
    list.items.reserve(answer.items->size());
    for (JsonPtr& item : *answer.items) list.items.emplace_back(std::move(item));
  } else {
    const auto items = body->find("items");
    if (items == body->end() || !(items->is_array() || items->is_null())) {
      return malformed("the answer to a list has no items");
    }
    list.items.reserve(items->size());
    for (const Json& item : *items) list.items.emplace_back(JsonPtr(body, &item));
  }
  const auto metadata = body->find("metadata");
  if (metadata != body->end() && metadata->is_object()) {
    list.resource_version = metadata->value("resourceVersion", std::string());
    list.continue_token = metadata->value("continue", std::string());
  }
  return list;
}

WatchEvent::Type type_of(std::string_view text) {
  if (text == "ADDED") return WatchEvent::Type::added;
  if (text == "MODIFIED") return WatchEvent::Type::modified;
  if (text == "DELETED") return WatchEvent::Type::deleted;
  if (text == "BOOKMARK") return WatchEvent::Type::bookmark;
  if (text == "ERROR") return WatchEvent::Type::error;
  return WatchEvent::Type::unknown;
}

}  // namespace

Watch::Watch(std::unique_ptr<WatchStream> stream) : stream_(std::move(stream)) {}
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&&) noexcept = default;
Watch::~Watch() = default;

asio::awaitable<ApiResult<WatchEvent>> Watch::next(Instant until) {
  auto answer = co_await stream_->next(until);
  if (!answer) co_return error_of(answer.error());
  WatchEvent event;
  if (answer->type.empty()) {
    event.type = WatchEvent::Type::end;
    co_return event;
  }
  if (!answer->object || !answer->object->is_object()) co_return malformed("a watch event has no object");
  event.type = type_of(answer->type);
  event.object = Object(std::move(answer->object));
  co_return event;
}

Client::Client(Runtime& runtime, ApiTransport& transport, ClientOptions options)
    : runtime_(runtime), transport_(transport), options_(options) {
  if (options_.qps > 0) limiter_.emplace(options_.qps, options_.burst);
}

std::uint64_t Client::requests() const {
  return requests_;
}

asio::awaitable<void> Client::before_request() {
  ++requests_;
  if (!limiter_) co_return;
  const Duration wait = limiter_->reserve(runtime_.clock.steady_now());
  if (wait > Duration{0}) co_await runtime_.clock.sleep_for(wait);
}

asio::awaitable<ApiResult<ApiResponse>> Client::send(ApiRequest request, CallOptions call) {
  const Duration timeout = call.timeout > Duration{0} ? call.timeout : options_.timeout;
  int retries = call.retry ? options_.retries_max : 0;
  bool perhaps_done =
      false;  // an earlier try may have been carried out: then "conflict" may mean our own write
  for (;; --retries) {
    if (limiter_) {
      co_await before_request();
    } else {
      ++requests_;
    }
    const Instant begun = runtime_.clock.steady_now();
    ApiRequest sent = retries > 0 ? request : std::move(request);
    auto answer = co_await transport_.call(std::move(sent), timeout);
    if (answer && answer->status < 400) co_return std::move(*answer);
    std::optional<Duration> delay;
    if (retries > 0) {
      const Duration elapsed = runtime_.clock.steady_now() - begun;
      delay = answer ? retry_delay(*answer) : retry_delay(answer.error(), request.verb, elapsed, timeout);
    }
    ApiError error = answer ? error_of(*answer) : error_of(answer.error());
    perhaps_done = perhaps_done || error.outcome == ApiError::Outcome::unknown;
    if (!delay) {
      if (perhaps_done) error.outcome = ApiError::Outcome::unknown;
      co_return error;
    }
    co_await runtime_.clock.sleep_for(*delay);
  }
}

asio::awaitable<ApiResult<Object>> Client::send_for_object(ApiRequest request, CallOptions call) {
  auto answer = co_await send(std::move(request), call);
  if (!answer) co_return answer.error();
  if (!answer->body || !answer->body->is_object()) co_return malformed("the answer is no JSON object");
  co_return Object(std::move(answer->body));
}

asio::awaitable<ApiResult<Object>> Client::get(const Resource& resource, ObjectKey key, CallOptions call) {
  ApiRequest request;
  request.target = resource.item(key);
  return send_for_object(std::move(request), call);
}

asio::awaitable<ApiResult<ObjectList>> Client::list(const Resource& resource, ListOptions options,
                                                    CallOptions call) {
  Query query(resource.collection(options.ns));
  query.add("limit", options.limit);
  query.add("continue", options.continue_token);
  query.add("resourceVersion", options.resource_version);
  query.add("resourceVersionMatch", options.resource_version_match);
  query.add("labelSelector", options.label_selector);
  query.add("fieldSelector", options.field_selector);
  ApiRequest request;
  request.target = query.take();
  return send_for_list(std::move(request), call);
}

asio::awaitable<ApiResult<ObjectList>> Client::send_for_list(ApiRequest request, CallOptions call) {
  auto answer = co_await send(std::move(request), call);
  if (!answer) co_return answer.error();
  co_return read_list(std::move(*answer));
}

asio::awaitable<ApiResult<Watch>> Client::watch(const Resource& resource, WatchOptions options,
                                                CallOptions call) {
  Query query(resource.collection(options.ns));
  query.add("watch", "1");
  if (options.allow_bookmarks) query.add("allowWatchBookmarks", "true");
  query.add("resourceVersion", options.resource_version);
  if (options.send_initial_events) {
    query.add("sendInitialEvents", "true");
    query.add("resourceVersionMatch", "NotOlderThan");
  }
  query.add("timeoutSeconds",
            std::chrono::duration_cast<std::chrono::seconds>(options.server_timeout).count());
  query.add("labelSelector", options.label_selector);
  query.add("fieldSelector", options.field_selector);
  ApiRequest request;
  request.target = query.take();
  return open_watch(std::move(request), call);
}

asio::awaitable<ApiResult<Watch>> Client::open_watch(ApiRequest request, CallOptions call) {
  const Duration timeout = call.timeout > Duration{0} ? call.timeout : options_.timeout;
  for (int retries = call.retry ? options_.retries_max : 0;; --retries) {
    co_await before_request();
    ApiRequest sent = request;
    auto answer = co_await transport_.watch(std::move(sent), timeout);
    if (!answer) co_return error_of(answer.error());
    if (answer->stream) co_return Watch(std::move(answer->stream));
    std::optional<Duration> delay;
    if (retries > 0) delay = retry_delay(answer->refusal);
    if (!delay) co_return error_of(answer->refusal);
    co_await runtime_.clock.sleep_for(*delay);
  }
}

asio::awaitable<ApiResult<Object>> Client::create(const Resource& resource, Object object, CallOptions call) {
  ApiRequest request;
  request.verb = Verb::post;
  request.target = resource.collection(object.ns());
  request.body = object.json_ptr();
  request.content_type = "application/json";
  return send_for_object(std::move(request), call);
}

asio::awaitable<ApiResult<Object>> Client::put(const Resource& resource, const Object& object,
                                               std::string_view subresource, CallOptions call) {
  ApiRequest request;
  request.verb = Verb::put;
  request.target = resource.item(object.key(), subresource);
  request.body = object.json_ptr();
  request.content_type = "application/json";
  return send_for_object(std::move(request), call);
}

asio::awaitable<ApiResult<Object>> Client::update(const Resource& resource, Object object, CallOptions call) {
  return put(resource, object, {}, call);
}

asio::awaitable<ApiResult<Object>> Client::update_status(const Resource& resource, Object object,
                                                         CallOptions call) {
  return put(resource, object, "status", call);
}

asio::awaitable<ApiResult<Object>> Client::patch(const Resource& resource, ObjectKey key, PatchType type,
                                                 JsonPtr patch, std::string subresource, CallOptions call) {
  ApiRequest request;
  request.verb = Verb::patch;
  request.target = resource.item(key, subresource);
  request.body = std::move(patch);
  request.content_type =
      type == PatchType::merge ? "application/merge-patch+json" : "application/json-patch+json";
  return send_for_object(std::move(request), call);
}

asio::awaitable<ApiResult<void>> Client::remove(const Resource& resource, ObjectKey key,
                                                DeleteOptions options, CallOptions call) {
  ApiRequest request;
  request.verb = Verb::remove;
  request.target = resource.item(key);
  if (!options.uid.empty() || !options.resource_version.empty() || !options.propagation_policy.empty()) {
    Json body = {{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
    if (!options.uid.empty()) body["preconditions"]["uid"] = std::move(options.uid);
    if (!options.resource_version.empty()) {
      body["preconditions"]["resourceVersion"] = std::move(options.resource_version);
    }
    if (!options.propagation_policy.empty())
      body["propagationPolicy"] = std::move(options.propagation_policy);
    request.body = std::make_shared<const Json>(std::move(body));
    request.content_type = "application/json";
  }
  return send_for_nothing(std::move(request), call);
}

asio::awaitable<ApiResult<void>> Client::send_for_nothing(ApiRequest request, CallOptions call) {
  auto answer = co_await send(std::move(request), call);
  if (!answer) co_return answer.error();
  co_return ApiResult<void>();
}

}  // namespace racebed::kube
