// What the Slack endpoint asks before it accepts a connection and before it answers a request. Calm weather
// is a complete answer; faults give others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/http/tls_verdict.hpp"
#include "runtime/byte_stream.hpp"
#include "runtime/time.hpp"

namespace racebed::models {

struct SlackVerdict {
  enum class Outcome {
    answer,             // accept the message and say so
    refuse,             // do not accept it; answer `status`
    accept_then_lose,   // accept it, then close the connection without an answer
    drop,               // close the connection without accepting anything
    accept_then_refuse  // accept it and answer `status` all the same: a server that fails too late
  } outcome = Outcome::answer;
  /// Of a refusal, 200 to 599. 200 is how chat.postMessage says no, with `error`.
  int status = 0;
  /// Slack's word for a refusal: "ratelimited", "no_service" ...; empty: "refused". In the body as text, or
  /// as {"ok":false,"error":...} in the Web API.
  std::string error{};
  std::optional<Duration> retry_after{};  // of a refusal, in whole seconds
  bool retry_after_as_date = false;       // as an HTTP-date, by the endpoint's own clock
  std::string location{};                 // of a 3xx
  bool proxy_page = false;                // a refusal's body is a proxy's page, in words of its own
  std::size_t page_bytes = 0;             // ... of at least so many bytes
  /// Of the answer, when there is one.
  enum class Body {
    whole,
    malformed,         // complete, but not what Slack says
    cut,               // the connection closes in the middle of it
    stalled,           // the rest never comes; the connection stays open
    stalled_head,      // the same in the middle of the header
    slow_head,         // header and body come one byte in an `interval`
    slow_body,         // the header at once, the body one byte in an `interval`
    length_too_great,  // Content-Length promises ten bytes more than come; then the connection closes
    length_too_small,  // Content-Length promises half of what comes
    bad_json,          // complete, and JSON that breaks off
    huge,              // a MiB of white space before it
    huge_head,         // a header of 64 KiB
    interim_first,     // "100 Continue" and "103 Early Hints" before it
    not_http           // bytes that are no HTTP, in place of all of it; then the connection closes
  } body = Body::whole;
  Duration before_acceptance{0};  // added to the endpoint's own thinking time
  Duration before_answer{0};
  Duration interval{std::chrono::seconds{1}};  // of slow_head and slow_body
  CloseKind close_kind = CloseKind::graceful;  // how the connection ends where this verdict ends it
};

/// A page for people that the endpoint's host has, too: where redirects lead that are not for programs.
inline constexpr std::string_view kSignInPage = "/signin";

/// What becomes of a kept-alive connection when the next request on it arrives.
enum class ReuseVerdict {
  serve,
  close,  // FIN, as if its idle time had been over a moment ago
  reset   // RST
};

class SlackPolicy {
 public:
  virtual ~SlackPolicy() = default;
  virtual ChainKind chain(std::uint64_t /*connection*/) { return ChainKind::good; }
  /// Asked for each connection when it is accepted, where TLS is on.
  virtual TlsVerdict tls(std::uint64_t connection) { return {.chain = chain(connection)}; }
  /// Asked for each request that would post a message.
  virtual SlackVerdict post(std::uint64_t /*connection*/) { return {}; }
  /// Asked for each request for the history; before_answer, and the outcomes refuse and drop, apply.
  virtual SlackVerdict history(std::uint64_t /*connection*/) { return {}; }
  /// Asked when the first byte of a request arrives on a connection that has served one before.
  virtual ReuseVerdict reuse(std::uint64_t /*connection*/) { return ReuseVerdict::serve; }
};

}  // namespace racebed::models
