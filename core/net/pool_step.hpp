// Which connection a request gets: the decisions of the pool for one endpoint, without I/O. A connection is a
// number here; the client keeps the streams.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "runtime/time.hpp"

namespace racebed::net {

class PoolStep {
 public:
  using Id = std::uint64_t;
  PoolStep(std::size_t connections_max, Duration idle_timeout)
      : max_(connections_max), idle_timeout_(idle_timeout) {}

  struct Decision {
    enum class Action { reuse, open, wait } action = Action::wait;
    Id connection = 0;  // to reuse, or the new one's number
  };
  /// For a request that needs a connection now. The youngest idle one is reused: it is the likeliest to be
  /// alive.
  Decision acquire(Instant now);
  /// The request is over. A connection that is not `reusable` is gone.
  void release(Id connection, bool reusable, Instant now);
  /// The idle connections that have been unused for too long: they are gone, close them.
  std::vector<Id> expire(Instant now);
  /// When expire() next has something to do; nothing while none is idle.
  std::optional<Instant> next_expiry() const;

  std::size_t open() const { return busy_ + idle_.size(); }
  std::size_t idle() const { return idle_.size(); }

 private:
  struct Idle {
    Id connection;
    Instant since;
  };
  std::size_t max_;
  Duration idle_timeout_;
  std::size_t busy_ = 0;
  std::deque<Idle> idle_;  // oldest first
  Id last_ = 0;
};

}  // namespace racebed::net
