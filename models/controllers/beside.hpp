// The controllers that run beside an API server, together: one line for whoever builds a world.
#pragma once

#include <functional>

#include "models/apiserver/front_end.hpp"
#include "models/controllers/garbage_collector.hpp"
#include "models/controllers/namespace_controller.hpp"

namespace racebed::models {

/// A client in the same address space as its server.
class FrontEndApi final : public ControllerApi {
 public:
  /// `server` says which front end answers now: null while there is none. Each way takes `latency`.
  FrontEndApi(Runtime& runtime, std::function<FrontEnd*()> server, Duration latency = Duration{0})
      : runtime_(runtime), server_(std::move(server)), latency_(latency) {}
  asio::awaitable<std::optional<ApiHttpResponse>> call(ApiHttpRequest request) override;

 private:
  Runtime& runtime_;
  const std::function<FrontEnd*()> server_;
  const Duration latency_;
};

struct ControllersOptions {
  bool garbage_collector = true;
  bool namespaces = true;
  Duration latency{0};      // of their requests, each way
  MirrorOptions mirrors{};  // how late their view is
};

class ControllersBeside {
 public:
  /// `runtime` and what `server` refers to must outlive it.
  ControllersBeside(Runtime& runtime, std::function<FrontEnd*()> server, ControllersOptions options = {});
  /// Runs until cancelled.
  asio::awaitable<void> run();

 private:
  const ControllersOptions options_;
  FrontEndApi api_;
  GarbageCollector collector_;
  NamespaceController namespaces_;
};

}  // namespace racebed::models
