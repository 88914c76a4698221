// The message transport between one client process and an API server process: what HTTP over a network is to
// them, at a fraction of its cost. A request never arrives, or it commits and its answer is lost, or all goes
// well; each way takes a drawn latency; a watch delivers in order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/kube/api_transport.hpp"
#include "experiments/scenario/scenario.hpp"
#include "models/apiserver/http.hpp"
#include "runtime/task_group.hpp"
#include "sim/kernel.hpp"

namespace racebed::experiments {

/// The server's end: serves requests in tasks of the API server's process.
class ApiService {
 public:
  using Handler =
      std::function<asio::awaitable<std::optional<models::ApiHttpResponse>>(models::ApiHttpRequest)>;
  ApiService(sim::Process& process, Handler handler)
      : process_(process), handler_(std::move(handler)), tasks_(process.runtime()) {}
  sim::Process& process() { return process_; }
  const Handler& handler() const { return handler_; }
  TaskGroup& tasks() { return tasks_; }

 private:
  sim::Process& process_;
  Handler handler_;
  TaskGroup tasks_;
};

/// The client's end, for one life of the client. `service` may be null while the server is down: refused.
class ApiLink final : public kube::ApiTransport {
 public:
  ApiLink(sim::Process& client, ApiService* const& service, DurationRange latency);
  asio::awaitable<Result<kube::ApiResponse, kube::TransportError>> call(kube::ApiRequest request,
                                                                        Duration timeout) override;
  asio::awaitable<Result<kube::WatchAnswer, kube::TransportError>> watch(kube::ApiRequest request,
                                                                         Duration timeout) override;

  struct Exchange;
  struct Subscription;

 private:
  Duration latency();
  void send(std::shared_ptr<Exchange> exchange, kube::ApiRequest request);

  sim::Process& client_;
  Runtime& runtime_;
  ApiService* const& service_;
  DurationRange latency_;
};

}  // namespace racebed::experiments
