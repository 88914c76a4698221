#include "experiments/world/api_exchange.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "experiments/world/api_moments.hpp"
#include "models/apiserver/front_end.hpp"

namespace racebed::experiments {

using kube::TransportError;
using models::Passed;

Duration ApiLink::Path::draw(Site site) const {
  const auto steps = static_cast<std::uint64_t>((options.latency.max - options.latency.min) /
                                                std::chrono::microseconds{100});
  return options.latency.min + std::chrono::microseconds{100 * kernel().choices().pick(steps + 1, site)};
}

ApiPassage ApiLink::Path::ask(const ApiMessage& message) const {
  return options.weather == nullptr ? ApiPassage{} : options.weather->passage(message);
}

void ApiLink::Path::tell(Passed::Point point, models::ObjectRef object) const {
  options.moments->record({std::string(client.name()), client.incarnation()},
                          Passed{point, std::move(object), {}});
}

ApiMessage ApiLink::Exchange::message(ApiMessage::Part part) const {
  ApiMessage message;
  message.part = part;
  message.client = path->client.name();
  message.server = path->endpoints[endpoint].server;
  message.method = method;
  message.target = target;
  message.watch = opens_watch;
  return message;
}

namespace {

// Sizes are guessed: to write each object out would cost more than to send it.
constexpr std::size_t kHeadBytes = 300;
constexpr std::size_t kObjectBytes = 1000;

TransportError reset() {
  return {TransportError::Outcome::unknown, "connection reset by peer"};
}

/// In the client: what it hears of a connection that broke.
void hear_of_break(ApiLink::Exchange& exchange, const TransportError& error) {
  exchange.path->connected.reset();
  if (exchange.subscription) {
    exchange.subscription->broken = true;
    abandon(exchange);
    exchange.subscription->arrived.notify_all();
  }
  if (!exchange.answer) {
    exchange.answer = error;
    exchange.answered.notify_all();
  }
}

/// In the client: an answer is there, and nobody has seen it yet.
void hear_of_answer(ApiLink::Exchange& exchange, ServerAnswer answer) {
  if (exchange.answer) return;  // too late
  const bool reads = exchange.method == "GET";
  const auto point = reads ? Passed::Point::core_has_read : Passed::Point::core_has_written;
  if (!exchange.opens_watch && exchange.path->wants(point)) {
    exchange.path->tell(point, object_of(exchange.target, answer->body));
    if (exchange.path->domain.dead) return;
  }
  exchange.answer = std::move(answer);
  exchange.answered.notify_all();
}

/// Later than whatever was sent before: what is ready at one moment may run in any order.
Time arrival(ApiLink::Exchange& exchange, Duration way) {
  exchange.last_arrival = std::max(exchange.last_arrival + Duration{1}, exchange.path->kernel().now() + way);
  return exchange.last_arrival;
}

/// Has the client hear of `news` at `when`, after all that was sent to it before: a client that stood still
/// finds what has come meanwhile ready at one moment, and the oldest comes first whichever of them runs
/// first.
void arrive(const ExchangePtr& exchange, Time when, ApiLink::Exchange::News news) {
  exchange->on_the_way.push_back(std::move(news));
  exchange->path->kernel().call_at(exchange->path->domain, when, [exchange] {
    const ApiLink::Exchange::News next = std::move(exchange->on_the_way.front());
    exchange->on_the_way.pop_front();
    next(*exchange);
  });
}

/// The server's end of an exchange: when the server's life ends, the client hears of a reset.
class ServerEnd final : public sim::OwnedByIncarnation {
 public:
  ServerEnd(sim::Process& server, ExchangePtr exchange)
      : server_(server), domain_(server.domain()), exchange_(std::move(exchange)) {
    server_.own(*this);
  }
  ServerEnd(const ServerEnd&) = delete;
  ServerEnd& operator=(const ServerEnd&) = delete;
  ~ServerEnd() override {
    if (server_.disown(*this) && domain_.dead) owner_died(domain_.power_lost);
  }
  void owner_died(bool silent) override {
    const auto& subscription = exchange_->subscription;
    if (silent || (subscription && subscription->silent)) return;
    ApiMessage message =
        exchange_->message(subscription ? ApiMessage::Part::watch_event : ApiMessage::Part::answer);
    const ApiPassage passage = exchange_->path->ask(message);
    if (passage.outcome == ApiPassage::Outcome::lose) return;
    fail(exchange_, exchange_->path->draw("api-reset-latency") + passage.extra, reset(), false);
  }

