#include "models/slack/slack.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>

#include "models/http/tls_server.hpp"
#include "models/slack/answer_shape.hpp"
#include "runtime/assert.hpp"
#include "runtime/task_group.hpp"
#include "runtime/within.hpp"

namespace racebed::models {
namespace {

using namespace asio::experimental::awaitable_operators;
using Outcome = SlackVerdict::Outcome;

/// IMF-fixdate (RFC 9110 §5.6.7).
std::string http_date(Time time) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string iso = to_rfc3339(time);  // "2025-11-29T00:00:00Z"
  const std::chrono::sys_days day =
      std::chrono::floor<std::chrono::days>(std::chrono::sys_time<Duration>(time.time_since_epoch()));
  const std::chrono::year_month_day date(day);
  return fmt::format("{}, {} {} {} {} GMT", kDays[std::chrono::weekday(day).c_encoding()], iso.substr(8, 2),
                     kMonths[static_cast<unsigned>(date.month()) - 1], iso.substr(0, 4), iso.substr(11, 8));
}

/// A refusal in words, and what it asks for.
struct Refusal {
  HttpServerAnswer answer;
  std::optional<Duration> retry_after{};
};

/// What a proxy before the endpoint says of its own troubles: words that must decide nothing.
std::string proxy_page(int status) {
  return fmt::format(
      "<html><head><title>{0}</title></head><body><h1>{0}: permanent failure</h1><p>no healthy upstream: "
      "x509: certificate has expired; tls: handshake failure; circuit breaker is open</p></body></html>",
      status);
}

/// One that goes on and on, and says nothing that anybody could mistake.
std::string long_page(std::size_t bytes) {
  std::string page = "<html><body><h1>no healthy upstream</h1><pre>";
  page.resize(std::max(page.size(), bytes), '.');
  return page;
}

Refusal refusal_of(const SlackVerdict& verdict, bool web_api, Time now) {
  Refusal refusal;
  HttpServerAnswer& answer = refusal.answer;
  answer.status = verdict.status;
  answer.content_type = "text/plain";
  answer.body = verdict.error.empty() ? "refused" : verdict.error;
  if (web_api && (!verdict.error.empty() || verdict.status == 200)) {
    answer.content_type = "application/json; charset=utf-8";
    answer.body = fmt::format(R"({{"ok":false,"error":"{}"}})", answer.body);
  }
  if (verdict.proxy_page) {
    answer.content_type = "text/html; charset=utf-8";
    answer.body = verdict.page_bytes > 0 ? long_page(verdict.page_bytes) : proxy_page(verdict.status);
  }
  if (!verdict.location.empty()) answer.headers.emplace_back("Location", verdict.location);
  if (verdict.retry_after && verdict.retry_after_as_date) {
    const auto until = std::chrono::ceil<std::chrono::seconds>(now + *verdict.retry_after);
    refusal.retry_after = until - now;
    answer.headers.emplace_back("Retry-After", http_date(until));
  } else if (verdict.retry_after) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(*verdict.retry_after);
    refusal.retry_after = seconds;
    answer.headers.emplace_back("Retry-After", fmt::format("{}", seconds.count()));
  }
  return refusal;
}

bool is_history(const HttpServerRequest& request) {
  return request.target.starts_with("/api/conversations.history");
}

}  // namespace

/// One request and what is known of it.
struct Slack::Turn {
  std::uint64_t connection = 0;
  std::string sender{};
  bool keep_alive = true;
  std::string token{};    // of the notification
  std::string message{};  // its ts, once accepted
  std::string refusal{};  // of what is no message
  SlackVerdict verdict{};
};

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

asio::awaitable<Result<AnyStream, std::string>> Slack::shake_hands(AnyStream stream, TlsVerdict verdict) {
  if (verdict.delay > Duration{0}) co_await runtime_.clock.sleep_for(verdict.delay);
  std::string noise;
  if (verdict.server == TlsVerdict::Server::garbage) {
    constexpr std::size_t kNoiseBytes = 64;
    noise.push_back('\xff');  // no type of record, so that a client need not wait for the end of one
    while (noise.size() < kNoiseBytes)
      noise.push_back(static_cast<char>(runtime_.random.below(256, "slack-noise")));
  }
  auto handshake =
      tls_server_handshake(std::move(stream), authority_->identity(verdict.chain), verdict, std::move(noise));
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
    const TlsVerdict verdict = policy_.tls(connection);
    auto secured = co_await shake_hands(std::move(stream), verdict);
    const std::string_view chain = presents_chain(verdict) ? to_text(verdict.chain) : "";
    ledger_.record(self_, ConnectionOpened{"slack", connection, secured ? "ok" : secured.error(),
                                           std::string(chain), sender});
    if (!secured) co_return;
    stream = std::move(*secured);
  } else {
    ledger_.record(self_, ConnectionOpened{"slack", connection, "", "", sender});
  }
  HttpConversation talk(std::move(stream), runtime_.clock, options_.limits);
  CloseKind close_kind = CloseKind::graceful;
  for (bool first = true, open = true; open; first = false) {
    if (!first) {
      const auto begun = co_await talk.await_request();
      if (!begun) break;
      const ReuseVerdict reuse = policy_.reuse(connection);
      if (reuse == ReuseVerdict::reset) close_kind = CloseKind::abort;
      if (reuse != ReuseVerdict::serve) break;
    }
    auto request = co_await talk.read();
    if (!request) {
      auto refusal = answer_to(request.error());
      if (refusal) co_await talk.write(std::move(*refusal), false);
      break;
    }
    Turn turn{.connection = connection, .sender = sender};
    open = co_await serve_request(talk, std::move(*request), turn);
    if (!open) close_kind = turn.verdict.close_kind;
  }
  talk.close(close_kind);
}

