// kube-controller-manager's namespace controller: empties a namespace that is being deleted, kind by kind,
// and when nothing is left takes the finalizer "kubernetes" from its spec, so that the server lets it go
// (kubernetes.md §1.9).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "models/controllers/api.hpp"
#include "models/controllers/mirror.hpp"

namespace racebed::models {

struct NamespaceControllerOptions {
  Actor actor{"namespace-controller", 1};
  MirrorOptions mirror{};
  Duration retry_after = std::chrono::seconds{1};  // after an answer that it did not expect
  /// For objects whose finalizers keep them (half of the real one's estimate of 15 s, and a second).
  Duration look_again = std::chrono::seconds{8};
};

class NamespaceController {
 public:
  /// All must outlive it.
  NamespaceController(Runtime& runtime, ControllerApi& api, NamespaceControllerOptions options = {});
  ~NamespaceController();
  NamespaceController(const NamespaceController&) = delete;
  NamespaceController& operator=(const NamespaceController&) = delete;

  /// Runs until cancelled.
  asio::awaitable<void> run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace racebed::models
