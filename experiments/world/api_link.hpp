// The message transport between one client process and the API server processes: what HTTP over a network is
// to them, at a fraction of its cost. A request never arrives, or it commits and its answer is lost, or all
// goes well; each way takes a drawn latency, and what the weather adds; a watch delivers in order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/kube/api_transport.hpp"
#include "experiments/scenario/scenario.hpp"
#include "experiments/world/api_weather.hpp"
#include "models/apiserver/http.hpp"
#include "models/ledger/ledger.hpp"
#include "runtime/task_group.hpp"
#include "sim/kernel.hpp"

namespace racebed::experiments {

/// The server's end, for one life of the server: serves requests in tasks of the API server's process.
class ApiService {
 public:
  using Handler =
      std::function<asio::awaitable<std::optional<models::ApiHttpResponse>>(models::ApiHttpRequest)>;
  ApiService(sim::Process& process, Handler handler)
      : process_(process),
        incarnation_(process.incarnation()),
        handler_(std::move(handler)),
        tasks_(process.runtime()) {}
  sim::Process& process() { return process_; }
  /// Whether the life that it belongs to goes on.
  bool alive() const {
    return process_.state() != sim::ProcessState::dead && process_.incarnation() == incarnation_;
  }
  const Handler& handler() const { return handler_; }
  TaskGroup& tasks() { return tasks_; }

 private:
  sim::Process& process_;
  std::uint32_t incarnation_;
  Handler handler_;
  TaskGroup tasks_;
};

/// Where a client may find an API server.
struct ApiEndpoint {
  std::string server;          // the process's name
  ApiService* const* service;  // points to null while the server is down: refused
};
using ApiEndpoints = std::vector<ApiEndpoint>;

struct ApiLinkOptions {
  DurationRange latency{std::chrono::milliseconds{1}, std::chrono::milliseconds{1}};  // each way
  ApiWeather* weather = nullptr;                                                      // null: calm
  FrontEndChoice* choice = nullptr;   // null: the first endpoint, always
  models::Ledger* moments = nullptr;  // hears of what passes (core-sends-read ...); null: nobody does
};

/// The client's end, for one life of the client. Requests, answers and watches are independent of each other:
/// a reset ends one of them, unless the weather says that the connection breaks.
class ApiLink final : public kube::ApiTransport {
 public:
  /// One server, calm weather. `service` is as in ApiEndpoint.
  ApiLink(sim::Process& client, ApiService* const& service, DurationRange latency);
  /// At least one endpoint. What the options point to, and what the endpoints do, must outlive the client's
  /// life.
  ApiLink(sim::Process& client, ApiEndpoints endpoints, ApiLinkOptions options);
  ~ApiLink() override;
  asio::awaitable<Result<kube::ApiResponse, kube::TransportError>> call(kube::ApiRequest request,
                                                                        Duration timeout) override;
  asio::awaitable<Result<kube::WatchAnswer, kube::TransportError>> watch(kube::ApiRequest request,
                                                                         Duration timeout) override;

  struct Path;
  struct Exchange;
  struct Subscription;

 private:
  std::shared_ptr<Exchange> send(kube::ApiRequest request, bool opens_watch);

  std::shared_ptr<Path> path_;
};

}  // namespace racebed::experiments
