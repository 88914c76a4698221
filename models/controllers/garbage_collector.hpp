// kube-controller-manager's garbage collector: removes what no owner keeps, holds foreground deletions until
// their dependents are gone, lets orphans go. Everything it knows comes from its mirrors; before it acts it
// asks again, and guards what it does by uid and resourceVersion (kubernetes.md §1.10).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "models/controllers/api.hpp"
#include "models/controllers/mirror.hpp"

namespace racebed::models {

struct GarbageCollectorOptions {
  Actor actor{"garbage-collector", 1};
  MirrorOptions mirrors{};
  Duration discovery_every = std::chrono::seconds{30};
  Duration retry_after = std::chrono::seconds{1};  // for what could not be done
  /// Objects that it looked at without an end in sight, and gave up: kept, and counted.
  int tries_max = 1'000;
};

class GarbageCollector {
 public:
  /// All must outlive it.
  GarbageCollector(Runtime& runtime, ControllerApi& api, GarbageCollectorOptions options = {});
  ~GarbageCollector();
  GarbageCollector(const GarbageCollector&) = delete;
  GarbageCollector& operator=(const GarbageCollector&) = delete;

  /// Runs until cancelled.
  asio::awaitable<void> run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace racebed::models
