// What the Slack endpoint asks before it accepts a connection and before it answers a request. Calm weather
// is a complete answer; faults give others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/ca/certificate_authority.hpp"
#include "runtime/time.hpp"

namespace racebed::models {

struct SlackVerdict {
  enum class Outcome {
    answer,            // accept the message and say so
    refuse,            // do not accept it; answer `status`
    accept_then_lose,  // accept it, then close the connection without an answer
    drop               // close the connection without accepting anything
  } outcome = Outcome::answer;
  int status = 0;
  std::optional<Duration> retry_after{};
  /// Of the answer, when there is one.
  enum class Body {
    whole,
    malformed,  // complete, but not what Slack says
    cut,        // the connection closes in the middle of it
    stalled     // the rest never comes; the connection stays open
  } body = Body::whole;
  Duration before_acceptance{0};  // added to the endpoint's own thinking time
  Duration before_answer{0};
};

class SlackPolicy {
 public:
  virtual ~SlackPolicy() = default;
  virtual ChainKind chain(std::uint64_t /*connection*/) { return ChainKind::good; }
  /// Asked for each request that would post a message.
  virtual SlackVerdict post(std::uint64_t /*connection*/) { return {}; }
};

}  // namespace racebed::models
