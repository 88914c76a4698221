#include "experiments/subjects/notification_2026_08_breaker.hpp"

namespace racebed::experiments::august_2026 {

Breaker::Breaker(Instant now, OnChange on_change) : on_change_(std::move(on_change)) {
  new_generation(now);
}

void Breaker::new_generation(Instant now) {
  ++generation_;
  requests_ = successes_in_a_row_ = failures_in_a_row_ = 0;
  expires_ = state_ != State::half_open;
  expiry_ = now + (state_ == State::open ? kTimeout : kInterval);
}

void Breaker::set_state(State to, Instant now) {
  if (state_ == to) return;
  state_ = to;
  new_generation(now);
  if (on_change_) on_change_(to);
}

void Breaker::refresh(Instant now) {
  if (!expires_ || !(expiry_ < now)) return;
  if (state_ == State::open) {
    set_state(State::half_open, now);
  } else {
    new_generation(now);
  }
}

Breaker::State Breaker::state(Instant now) {
  refresh(now);
  return state_;
}

Breaker::Ticket Breaker::before_request(Instant now) {
  refresh(now);
  if (state_ == State::open) return {Admission::open_state, generation_};
  if (state_ == State::half_open && requests_ >= kMaxRequests)
    return {Admission::too_many_requests, generation_};
  ++requests_;
  return {Admission::granted, generation_};
}

void Breaker::after_request(std::uint64_t generation, bool success, Instant now) {
  refresh(now);
  if (generation != generation_) return;
  if (success) {
    ++successes_in_a_row_;
    failures_in_a_row_ = 0;
    if (state_ == State::half_open && successes_in_a_row_ >= kMaxRequests) set_state(State::closed, now);
    return;
  }
  ++failures_in_a_row_;
  successes_in_a_row_ = 0;
  if (state_ == State::half_open || failures_in_a_row_ >= kTripAfter) set_state(State::open, now);
}

Breaker& Breakers::named(const std::string& name) {
  const auto known = breakers_.find(name);
  if (known != breakers_.end()) return known->second;
  const auto tell = [this, name](Breaker::State to) {
    if (on_change_) on_change_(name, to);
  };
  return breakers_.emplace(name, Breaker(clock_.steady_now(), tell)).first->second;
}

bool Breakers::is_open(const std::string& name) {
  return named(name).state(clock_.steady_now()) == Breaker::State::open;
}

}  // namespace racebed::experiments::august_2026
