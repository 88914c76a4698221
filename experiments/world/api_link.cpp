#include "experiments/world/api_link.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "experiments/world/api_exchange.hpp"
#include "experiments/world/api_moments.hpp"
#include "runtime/assert.hpp"

namespace racebed::experiments {
namespace {

using kube::TransportError;
using models::Passed;

constexpr std::string_view method_of(kube::Verb verb) {
  switch (verb) {
    case kube::Verb::get:
      return "GET";
    case kube::Verb::post:
      return "POST";
    case kube::Verb::put:
      return "PUT";
    case kube::Verb::patch:
      return "PATCH";
    case kube::Verb::remove:
      return "DELETE";
  }
  return "GET";
}

kube::ApiResponse to_client(models::ApiHttpResponse response) {
  kube::ApiResponse answer;
  answer.status = response.status;
  if (response.items && response.items->typed) {
    // What a client sees of a built-in kind's list has no kind in its items.
    answer.body = std::make_shared<const models::Json>(models::whole_body(response));
  } else {
    answer.body = std::move(response.body);
    if (response.items) answer.items = std::move(response.items->objects);
  }
  answer.text = std::move(response.text);
  answer.retry_after = response.retry_after;
  return answer;
}

/// The client's end of a watch, from its request on. However it ends, the server hears that nobody wants the
/// watch any more, unless the client's host lost power.
class ClientEnd final : public sim::OwnedByIncarnation {
 public:
  explicit ClientEnd(ExchangePtr exchange) : exchange_(std::move(exchange)) {
    exchange_->path->client.own(*this);
  }
  ClientEnd(const ClientEnd&) = delete;
  ClientEnd& operator=(const ClientEnd&) = delete;
  ~ClientEnd() override {
    const ApiLink::Path& path = *exchange_->path;
    if (path.client.disown(*this) && !path.domain.power_lost) abandon(*exchange_);
  }
  void owner_died(bool silent) override {
    if (!silent) abandon(*exchange_);
  }

 private:
  ExchangePtr exchange_;
};

class LinkWatch final : public kube::WatchStream {
 public:
  LinkWatch(std::shared_ptr<ApiLink::Subscription> subscription, std::unique_ptr<ClientEnd> end)
      : subscription_(std::move(subscription)), end_(std::move(end)) {}

  asio::awaitable<Result<kube::WatchMessage, TransportError>> next(Instant until) override {
    const auto subscription = subscription_;
    while (subscription->events.empty()) {
      if (subscription->broken)
        co_return TransportError{TransportError::Outcome::unknown, "connection reset by peer"};
      if (subscription->ended) co_return kube::WatchMessage{};
      const bool heard = co_await subscription->arrived.wait_until(until);
      if (!heard && subscription->events.empty() && !subscription->broken && !subscription->ended)
        co_return TransportError{TransportError::Outcome::unknown, "nothing was heard of the watch"};
    }
    models::WatchEvent event = std::move(subscription->events.front());
    subscription->events.pop_front();
    kube::WatchMessage message{std::string(models::to_text(event.type)), std::move(event.object)};
    co_return message;
  }

