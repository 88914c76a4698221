#include "models/controllers/beside.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace racebed::models {

asio::awaitable<std::optional<ApiHttpResponse>> FrontEndApi::call(ApiHttpRequest request) {
  if (latency_ > Duration{0}) co_await runtime_.clock.sleep_for(latency_);
  FrontEnd* const server = server_();
  if (server == nullptr) co_return std::nullopt;
  auto answer = co_await server->handle(std::move(request));
  if (latency_ > Duration{0}) co_await runtime_.clock.sleep_for(latency_);
  co_return std::move(answer);
}

ControllersBeside::ControllersBeside(Runtime& runtime, std::function<FrontEnd*()> server,
                                     ControllersOptions options)
    : options_(options),
      api_(runtime, std::move(server), options.latency),
      collector_(runtime, api_, {.mirrors = options.mirrors}),
      namespaces_(runtime, api_, {.mirror = options.mirrors}) {}

asio::awaitable<void> ControllersBeside::run() {
  using namespace asio::experimental::awaitable_operators;
  if (options_.garbage_collector && options_.namespaces) {
    co_await (collector_.run() && namespaces_.run());
  } else if (options_.garbage_collector) {
    co_await collector_.run();
  } else if (options_.namespaces) {
    co_await namespaces_.run();
  }
}

}  // namespace racebed::models
