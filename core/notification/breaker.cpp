#include "core/notification/breaker.hpp"

#include <algorithm>

#include "runtime/assert.hpp"

namespace racebed::notification {

const char* to_text(Breaker::State state) {
  switch (state) {
    case Breaker::State::closed:
      return "closed";
    case Breaker::State::half_open:
      return "half-open";
    case Breaker::State::open:
      return "open";
  }
  return "closed";
}

Breaker::State Breaker::state(Instant now) const {
  if (!open_) return State::closed;
  return now < open_until_ ? State::open : State::half_open;
}

bool Breaker::admits(Instant now) const {
  const State current = state(now);
  return current == State::closed || (current == State::half_open && !trial_);
}

void Breaker::started(Instant now) {
  RACEBED_ASSERT(admits(now), "a send starts only when its breaker admits it");
  if (open_) trial_ = true;
}

void Breaker::succeeded(Instant now) {
  if (!open_) {
    note(false);
    return;
  }
  // A send that began before the breaker opened says nothing of the time since.
  if (!trial_ || now < open_until_) return;
  trial_ = false;
  if (++half_open_successes_ < config_.successes_to_close) return;
  open_ = false;
  open_for_ = Duration{0};
  in_a_row_ = 0;
  window_.clear();
}

void Breaker::failed(Instant now) {
  if (open_) {
    if (trial_ && now >= open_until_) open(now);
    return;
  }
  note(true);
  const auto failures = std::count(window_.begin(), window_.end(), true);
  const bool ratio =
      static_cast<int>(window_.size()) == config_.window && failures >= config_.failures_in_window;
  if (in_a_row_ >= config_.consecutive_failures || ratio) open(now);
}

void Breaker::said_nothing() {
  trial_ = false;
}

void Breaker::open(Instant now) {
  open_for_ = open_ ? std::min(config_.open_max, open_for_ * 2) : config_.open_initial;
  open_ = true;
  open_until_ = now + open_for_;
  half_open_successes_ = 0;
  trial_ = false;
  in_a_row_ = 0;
  window_.clear();
}

void Breaker::note(bool failure) {
  in_a_row_ = failure ? in_a_row_ + 1 : 0;
  window_.push_back(failure);
  if (static_cast<int>(window_.size()) > config_.window) window_.pop_front();
}

}  // namespace racebed::notification
