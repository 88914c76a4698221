// The circuit breakers of the controller of 2026-08 (notification.md C.3): sony/gobreaker v2 under one
// manager, one breaker for each name.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "runtime/time.hpp"

namespace racebed::experiments::august_2026 {

/// gobreaker.CircuitBreaker. Time is handed in; nothing happens between calls.
class Breaker {
 public:
  enum class State { closed = 0, half_open = 1, open = 2 };  // gobreaker's numbers
  enum class Admission { granted, open_state, too_many_requests };
  using OnChange = std::function<void(State to)>;

  static constexpr std::uint32_t kTripAfter = 3;    // failures in a row
  static constexpr std::uint32_t kMaxRequests = 2;  // let in when half-open, and successes that close it
  static constexpr Duration kInterval = std::chrono::seconds{10};  // of one counting window when closed
  static constexpr Duration kTimeout = std::chrono::seconds{30};   // open

  Breaker(Instant now, OnChange on_change);

  State state(Instant now);
  struct Ticket {
    Admission admission = Admission::granted;
    std::uint64_t generation = 0;  // to be handed back with the result
  };
  Ticket before_request(Instant now);
  void after_request(std::uint64_t generation, bool success, Instant now);

 private:
  void refresh(Instant now);
  void set_state(State to, Instant now);
  void new_generation(Instant now);

  OnChange on_change_;
  State state_ = State::closed;
  std::uint64_t generation_ = 0;
  std::uint32_t requests_ = 0;
  std::uint32_t successes_in_a_row_ = 0;
  std::uint32_t failures_in_a_row_ = 0;
  Instant expiry_{};
  bool expires_ = false;
};

/// Breakers by name, made at their first use.
class Breakers {
 public:
  using OnChange = std::function<void(const std::string& name, Breaker::State to)>;
  Breakers(Clock& clock, OnChange on_change) : clock_(clock), on_change_(std::move(on_change)) {}
  bool is_open(const std::string& name);
  Breaker& named(const std::string& name);

 private:
  Clock& clock_;
  OnChange on_change_;
  std::map<std::string, Breaker> breakers_;
};

}  // namespace racebed::experiments::august_2026