void Slack::answered(const Turn& turn, int status, std::optional<Duration> retry_after) {
  ledger_.record(self_, Answered{turn.message, status, turn.connection, turn.token, turn.sender,
                                 status == 0 ? std::nullopt : retry_after, turn.refusal});
}

/// Everything but messages: the history, and refusals of what is no message.
asio::awaitable<bool> Slack::serve_page(HttpConversation& talk, HttpServerAnswer page, bool history,
                                        Turn& turn) {
  if (!history) {
    const bool says_not_ok = page.body.find("\"ok\":false") != std::string::npos;
    if (page.status >= 400 || says_not_ok) turn.refusal = page.body;
  } else {
    turn.verdict = policy_.history(turn.connection);
    if (turn.verdict.before_answer > Duration{0})
      co_await runtime_.clock.sleep_for(turn.verdict.before_answer);
  }
  if (turn.verdict.outcome == Outcome::drop) {
    answered(turn, 0, std::nullopt);
    co_return false;
  }
  std::optional<Duration> retry_after;
  if (turn.verdict.outcome == Outcome::refuse) {
    Refusal refusal = refusal_of(turn.verdict, true, runtime_.clock.now());
    page = std::move(refusal.answer);
    retry_after = refusal.retry_after;
  }
  const bool open = co_await answer(talk, std::move(page), retry_after, turn);
  co_return open;
}

/// Whether the connection can take another request. `turn` outlives it.
asio::awaitable<bool> Slack::serve_request(HttpConversation& talk, HttpServerRequest request, Turn& turn) {
  turn.keep_alive = request.keep_alive;
  Workspace::Checked checked = workspace_.check(request);
  if (checked.answer) {
    const bool open = co_await serve_page(talk, std::move(*checked.answer), is_history(request), turn);
    co_return open;
  }
  const Workspace::Post& post = *checked.post;
  turn.token = post.token;
  ledger_.record(self_, Requested{"slack", post.token, post.claimed_uid, turn.connection, turn.sender});
  turn.verdict = policy_.post(turn.connection);
  // A webhook says no by its status alone: "200, and not ok" is the Web API's.
  if (!post.web_api && turn.verdict.outcome == Outcome::refuse && turn.verdict.status == 200 &&
      !turn.verdict.proxy_page)
    turn.verdict.status = 500;
  const Outcome outcome = turn.verdict.outcome;
  co_await runtime_.clock.sleep_for(turn.verdict.before_acceptance +
                                    drawn(options_.think_min, options_.think_spread, "slack-think"));
  if (outcome != Outcome::refuse && outcome != Outcome::drop) {
    turn.message = workspace_.accept(post, runtime_.clock.now());
    ledger_.record(self_, Delivered{"slack", post.token, turn.message, post.claimed_uid, turn.connection,
                                    turn.sender, std::make_shared<const std::string>(post.content)});
    co_await runtime_.clock.sleep_for(turn.verdict.before_answer +
                                      drawn(options_.answer_min, options_.answer_spread, "slack-answer"));
  }
  if (ledger_.wants(Passed::Point::slack_before_answer))
    ledger_.record(self_, Passed{Passed::Point::slack_before_answer, {}, post.token});
  if (outcome == Outcome::drop || outcome == Outcome::accept_then_lose) {
    answered(turn, 0, std::nullopt);
    co_return false;
  }
  Refusal reply;
  if (outcome == Outcome::answer) {
    reply.answer = workspace_.confirm(post, turn.message);
  } else {
    reply = refusal_of(turn.verdict, post.web_api, runtime_.clock.now());
  }
  const bool open = co_await answer(talk, std::move(reply.answer), reply.retry_after, turn);
  co_return open;
}

/// Whether the connection can take another request. The fact comes before the first byte, or, of a slow
/// answer, after the last.
asio::awaitable<bool> Slack::answer(HttpConversation& talk, HttpServerAnswer answer,
                                    std::optional<Duration> retry_after, const Turn& turn) {
  const int status = answer.status;
  AnswerShape shape = shape_of(std::move(answer), turn.verdict.body, turn.keep_alive);
  const bool slow = !shape.slowly.empty();
  if (!slow) answered(turn, shape.is_answer ? status : 0, retry_after);
  bool taken = true;
  if (!shape.at_once.empty()) taken = co_await talk.write_bytes(std::move(shape.at_once));
  if (taken && slow) {
    // A client that has had enough of it leaves; then this is no answer.
    const auto ended =
        co_await (talk.write_slowly(std::move(shape.slowly), turn.verdict.interval) || talk.wait_for_end());
    taken = ended.index() == 0 && std::get<0>(ended);
  }
  if (slow) answered(turn, taken ? status : 0, retry_after);
  if (shape.stalls) co_await talk.wait_for_end();
  co_return taken&& shape.keeps_open;
}

}  // namespace racebed::models
