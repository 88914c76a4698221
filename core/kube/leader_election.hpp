// Lease-based leader election with client-go's algorithm, order of calls and defaults; decisions in
// leader_election_step.hpp. It gives no fencing: who acts as leader must check remaining() before, and hang
// what it writes on resourceVersions.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>

#include "core/kube/client.hpp"
#include "core/kube/leader_election_step.hpp"
#include "core/obs/log.hpp"
#include "runtime/event.hpp"
#include "runtime/runtime.hpp"

namespace racebed::kube {

/// Called from the elector's task; must not block.
struct ElectionCallbacks {
  std::function<void()> on_started_leading;
  /// Only after on_started_leading (client-go calls it even when leadership was never won; we do not).
  std::function<void()> on_stopped_leading;
  std::function<void(const std::string& holder)> on_new_leader;
};

enum class ElectionEnd {
  lost,    // the lease could not be renewed in time, or somebody else holds it
  stopped  // by stop()
};

class LeaderElector {
 public:
  LeaderElector(Runtime& runtime, Client& client, ElectionOptions options, obs::Logger log);

  /// Acquires, renews, and ends when leadership is lost or stop() was called. After stop() the lease is
  /// *kept*: call release() once the work has ended. (client-go releases while the work may still run: spec
  /// R10 (d).)
  asio::awaitable<ElectionEnd> run(ElectionCallbacks callbacks);
  /// Makes run() return soon: after the call in flight, which it does not interrupt.
  void stop();
  /// Gives the lease back if it still is ours, within renew_deadline, retrying on conflict.
  asio::awaitable<void> release();

  bool is_leader() const { return leading_ && step_.is_leader(); }
  /// The lease is ours as far as we know, whether run() still leads by it or has been stopped.
  bool holds_lease() const { return step_.is_leader(); }
  /// How long this process may still consider itself surely the leader, by its own steady clock; <= 0 when it
  /// may not. See LeaderElectionStep::surely_until.
  Duration remaining() const;
  /// client-go's health check: false when leading although the lease ran out more than `tolerance` ago.
  bool healthy(Duration tolerance) const;
  const std::string& holder() const { return step_.observed_holder(); }

 private:
  asio::awaitable<bool> round(Instant deadline);
  asio::awaitable<void> perform(Instant deadline);
  asio::awaitable<bool> acquire();
  asio::awaitable<void> renew();
  asio::awaitable<bool> renew_within_deadline();
  void report_holder();
  LeaderElectionStep::Moment moment() const;

  Runtime& runtime_;
  Client& client_;
  ElectionOptions options_;
  obs::Logger log_;
  LeaderElectionStep step_;
  ElectionCallbacks callbacks_;
  std::string reported_holder_;
  Resource resource_;
  Event stop_event_;
  bool stopping_ = false;
  bool leading_ = false;
};

}  // namespace racebed::kube
