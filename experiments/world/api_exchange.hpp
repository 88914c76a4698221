// One request on its way, its answer, and the watch that it opened: what both ends of the message transport
// share. Private to experiments/world/api_*.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/world/api_link.hpp"
#include "runtime/event.hpp"

namespace racebed::experiments {

/// What the exchanges of one client's life have in common.
struct ApiLink::Path {
  Path(sim::Process& c, ApiEndpoints e, ApiLinkOptions o)
      : client(c), domain(c.domain()), runtime(c.runtime()), endpoints(std::move(e)), options(o) {}
  sim::Process& client;
  sim::Domain& domain;  // of the life, which may have ended, as may the runtime's
  Runtime& runtime;
  ApiEndpoints endpoints;
  ApiLinkOptions options;
  std::optional<std::size_t> connected;  // to which endpoint
  std::vector<std::weak_ptr<Exchange>> under_way;
  std::size_t prune_at = 64;

  sim::Kernel& kernel() const { return client.kernel(); }
  Duration draw(Site site) const;
  ApiPassage ask(const ApiMessage& message) const;
  bool wants(models::Passed::Point point) const {
    return options.moments != nullptr && options.moments->wants(point);
  }
  void tell(models::Passed::Point point, models::ObjectRef object) const;
};

/// The client's end of an open watch.
struct ApiLink::Subscription {
  explicit Subscription(Runtime& runtime) : arrived(runtime.clock) {}
  Event arrived;
  std::deque<models::WatchEvent> events;
  bool ended = false;   // the server's clean end has arrived
  bool broken = false;  // the connection broke: nothing arrives any more
  bool silent = false;  // the weather has lost an event: nothing is sent any more
  std::weak_ptr<models::ApiWatch> source;
  sim::Domain* server = nullptr;  // of the life that serves it
};

struct ApiLink::Exchange {
  explicit Exchange(std::shared_ptr<Path> p) : path(std::move(p)), answered(path->runtime.clock) {}
  std::shared_ptr<Path> path;
  std::size_t endpoint = 0;  // where it went
  std::string_view method;
  std::string target;
  bool opens_watch = false;
  Event answered;
  std::optional<Result<models::ApiHttpResponse, kube::TransportError>> answer;
  std::shared_ptr<Subscription> subscription;  // set when the answer is a watch
  bool abandoned = false;                      // the client wants no watch any more
  /// What is on its way to the client, oldest first: what it will hear.
  using News = std::function<void(Exchange& exchange)>;
  std::deque<News> on_the_way;
  Time last_arrival{};  // of what was sent to the client: nothing arrives earlier, or at the same moment
  ApiMessage message(ApiMessage::Part part) const;
};

using ExchangePtr = std::shared_ptr<ApiLink::Exchange>;
using ServerAnswer = Result<models::ApiHttpResponse, kube::TransportError>;

/// Sends the answer on its way back.
void send_answer(const ExchangePtr& exchange, ServerAnswer answer);
/// The client hears of an error, `way` from now, whatever the weather.
void fail(const ExchangePtr& exchange, Duration way, kube::TransportError error, bool whole_connection);
/// In the server: one request, and the watch that it opens. Starts a task of the service.
void serve(ApiService& service, ExchangePtr exchange, models::ApiHttpRequest request);
/// The client wants no watch any more: the server hears of it after the way there. Idempotent.
void abandon(ApiLink::Exchange& exchange);

}  // namespace racebed::experiments
