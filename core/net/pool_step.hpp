// Which connection a request gets, and who waits for one: the decisions of the pool for one endpoint, without
// I/O. A connection is a number here; the client keeps the streams.
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
  using Ticket = std::uint64_t;
  PoolStep(std::size_t connections_max, Duration idle_timeout)
      : max_(connections_max), idle_timeout_(idle_timeout) {}

  struct Decision {
    enum class Action { reuse, open, wait } action = Action::wait;
    Id connection = 0;  // to reuse, or the new one's number
    Ticket ticket = 0;  // the place in the queue of one who waits
  };
  /// For a request that needs a connection now. The youngest idle one is reused: it is the likeliest to be
  /// alive. Nobody overtakes those who wait.
  Decision acquire(Instant now);
  /// The same for one who waits, to be asked whenever a connection or a place may have become free. The
  /// ticket is void once the answer is not `wait`.
  Decision try_again(Ticket ticket, Instant now);
  /// The request no longer waits. Nothing happens if it had been served.
  void give_up(Ticket ticket);
  /// The request is over. A connection that is not `reusable` is gone.
  void release(Id connection, bool reusable, Instant now);
  /// An idle connection has ended.
  void lose(Id connection);
  /// The idle connections that have been unused for too long: they are gone, close them.
  std::vector<Id> expire(Instant now);
  /// When expire() next has something to do; nothing while none is idle.
  std::optional<Instant> next_expiry() const;

  std::size_t open() const { return busy_ + idle_.size(); }
  std::size_t idle() const { return idle_.size(); }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  Decision take(Instant now);
  struct Idle {
    Id connection;
    Instant since;
  };
  std::size_t max_;
  Duration idle_timeout_;
  std::size_t busy_ = 0;
  std::deque<Idle> idle_;       // oldest first
  std::deque<Ticket> waiting_;  // longest first
  Id last_connection_ = 0;
  Ticket last_ticket_ = 0;
};

}  // namespace racebed::net