 private:
  std::shared_ptr<ApiLink::Subscription> subscription_;
  std::unique_ptr<ClientEnd> end_;
};

void note(ApiLink::Path& path, const ExchangePtr& exchange) {
  if (path.under_way.size() >= path.prune_at) {
    std::erase_if(path.under_way, [](const auto& other) { return other.expired(); });
    path.prune_at = 64 + 2 * path.under_way.size();
  }
  path.under_way.push_back(exchange);
}

std::size_t connect(ApiLink::Path& path) {
  if (!path.connected) {
    const std::size_t count = path.endpoints.size();
    path.connected =
        path.options.choice == nullptr ? 0 : path.options.choice->front_end(path.client.name(), count);
    RACEBED_ASSERT(*path.connected < count, "the chosen front end is one of the endpoints");
  }
  return *path.connected;
}

/// On its way to the server, through the weather.
void send(const ExchangePtr& exchange, models::ApiHttpRequest message) {
  ApiLink::Path& path = *exchange->path;
  sim::Kernel& kernel = path.kernel();
  exchange->endpoint = connect(path);
  ApiMessage question = exchange->message(ApiMessage::Part::request);
  question.bytes = 300 + (message.body ? std::size_t{1000} : 0);
  const ApiPassage passage = path.ask(question);
  if (passage.endpoint) {
    RACEBED_ASSERT(*passage.endpoint < path.endpoints.size(), "a request goes to one of the endpoints");
    exchange->endpoint = *passage.endpoint;
  }
  if (passage.outcome == ApiPassage::Outcome::lose) return;
  const Duration way = path.draw("api-request-latency") + passage.extra;
  if (passage.outcome != ApiPassage::Outcome::deliver) {
    TransportError error{TransportError::Outcome::unknown, "connection reset by peer"};
    if (passage.outcome == ApiPassage::Outcome::refuse)
      error = {TransportError::Outcome::not_sent, "connection refused"};
    fail(exchange, way, std::move(error), passage.outcome == ApiPassage::Outcome::break_connection);
    return;
  }
  // The server takes what it keeps of a body as a copy of its own: it is not the client's memory.
  kernel.call_at(kernel.world(), kernel.now() + way, [exchange, m = std::move(message)]() mutable {
    ApiService* const service = *exchange->path->endpoints[exchange->endpoint].service;
    if (service == nullptr || !service->alive()) {
      send_answer(exchange, TransportError{TransportError::Outcome::not_sent, "connection refused"});
      return;
    }
    serve(*service, exchange, std::move(m));
  });
}

asio::awaitable<void> exchange_messages(ExchangePtr exchange, kube::ApiRequest request, Duration timeout) {
  ApiLink::Path& path = *exchange->path;
  const Instant deadline = path.runtime.clock.steady_now() + timeout;
  const auto point =
      exchange->method == "GET" ? Passed::Point::core_sends_read : Passed::Point::core_sends_write;
  if (!exchange->opens_watch && path.wants(point)) {
    path.tell(point, object_of(request.target, request.body));
    // Whoever heard of it may have paused or killed this process: then nothing leaves it.
    co_await asio::post(path.runtime.executor, asio::use_awaitable);
  }
  exchange->target = request.target;
  models::ApiHttpRequest message{.method = std::string(exchange->method),
                                 .target = std::move(request.target),
                                 .content_type = std::move(request.content_type),
                                 .accept = std::move(request.accept),
                                 .body = std::move(request.body),
                                 .client = {std::string(path.client.name()), path.client.incarnation()}};
  note(path, exchange);
  send(exchange, std::move(message));
  while (!exchange->answer) {
    const bool answered = co_await exchange->answered.wait_until(deadline);
    if (answered || exchange->answer) continue;
    exchange->answer = TransportError{TransportError::Outcome::unknown, "timed out waiting for an answer"};
  }
}

}  // namespace

ApiLink::ApiLink(sim::Process& client, ApiService* const& service, DurationRange latency)
    : ApiLink(client, {{"", &service}}, {.latency = latency}) {}

ApiLink::ApiLink(sim::Process& client, ApiEndpoints endpoints, ApiLinkOptions options)
    : path_(std::make_shared<Path>(client, std::move(endpoints), options)) {
  RACEBED_ASSERT(!path_->endpoints.empty(), "a client knows an API server");
}

ApiLink::~ApiLink() = default;

asio::awaitable<Result<kube::ApiResponse, TransportError>> ApiLink::call(kube::ApiRequest request,
                                                                         Duration timeout) {
  auto exchange = std::make_shared<Exchange>(path_);
  exchange->method = method_of(request.verb);
  co_await exchange_messages(exchange, std::move(request), timeout);
  if (!*exchange->answer) co_return exchange->answer->error();
  co_return to_client(std::move(**exchange->answer));
}

asio::awaitable<Result<kube::WatchAnswer, TransportError>> ApiLink::watch(kube::ApiRequest request,
                                                                          Duration timeout) {
  auto exchange = std::make_shared<Exchange>(path_);
  exchange->method = method_of(request.verb);
  exchange->opens_watch = true;
  auto end = std::make_unique<ClientEnd>(exchange);
  co_await exchange_messages(exchange, std::move(request), timeout);
  if (!*exchange->answer) co_return exchange->answer->error();
  kube::WatchAnswer answer;
  if (exchange->subscription) {
    answer.stream = std::make_unique<LinkWatch>(exchange->subscription, std::move(end));
  } else {
    answer.refusal = to_client(std::move(**exchange->answer));
  }
  co_return std::move(answer);
}

}  // namespace racebed::experiments
