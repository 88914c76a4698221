#include "core/net/pool_step.hpp"

#include "runtime/assert.hpp"

namespace racebed::net {

PoolStep::Decision PoolStep::acquire(Instant now) {
  if (waiting_.empty()) {
    if (const Decision taken = take(now); taken.action != Decision::Action::wait) return taken;
  }
  waiting_.push_back(++last_ticket_);
  return {Decision::Action::wait, 0, last_ticket_};
}

PoolStep::Decision PoolStep::try_again(Ticket ticket, Instant now) {
  RACEBED_ASSERT(!waiting_.empty(), "who tries again has been waiting");
  if (waiting_.front() == ticket) {
    if (const Decision taken = take(now); taken.action != Decision::Action::wait) {
      waiting_.pop_front();
      return taken;
    }
  }
  return {Decision::Action::wait, 0, ticket};
}

void PoolStep::give_up(Ticket ticket) {
  std::erase(waiting_, ticket);
}

PoolStep::Decision PoolStep::take(Instant now) {
  if (!idle_.empty() && idle_.back().since + idle_timeout_ > now) {
    const Id connection = idle_.back().connection;
    idle_.pop_back();
    ++busy_;
    return {Decision::Action::reuse, connection, 0};
  }
  if (open() >= max_) return {};
  ++busy_;
  RACEBED_ASSERT(open() <= max_, "a pool keeps to its limit");
  return {Decision::Action::open, ++last_connection_, 0};
}

void PoolStep::release(Id connection, bool reusable, Instant now) {
  RACEBED_ASSERT(busy_ > 0, "a connection that is released was in use");
  --busy_;
  if (reusable) idle_.push_back({connection, now});
}

void PoolStep::lose(Id connection) {
  const auto lost = std::erase_if(idle_, [&](const Idle& idle) { return idle.connection == connection; });
  RACEBED_ASSERT(lost == 1, "a connection that is lost was idle");
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
