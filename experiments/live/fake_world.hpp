// The fake world on real sockets: API server (HTTP and HTTPS), Slack (TLS) and the control port, all on one
// process's Runtime. What `racebed serve` runs, and what `run --live` runs a scenario against.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "models/apiserver/store.hpp"
#include "models/ledger/ledger.hpp"
#include "runtime/runtime.hpp"

namespace racebed::experiments {

struct FakeWorldOptions {
  // Ports: 0 is a free one, nothing: not served.
  std::optional<std::uint16_t> http_port = 0;
  std::optional<std::uint16_t> https_port = 0;
  std::optional<std::uint16_t> slack_port = 0;
  std::optional<std::uint16_t> control_port = 0;
  std::string address = "127.0.0.1";     // where clients find it; in certificates beside "localhost"
  std::string slack_host = "localhost";  // the name in Slack's good certificate
  bool slack_tls = true;
  std::size_t front_ends = 1;  // API servers over one store; connections take turns
  Duration slack_think_min = std::chrono::milliseconds{2};
  Duration slack_think_spread = std::chrono::milliseconds{3};
  std::string token{};  // bearer token that API requests must carry; empty: none needed
  /// Who the client at an address is, for the ledger; null: the address is its name.
  std::function<models::Actor(const std::string& host)> who{};
  Duration drain_timeout = std::chrono::seconds{10};
};

/// Where it listens; 0: not served.
struct FakeWorldPorts {
  std::uint16_t http = 0;
  std::uint16_t https = 0;
  std::uint16_t slack = 0;
  std::uint16_t control = 0;
};

class FakeWorld {
 public:
  /// Both must outlive it.
  FakeWorld(Runtime& runtime, models::Ledger& ledger, FakeWorldOptions options);
  ~FakeWorld();
  FakeWorld(const FakeWorld&) = delete;
  FakeWorld& operator=(const FakeWorld&) = delete;

  /// Binds every port. On failure one line: which port, and why.
  Result<FakeWorldPorts, std::string> listen();
  /// Sets how Slack and the API server misbehave (faults/adjustable.hpp); one line when the document is
  /// wrong.
  std::string set_faults(const nlohmann::json& document);
  /// Serves until drain() has done its work, or until cancelled. After listen().
  asio::awaitable<void> run();
  /// Stops accepting; ends watches; lets requests under way finish.
  void drain();

  /// For kubectl and other clients. After listen().
  std::string kubeconfig() const;
  const std::string& ca_pem() const;
  const std::string& revocations_pem() const;
  /// The truth, for whoever judges.
  const models::Store& store() const;
  const models::Registry& registry() const;
  /// Where the controller posts: webhook, Web API, channel, token.
  std::string slack_webhook_url() const;
  std::string slack_api_url() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace racebed::experiments