 private:
  sim::Process& server_;
  sim::Domain& domain_;
  ExchangePtr exchange_;
};

bool is_of_an_object(const models::WatchEvent& event) {
  return event.type != models::WatchEventType::bookmark && event.type != models::WatchEventType::error;
}

/// In the client: an event, or the end, has arrived.
void hear_of_event(ApiLink::Exchange& exchange, std::optional<models::WatchEvent> event) {
  ApiLink::Subscription& subscription = *exchange.subscription;
  if (subscription.broken) return;
  if (event && is_of_an_object(*event) && exchange.path->wants(Passed::Point::core_receives)) {
    exchange.path->tell(Passed::Point::core_receives, object_of(exchange.target, event->object));
    if (exchange.path->domain.dead) return;
  }
  if (event) {
    subscription.events.push_back(std::move(*event));
  } else {
    subscription.ended = true;
  }
  subscription.arrived.notify_all();
}

/// Sends an event, or the end, on its way. False: nothing more is sent.
bool send_event(const ExchangePtr& exchange, std::optional<models::WatchEvent> event) {
  ApiMessage message = exchange->message(ApiMessage::Part::watch_event);
  message.event_type = event ? models::to_text(event->type) : std::string_view();
  message.bytes = event ? kObjectBytes : 0;
  const ApiPassage passage = exchange->path->ask(message);
  switch (passage.outcome) {
    case ApiPassage::Outcome::lose:
      exchange->subscription->silent = true;
      return false;
    case ApiPassage::Outcome::refuse:
    case ApiPassage::Outcome::reset:
    case ApiPassage::Outcome::break_connection:
      fail(exchange, exchange->path->draw("watch-event-latency") + passage.extra, reset(),
           passage.outcome == ApiPassage::Outcome::break_connection);
      return false;
    case ApiPassage::Outcome::deliver:
      break;
  }
  const bool ended = !event.has_value();
  const Time when = arrival(*exchange, exchange->path->draw("watch-event-latency") + passage.extra);
  arrive(exchange, when, [e = std::move(event)](ApiLink::Exchange& client) { hear_of_event(client, e); });
  return !ended;
}

/// The events of one watch, each on its way to the client, in order.
asio::awaitable<void> pump(ExchangePtr exchange, std::shared_ptr<models::ApiWatch> watch) {
  for (;;) {
    auto event = co_await watch->next();
    if (exchange->abandoned || exchange->path->domain.dead) co_return;
    if (!event && watch->broke()) {
      fail(exchange, exchange->path->draw("api-reset-latency"), reset(), false);
      co_return;
    }
    const bool goes_on = send_event(exchange, std::move(event));
    if (!goes_on) co_return;
  }
}

asio::awaitable<void> serve_one(ApiService& service, ExchangePtr exchange, models::ApiHttpRequest request,
                                [[maybe_unused]] std::unique_ptr<ServerEnd> end) {
  auto response = co_await service.handler()(std::move(request));
  if (!response) {
    send_answer(exchange, reset());
    co_return;
  }
  if (!response->watch) {
    send_answer(exchange, std::move(*response));
    co_return;
  }
  if (exchange->abandoned) co_return;
  std::shared_ptr<models::ApiWatch> watch = std::move(response->watch);
  exchange->subscription = std::make_shared<ApiLink::Subscription>(exchange->path->runtime);
  exchange->subscription->source = watch;
  exchange->subscription->server = &service.process().domain();
  send_answer(exchange, std::move(*response));
  if (exchange->subscription->silent) co_return;  // the answer does not get there
  co_await pump(exchange, std::move(watch));
}

std::size_t size_of(const models::ApiHttpResponse& response) {
  const std::size_t objects = (response.body ? 1 : 0) + (response.items ? response.items->objects.size() : 0);
  return kHeadBytes + objects * kObjectBytes + response.text.size();
}

}  // namespace

void fail(const ExchangePtr& exchange, Duration way, TransportError error, bool whole_connection) {
  arrive(exchange, arrival(*exchange, way),
         [e = std::move(error), whole_connection](ApiLink::Exchange& client) {
           hear_of_break(client, e);
           if (!whole_connection) return;
           for (const auto& other : client.path->under_way) {
             const auto alive = other.lock();
             if (alive && alive->endpoint == client.endpoint) hear_of_break(*alive, e);
           }
         });
}

void send_answer(const ExchangePtr& exchange, ServerAnswer answer) {
  ApiMessage message = exchange->message(ApiMessage::Part::answer);
  if (answer) {
    message.status = answer->status;
    message.bytes = size_of(*answer);
  }
  const ApiPassage passage = exchange->path->ask(message);
  if (passage.outcome == ApiPassage::Outcome::lose) {
    if (exchange->subscription) exchange->subscription->silent = true;
    return;
  }
  const Duration way = exchange->path->draw("api-answer-latency") + passage.extra;
  if (passage.outcome != ApiPassage::Outcome::deliver || !answer) {
    if (exchange->subscription) exchange->subscription->silent = true;
    fail(exchange, way, answer ? reset() : answer.error(),
         passage.outcome == ApiPassage::Outcome::break_connection);
    return;
  }
  auto held = std::make_shared<ServerAnswer>(std::move(answer));
  arrive(exchange, arrival(*exchange, way),
         [held](ApiLink::Exchange& client) { hear_of_answer(client, std::move(*held)); });
}

void serve(ApiService& service, ExchangePtr exchange, models::ApiHttpRequest request) {
  auto end = std::make_unique<ServerEnd>(service.process(), exchange);
  service.tasks().spawn("api request",
                        serve_one(service, std::move(exchange), std::move(request), std::move(end)));
}

void abandon(ApiLink::Exchange& exchange) {
  if (std::exchange(exchange.abandoned, true) || !exchange.subscription) return;
  ApiLink::Subscription& subscription = *exchange.subscription;
  if (subscription.source.expired()) return;  // the server has ended it
  sim::Kernel& kernel = exchange.path->kernel();
  kernel.call_at(*subscription.server, kernel.now() + exchange.path->draw("watch-close-latency"),
                 [source = subscription.source] {
                   if (const auto watch = source.lock()) watch->end();
                 });
}

}  // namespace racebed::experiments
