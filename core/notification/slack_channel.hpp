// Delivery to Slack: by incoming webhook, or by the Web API, which can be asked afterwards.
#pragma once

#include "core/net/https_client.hpp"
#include "core/notification/config.hpp"
#include "core/notification/delivery.hpp"

namespace racebed::notification {

/// How HTTP requests leave: net::HttpsClient, or a script in a test.
class HttpSender {
 public:
  virtual ~HttpSender() = default;
  virtual asio::awaitable<Result<net::HttpAnswer, net::HttpFailure>> send(net::HttpRequest request) = 0;
};

class SlackChannel final : public Channel {
 public:
  /// Requires config.is_configured() and valid URLs (see check()).
  SlackChannel(SlackConfig config, HttpSender& sender);

  asio::awaitable<DeliveryResult> deliver(Message message) override;
  asio::awaitable<ProbeAnswer> probe(ProbeKey key) override;
  bool can_be_asked() const override { return !config_.token.empty(); }
  std::string endpoint() const override { return endpoint_; }
  Duration send_timeout() const override { return config_.http.total_timeout; }

 private:
  net::HttpRequest request(const Message& message) const;
  net::HttpRequest history(const ProbeKey& key, const std::string& cursor, int limit) const;

  SlackConfig config_;
  HttpSender& sender_;
  net::Url url_;  // of the webhook, or of the Web API's base
  std::string endpoint_;
};

/// "https://hooks.slack.com:443#1a2b3c4d": scheme, host, port, and a hash of the path, which is a secret.
std::string endpoint_name(const net::Url& url);

}  // namespace racebed::notification
