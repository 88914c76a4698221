// How long a controller may wait before it does what is due: what is in its way, and what it must first find
// out.
#pragma once

#include <string>
#include <vector>

#include "experiments/invariants/weather.hpp"

namespace racebed::experiments {

class Patience {
 public:
  void on_fact(const models::Fact& fact);
  const Weather& weather() const { return weather_; }

  /// When the last thing that was in the way, up to `now`, was over.
  Time trouble_over(Time now) const { return weather_.last_trouble(now, {"user-"}); }
  /// What may come on top of a backoff: an open breaker (5 min at most), where the endpoint has failed often
  /// enough for one; and, unless the channel surely has nothing of it (`surely_refused`), the question
  /// whether an earlier send arrived (its time-out of 20 s, and a minute until the channel can be asked
  /// again).
  Duration doubts(bool surely_refused) const;
  /// Whether a handshake failed in [from, to].
  bool handshakes_failed(Time from, Time to) const;
  /// Whether one failed that had come to a certificate: a reason to give up, which a connection that broke
  /// off before is not.
  bool certificates_refused(Time from, Time to) const;
  /// Whether Slack said in [from, to] that something is no message. Nobody knows whose it was.
  bool refused_as_no_message(Time from, Time to) const;
  /// So often an endpoint failed: answers, connections, handshakes.
  std::size_t failures() const { return failures_; }

 private:
  Weather weather_;
  std::size_t failures_ = 0;
  std::vector<Time> handshakes_failed_;
  std::vector<Time> certificates_refused_;
  std::vector<Time> no_messages_;
};

}  // namespace racebed::experiments
