#include "models/slack/slack.hpp"

#include <fmt/format.h>

#include "models/http/tls_server.hpp"
#include "runtime/assert.hpp"
#include "runtime/task_group.hpp"
#include "runtime/within.hpp"

namespace racebed::models {
namespace {
bool arrives(SlackVerdict::Body body) {
  return body == SlackVerdict::Body::whole || body == SlackVerdict::Body::malformed;
}
}  // namespace

Slack::Slack(Runtime& runtime, Workspace& workspace, const CertificateAuthority* authority,
             SlackPolicy& policy, Ledger& ledger, Actor self, SlackOptions options)
    : runtime_(runtime),
      workspace_(workspace),
      authority_(authority),
      policy_(policy),
      ledger_(ledger),
      self_(std::move(self)),
      options_(std::move(options)) {
  RACEBED_ASSERT(!options_.tls || authority_ != nullptr, "an endpoint with TLS has an authority");
}

Duration Slack::drawn(Duration min, Duration spread, Site site) {
  const auto steps = static_cast<std::uint64_t>(spread / std::chrono::milliseconds{1});
  return min + std::chrono::milliseconds{runtime_.random.below(steps + 1, site)};
}

Result<void> Slack::listen() {
  auto listener = runtime_.network.listen(options_.port);
  if (!listener) return listener.error();
  listener_ = std::move(*listener);
  return {};
}

std::string Slack::sender_of(const std::string& peer) const {
  const std::string host = peer.substr(0, peer.rfind(':'));
  return options_.sender ? options_.sender(host) : host;
}

asio::awaitable<void> Slack::run() {
  RACEBED_ASSERT(listener_ != nullptr, "it listens before it runs");
  TaskGroup connections(runtime_);
  for (;;) {
    auto accepted = co_await listener_->accept();
    if (!accepted) break;
    const std::uint64_t number = ++connections_;
    connections.spawn("slack connection", serve(std::move(*accepted), number));
  }
  connections.cancel();
  co_await connections.join();
}

asio::awaitable<Result<AnyStream, std::string>> Slack::shake_hands(AnyStream stream, ChainKind kind) {
  auto handshake = tls_server_handshake(std::move(stream), authority_->identity(kind));
  if (options_.handshake_timeout == Duration{0}) {
    auto secured = co_await std::move(handshake);
    co_return std::move(secured);
  }
  const Instant deadline = runtime_.clock.steady_now() + options_.handshake_timeout;
  auto secured = co_await within(runtime_.clock, deadline, std::move(handshake));
  if (!secured) co_return "the client was too slow";
  co_return std::move(*secured);
}

asio::awaitable<void> Slack::serve(AnyStream stream, std::uint64_t connection) {
  const std::string sender = sender_of(stream.peer());
  if (options_.tls) {
    const ChainKind chain = policy_.chain(connection);
    auto secured = co_await shake_hands(std::move(stream), chain);
    ledger_.record(self_, ConnectionOpened{"slack", connection, secured ? "ok" : secured.error(),
                                           std::string(to_text(chain)), sender});
    if (!secured) co_return;
    stream = std::move(*secured);
  } else {
    ledger_.record(self_, ConnectionOpened{"slack", connection, "", "", sender});
  }
  HttpConversation talk(std::move(stream), runtime_.clock, options_.limits);
  bool open = true;
  while (open) {
    auto request = co_await talk.read();
    if (!request) {
      auto refusal = answer_to(request.error());
      if (refusal) co_await talk.write(std::move(*refusal), false);
      break;
    }
    open = co_await serve_request(talk, std::move(*request), connection, sender);
  }
  talk.close(CloseKind::graceful);
}

asio::awaitable<bool> Slack::serve_request(HttpConversation& talk, HttpServerRequest request,
                                           std::uint64_t connection, std::string sender) {
  const bool keep_alive = request.keep_alive;
  Workspace::Checked checked = workspace_.check(request);
  if (checked.answer) {
    ledger_.record(self_, Answered{"", checked.answer->status, connection});
    const bool written = co_await talk.write(std::move(*checked.answer), keep_alive);
    co_return written&& keep_alive;
  }
  const Workspace::Post& post = *checked.post;
  ledger_.record(self_, Requested{"slack", post.token, post.claimed_uid, connection, sender});
  const SlackVerdict verdict = policy_.post(connection);
  const auto answered = [&](const std::string& message, int status) {
    Answered fact{message, status, connection, post.token, sender};
    if (status != 0 && verdict.outcome == SlackVerdict::Outcome::refuse)
      fact.retry_after = verdict.retry_after;
    if (ledger_.wants(Passed::Point::slack_before_answer))
      ledger_.record(self_, Passed{Passed::Point::slack_before_answer, {}, post.token});
    ledger_.record(self_, std::move(fact));
  };
  co_await runtime_.clock.sleep_for(verdict.before_acceptance +
                                    drawn(options_.think_min, options_.think_spread, "slack-think"));
  if (verdict.outcome == SlackVerdict::Outcome::drop) {
    answered("", 0);
    co_return false;
  }
  if (verdict.outcome == SlackVerdict::Outcome::refuse) {
    HttpServerAnswer refusal{.status = verdict.status, .body = "refused", .content_type = "text/plain"};
    if (verdict.retry_after) {
      refusal.headers.emplace_back("Retry-After",
                                   fmt::format("{}", *verdict.retry_after / std::chrono::seconds{1}));
    }
    answered("", arrives(verdict.body) ? verdict.status : 0);
    const bool open = co_await answer(talk, std::move(refusal), verdict.body, keep_alive);
    co_return open;
  }
  const std::string ts = workspace_.accept(post, runtime_.clock.now());
  ledger_.record(self_, Delivered{"slack", post.token, ts, post.claimed_uid, connection, sender});
  co_await runtime_.clock.sleep_for(verdict.before_answer +
                                    drawn(options_.answer_min, options_.answer_spread, "slack-answer"));
  if (verdict.outcome == SlackVerdict::Outcome::accept_then_lose) {
    answered(ts, 0);
    co_return false;
  }
  answered(ts, arrives(verdict.body) ? 200 : 0);
  HttpServerAnswer confirmation = workspace_.confirm(post, ts);
  const bool open = co_await answer(talk, std::move(confirmation), verdict.body, keep_alive);
  co_return open;
}

/// Whether the connection can take another request.
asio::awaitable<bool> Slack::answer(HttpConversation& talk, HttpServerAnswer answer, SlackVerdict::Body body,
                                    bool keep_alive) {
  if (!arrives(body)) {
    co_await talk.write_half(std::move(answer));
    if (body == SlackVerdict::Body::stalled) co_await talk.wait_for_end();
    co_return false;
  }
  if (body == SlackVerdict::Body::malformed) answer.body = "<html>upstream</html>";
  const bool written = co_await talk.write(std::move(answer), keep_alive);
  co_return written&& keep_alive;
}

}  // namespace racebed::models
