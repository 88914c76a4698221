#include "experiments/world/api_link.hpp"

#include <deque>
#include <nlohmann/json.hpp>

#include "models/apiserver/front_end.hpp"
#include "runtime/event.hpp"

namespace racebed::experiments {

/// One request on its way and its answer. Shared by the client that waits and by what is under way.
struct ApiLink::Exchange {
  Exchange(Runtime& r, sim::Domain& domain, DurationRange l)
      : runtime(r), client_domain(domain), latency_range(l), answered(r.clock) {}
  Runtime& runtime;  // of the client's life, which may have ended
  sim::Domain& client_domain;
  DurationRange latency_range;
  Event answered;
  std::optional<Result<models::ApiHttpResponse, kube::TransportError>> answer;
  std::shared_ptr<Subscription> subscription;  // set when the answer is a watch
};

/// The client's end of an open watch.
struct ApiLink::Subscription {
  explicit Subscription(Runtime& runtime) : arrived(runtime.clock) {}
  Event arrived;
  std::deque<models::WatchEvent> events;
  bool ended = false;   // the server's clean end has arrived
  bool broken = false;  // the connection broke
  bool closed = false;  // by the client: the server stops sending
  Time last_arrival{};
};

namespace {

using kube::TransportError;

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

Duration draw(sim::Kernel& kernel, DurationRange range, Site site) {
  const auto steps = static_cast<std::uint64_t>((range.max - range.min) / std::chrono::microseconds{100});
  return range.min + std::chrono::microseconds{100 * kernel.choices().pick(steps + 1, site)};
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

/// Hands `f` to the client after the way back; dropped if the client's life has ended by then.
template <class F>
void to_client_later(ApiLink::Exchange& exchange, F&& f) {
  sim::Kernel& kernel = *exchange.client_domain.kernel;
  const Duration way = draw(kernel, exchange.latency_range, "api-answer-latency");
  kernel.call_at(exchange.client_domain, kernel.now() + way, std::forward<F>(f));
}

void deliver(const std::shared_ptr<ApiLink::Exchange>& exchange,
             Result<models::ApiHttpResponse, TransportError> answer) {
  auto held = std::make_shared<Result<models::ApiHttpResponse, TransportError>>(std::move(answer));
  to_client_later(*exchange, [exchange, held] {
    exchange->answer = std::move(*held);
    exchange->answered.notify_all();
  });
}

/// In the server: the events of one watch, each on its way to the client, in order.
asio::awaitable<void> pump(std::shared_ptr<ApiLink::Exchange> exchange,
                           std::shared_ptr<ApiLink::Subscription> subscription,
                           std::unique_ptr<models::ApiWatch> watch) {
  sim::Kernel& kernel = *exchange->client_domain.kernel;
  while (!subscription->closed && !exchange->client_domain.dead) {
    auto event = co_await watch->next();
    const bool ended = !event.has_value();
    // Strictly later than the one before: what is ready at one moment may run in any order.
    const Time arrival =
        std::max(subscription->last_arrival + Duration{1},
                 kernel.now() + draw(kernel, exchange->latency_range, "watch-event-latency"));
    subscription->last_arrival = arrival;
    kernel.call_at(exchange->client_domain, arrival, [subscription, event = std::move(event)]() mutable {
      if (event) {
        subscription->events.push_back(std::move(*event));
      } else {
        subscription->ended = true;
      }
      subscription->arrived.notify_all();
    });
    if (ended) co_return;
  }
}

/// In the server: one request.
asio::awaitable<void> serve(ApiService& service, std::shared_ptr<ApiLink::Exchange> exchange,
                            models::ApiHttpRequest request) {
  auto response = co_await service.handler()(std::move(request));
  if (!response) {
    deliver(exchange, TransportError{TransportError::Outcome::unknown, "connection reset by peer"});
    co_return;
  }
  if (response->watch) {
    auto watch = std::move(response->watch);
    auto subscription = std::make_shared<ApiLink::Subscription>(exchange->runtime);
    exchange->subscription = subscription;
    deliver(exchange, std::move(*response));
    subscription->last_arrival =
        exchange->client_domain.kernel->now() + exchange->latency_range.max;  // after the header
    co_await pump(exchange, subscription, std::move(watch));
    co_return;
  }
  deliver(exchange, std::move(*response));
}

class LinkWatch final : public kube::WatchStream {
 public:
  explicit LinkWatch(std::shared_ptr<ApiLink::Subscription> subscription)
      : subscription_(std::move(subscription)) {}
  ~LinkWatch() override { subscription_->closed = true; }

  asio::awaitable<Result<kube::WatchMessage, TransportError>> next() override {
    const auto subscription = subscription_;
    while (subscription->events.empty()) {
      if (subscription->broken)
        co_return TransportError{TransportError::Outcome::unknown, "connection reset by peer"};
      if (subscription->ended) co_return kube::WatchMessage{};
      co_await subscription->arrived.wait();
    }
    models::WatchEvent event = std::move(subscription->events.front());
    subscription->events.pop_front();
    kube::WatchMessage message{std::string(models::to_text(event.type)), std::move(event.object)};
    co_return message;
  }

 private:
  std::shared_ptr<ApiLink::Subscription> subscription_;
};

}  // namespace

ApiLink::ApiLink(sim::Process& client, ApiService* const& service, DurationRange latency)
    : client_(client), runtime_(client.runtime()), service_(service), latency_(latency) {}

Duration ApiLink::latency() {
  return draw(client_.kernel(), latency_, "api-request-latency");
}

void ApiLink::send(std::shared_ptr<Exchange> exchange, kube::ApiRequest request) {
  sim::Kernel& kernel = client_.kernel();
  models::ApiHttpRequest message{.method = std::string(method_of(request.verb)),
                                 .target = std::move(request.target),
                                 .content_type = std::move(request.content_type),
                                 .accept = std::move(request.accept),
                                 .body = std::move(request.body),
                                 .client = {std::string(client_.name()), client_.incarnation()}};
  kernel.call_at(kernel.world(), kernel.now() + latency(),
                 [exchange, &service = service_, m = std::move(message)]() mutable {
                   if (service == nullptr || service->process().state() == sim::ProcessState::dead) {
                     deliver(exchange,
                             TransportError{TransportError::Outcome::not_sent, "connection refused"});
                     return;
                   }
                   service->tasks().spawn("api request", serve(*service, exchange, std::move(m)));
                 });
}

asio::awaitable<Result<kube::ApiResponse, TransportError>> ApiLink::call(kube::ApiRequest request,
                                                                         Duration timeout) {
  auto exchange = std::make_shared<Exchange>(runtime_, client_.domain(), latency_);
  const Instant deadline = runtime_.clock.steady_now() + timeout;
  send(exchange, std::move(request));
  while (!exchange->answer) {
    const bool answered = co_await exchange->answered.wait_until(deadline);
    if (!answered)
      co_return TransportError{TransportError::Outcome::unknown, "timed out waiting for an answer"};
  }
  if (!*exchange->answer) co_return exchange->answer->error();
  co_return to_client(std::move(**exchange->answer));
}

asio::awaitable<Result<kube::WatchAnswer, TransportError>> ApiLink::watch(kube::ApiRequest request,
                                                                          Duration timeout) {
  auto exchange = std::make_shared<Exchange>(runtime_, client_.domain(), latency_);
  const Instant deadline = runtime_.clock.steady_now() + timeout;
  send(exchange, std::move(request));
  while (!exchange->answer) {
    const bool answered = co_await exchange->answered.wait_until(deadline);
    if (!answered)
      co_return TransportError{TransportError::Outcome::unknown, "timed out waiting for an answer"};
  }
  if (!*exchange->answer) co_return exchange->answer->error();
  kube::WatchAnswer answer;
  if (exchange->subscription) {
    answer.stream = std::make_unique<LinkWatch>(exchange->subscription);
  } else {
    answer.refusal = to_client(std::move(**exchange->answer));
  }
  co_return std::move(answer);
}

}  // namespace racebed::experiments
