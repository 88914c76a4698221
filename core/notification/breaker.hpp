// A circuit breaker for one endpoint: pure, told of every result, asked before every send. One sick
// notification (4xx) says nothing about an endpoint and must not be reported here as a failure.
#pragma once

#include <deque>

#include "core/notification/config.hpp"
#include "runtime/time.hpp"

namespace racebed::notification {

class Breaker {
 public:
  enum class State { closed = 0, half_open = 1, open = 2 };  // the numbers of the metric

  explicit Breaker(BreakerConfig config) : config_(config) {}

  State state(Instant now) const;
  /// Whether a send may start; of a half-open breaker only one at a time may.
  bool admits(Instant now) const;
  /// When it may admit again; meaningful while it does not because it is open.
  Instant open_until() const { return open_until_; }

  /// A send starts: exactly one of succeeded(), failed(), said_nothing() follows. Requires admits(now).
  void started(Instant now);
  void succeeded(Instant now);
  void failed(Instant now);
  /// Its result says nothing about the endpoint (4xx, cancelled).
  void said_nothing();

 private:
  void open(Instant now);
  void note(bool failure);

  BreakerConfig config_;
  bool open_ = false;  // open, or half-open once open_until_ is past
  Instant open_until_{};
  Duration open_for_{0};
  int in_a_row_ = 0;
  std::deque<bool> window_;  // the last results while closed; true: failure
  int half_open_successes_ = 0;
  bool trial_ = false;  // the one request of a half-open breaker is on its way
};

const char* to_text(Breaker::State state);

}  // namespace racebed::notification
