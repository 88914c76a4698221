// A client of core/net and Slack's endpoint in one small world: what faults do at the one end, what the other
// makes of it.
#pragma once

#include <functional>
#include <string>

#include "core/net/https_client.hpp"
#include "models/slack/slack_policy.hpp"
#include "runtime/runtime.hpp"

namespace racebed::tests {

/// Answers what is set; calm where nothing is.
struct Weather : models::SlackPolicy {
  std::function<models::TlsVerdict(std::uint64_t connection)> on_tls{};
  std::function<models::SlackVerdict(std::uint64_t request)> on_post{};  // counted from 1
  std::function<models::SlackVerdict()> on_history{};
  models::ReuseVerdict on_reuse = models::ReuseVerdict::serve;

  models::TlsVerdict tls(std::uint64_t connection) override;
  models::SlackVerdict post(std::uint64_t connection) override;
  models::SlackVerdict history(std::uint64_t connection) override;
  models::ReuseVerdict reuse(std::uint64_t connection) override;

 private:
  std::uint64_t posts_ = 0;
};

struct SlackWorld {
  std::uint64_t seed = 5;
  bool tls = true;
  Weather weather{};
  bool check_revocation = true;
};

/// Tells its story into `story`.
using ClientMain = std::function<asio::awaitable<void>(Runtime&, net::HttpsClient&, std::string& story)>;

/// Runs `main` twice against Slack and replays it; returns the story, then what the ledger says. Checks that
/// no task and no socket of the client is left.
std::string play(const SlackWorld& world, const ClientMain& main);

/// A message by webhook.
net::HttpRequest webhook_post(const SlackWorld& world);
/// Sends `times` messages, `pause` apart; one line for each: the class and text of a failure, or the answer.
ClientMain posts(const SlackWorld& world, int times = 1, Duration pause = Duration{0});

std::string told(const Result<net::HttpAnswer, net::HttpFailure>& result);

}  // namespace racebed::tests
