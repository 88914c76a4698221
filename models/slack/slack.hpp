// The Slack endpoint: a process that listens, shakes hands over real TLS (or plain HTTP when a scenario wants
// speed), and serves a workspace. Every message it accepts is in the ledger at the moment of acceptance,
// before its answer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>

#include "models/ca/certificate_authority.hpp"
#include "models/ledger/ledger.hpp"
#include "models/slack/slack_policy.hpp"
#include "models/slack/workspace.hpp"
#include "runtime/runtime.hpp"

namespace racebed::models {

struct SlackOptions {
  std::uint16_t port = 443;
  bool tls = true;
  Duration think_min = std::chrono::milliseconds{10};     // from a request's last byte to its acceptance
  Duration think_spread = std::chrono::milliseconds{40};  // drawn uniformly on top, in steps of 1 ms
  Duration answer_min = std::chrono::milliseconds{2};     // from acceptance to the answer's first byte
  Duration answer_spread = std::chrono::milliseconds{8};
  /// The name of the client at this address, for the ledger; null: the address.
  std::function<std::string(const std::string& host)> sender{};
  HttpLimits limits{};
  Duration handshake_timeout{0};  // 0: for ever
};

class Slack {
 public:
  /// All must outlive the endpoint. `authority` may be null when tls is off.
  Slack(Runtime& runtime, Workspace& workspace, const CertificateAuthority* authority, SlackPolicy& policy,
        Ledger& ledger, Actor self, SlackOptions options);

  /// Binds. Errors: address_in_use and the like.
  Result<void> listen();
  /// After listen().
  std::uint16_t port() const { return listener_->port(); }
  /// Serves until cancelled. After listen().
  asio::awaitable<void> run();

 private:
  struct Turn;
  asio::awaitable<Result<AnyStream, std::string>> shake_hands(AnyStream stream, TlsVerdict verdict);
  asio::awaitable<void> serve(AnyStream stream, std::uint64_t connection);
  asio::awaitable<bool> serve_request(HttpConversation& talk, HttpServerRequest request, Turn& turn);
  asio::awaitable<bool> serve_page(HttpConversation& talk, HttpServerAnswer page, bool history, Turn& turn);
  asio::awaitable<bool> answer(HttpConversation& talk, HttpServerAnswer answer,
                               std::optional<Duration> retry_after, const Turn& turn);
  void answered(const Turn& turn, int status, std::optional<Duration> retry_after);
  /// The process at the other end, as the ledger calls it.
  std::string sender_of(const std::string& peer) const;
  Duration drawn(Duration min, Duration spread, Site site);

  Runtime& runtime_;
  Workspace& workspace_;
  const CertificateAuthority* authority_;
  SlackPolicy& policy_;
  Ledger& ledger_;
  Actor self_;
  SlackOptions options_;
  std::unique_ptr<Listener> listener_;
  std::uint64_t connections_ = 0;
};

}  // namespace racebed::models
