// The control port of a fake world on real sockets: faults are set and the ledger is read here.
//   GET /faults · PUT /faults · DELETE /faults     how Slack and the API server misbehave
//   (faults/adjustable.hpp) GET /ledger[?after=N][&kind=delivered]         facts, oldest first GET
//   /kubeconfig · GET /ca.pem · GET /healthz POST /compact                                  the store forgets
//   every revision but the latest
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>

#include "faults/adjustable.hpp"
#include "models/http/conversation.hpp"
#include "models/ledger/ledger.hpp"
#include "runtime/runtime.hpp"

namespace racebed::experiments {

struct ControlParts {
  faults::AdjustableFaults& faults;
  models::Ledger& ledger;
  std::function<void()> compact;
  std::function<std::string()> kubeconfig;
  std::string ca_pem;
  std::string revocations_pem;
};

class Control {
 public:
  /// What `parts` refers to must outlive it.
  Control(Runtime& runtime, ControlParts parts, models::HttpLimits limits);

  /// Binds; port 0 picks a free one.
  Result<void> listen(std::uint16_t port);
  std::uint16_t port() const { return listener_->port(); }
  /// Serves until cancelled. After listen().
  asio::awaitable<void> run();

  /// The answer to one request, without I/O.
  models::HttpServerAnswer answer(const models::HttpServerRequest& request);

 private:
  asio::awaitable<void> serve(AnyStream stream);
  models::HttpServerAnswer faults_answer(const models::HttpServerRequest& request);
  models::HttpServerAnswer ledger_answer(std::string_view query) const;

  Runtime& runtime_;
  ControlParts parts_;
  models::HttpLimits limits_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace racebed::experiments
