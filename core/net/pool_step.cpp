#include "core/net/pool_step.hpp"

#include "runtime/assert.hpp"

namespace racebed::net {

PoolStep::Decision PoolStep::acquire(Instant now) {
  if (!idle_.empty() && idle_.back().since + idle_timeout_ > now) {
    const Id connection = idle_.back().connection;
    idle_.pop_back();
    ++busy_;
    return {Decision::Action::reuse, connection};
  }
  if (open() >= max_) return {Decision::Action::wait, 0};
  ++busy_;
  return {Decision::Action::open, ++last_};
}

void PoolStep::release(Id connection, bool reusable, Instant now) {
  RACEBED_ASSERT(busy_ > 0, "a connection that is released was in use");
  --busy_;
  if (reusable) idle_.push_back({connection, now});
}

std::vector<PoolStep::Id> PoolStep::expire(Instant now) {
  std::vector<Id> gone;
  while (!idle_.empty() && idle_.front().since + idle_timeout_ <= now) {
    gone.push_back(idle_.front().connection);
    idle_.pop_front();
  }
  return gone;
}

std::optional<Instant> PoolStep::next_expiry() const {
  if (idle_.empty()) return std::nullopt;
  return idle_.front().since + idle_timeout_;
}

}  // namespace racebed::net
