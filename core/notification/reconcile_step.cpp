#include "core/notification/reconcile_step.hpp"

#include <algorithm>

#include "core/notification/draft.hpp"

namespace racebed::notification {
namespace {

/// The earliest of several moments to look again.
class Wake {
 public:
  void after(Duration delay) {
    delay = std::max(delay, Duration{1});
    delay_ = delay_ ? std::min(*delay_, delay) : delay;
  }
  Action action() const {
    Action action;
    if (!delay_) return action;
    action.kind = Action::Kind::wait;
    action.delay = *delay_;
    return action;
  }

 private:
  std::optional<Duration> delay_;
};

/// Another process, or time itself, may let us send later.
constexpr Duration kMayNotSendDelay = std::chrono::seconds{1};

Action act(Action::Kind kind, const std::string& channel, int attempt) {
  Action action;
  action.kind = kind;
  action.channel = channel;
  action.attempt = attempt;
  return action;
}

Action write(Status status, std::string intent_of = {}) {
  Action action;
  action.kind = Action::Kind::write;
  action.status = std::move(status);
  action.channel = std::move(intent_of);
  return action;
}

/// What is left of the wait for the next attempt. As the wall clock says, and no longer than was planned when
/// the last attempt was recorded: the clock may have been set back since.
Duration wait_for(const StepInput& input, const Draft& draft, const ChannelStatus& channel) {
  const Duration by_clock = *channel.next_attempt - input.wall;
  const auto memory = input.memory.channels.find(channel.channel);
  const auto& attempts = draft.status.attempts;
  const auto last = std::find_if(attempts.rbegin(), attempts.rend(),
                                 [&](const Attempt& attempt) { return attempt.channel == channel.channel; });
  if (memory == input.memory.channels.end() || !memory->second.wait || last == attempts.rend())
    return by_clock;
  const ChannelMemory::Wait& seen = *memory->second.wait;
  const auto begun = parse_rfc3339(last->timestamp);
  if (!begun || seen.until != *channel.next_attempt) return by_clock;
  return std::min(by_clock, *channel.next_attempt - *begun - (input.now - seen.first_seen));
}

/// Whether `channel` is due: open, nothing pending, its time come, admitted. Notes when to look again
/// otherwise.
bool is_due(const StepInput& input, const Draft& draft, const ChannelStatus& channel, Wake& wake) {
  if (channel.is_final() || draft.status.find_pending(channel.channel) != nullptr) return false;
  if (channel.next_attempt) {
    const Duration wait = wait_for(input, draft, channel);
    if (wait > Duration{0}) wake.after(std::min(wait, draft.deadline - input.wall));
    if (wait > Duration{0}) return false;
  }
  const ChannelView& view = input.channels.at(channel.channel);
  if (!view.admitted) {
    wake.after(std::min(view.retry_in, draft.deadline - input.wall));
    return false;
  }
  return true;
}

/// The next thing to do about a pending attempt, when the stored status already is what we want.
std::optional<Action> about_pending(const StepInput& input, const Draft& draft, const Attempt& pending,
                                    Wake& wake) {
  const ChannelView& view = input.channels.at(pending.channel);
  if (draft.is_ours_to_send(pending)) {
    if (input.may_send && view.admitted) return act(Action::Kind::send, pending.channel, pending.number);
    // Its breaker may have opened since the intent was recorded. The intent waits until it is stale; then it
    // is a send that was not made.
    wake.after(input.may_send ? std::min(view.retry_in, input.config.intent_fresh) : kMayNotSendDelay);
    return std::nullopt;
  }
  const auto memory = input.memory.channels.find(pending.channel);
  if (memory == input.memory.channels.end() || !memory->second.doubt) return std::nullopt;
  const ChannelMemory::Doubt& doubt = *memory->second.doubt;
  const Instant old_enough = std::max(doubt.first_seen + doubt_age(view, input.config), doubt.ask_again);
  if (input.now < old_enough) {
    wake.after(std::min(old_enough - input.now, std::max(draft.deadline - input.wall, Duration{1})));
    return std::nullopt;
  }
  return act(Action::Kind::ask, pending.channel, pending.number);
}

}  // namespace

Duration doubt_age(const ChannelView& channel, const DeliveryConfig& config) {
  constexpr Duration kMargin = std::chrono::seconds{1};  // the write's own way, and clocks of unequal rate
  return channel.send_timeout + config.intent_fresh + kMargin;
}

bool is_certificate_failure(net::ErrorClass error_class) {
  switch (error_class) {
    case net::ErrorClass::tls_expired:
    case net::ErrorClass::tls_not_yet_valid:
    case net::ErrorClass::tls_host_mismatch:
    case net::ErrorClass::tls_self_signed:
    case net::ErrorClass::tls_unknown_authority:
    case net::ErrorClass::tls_other:
      return true;
    default:
      return false;
  }
}

Action decide(const StepInput& input) {
  const Status stored = read_status(input.object);
  if (is_terminal(stored.phase)) return {};
  const bool deleting = input.object.is_deleting();
  if (stored.phase == Phase::none) return deleting ? Action{} : write(first_status(input));

  Draft draft(input, stored);
  draft.fold();
  Wake wake;
  if (!deleting) {
    // One intent at a time: a crash leaves at most one channel in doubt.
    const bool sends_first = std::any_of(draft.status.attempts.begin(), draft.status.attempts.end(),
                                         [&](const Attempt& a) { return draft.is_ours_to_send(a); });
    for (const ChannelStatus& channel : std::vector<ChannelStatus>(draft.status.channels)) {
      if (sends_first || !input.may_send || !is_due(input, draft, channel, wake)) continue;
      // Beside others, only the write of an intent, on the very version that was read, lets one of them win.
      if (!needs_intent(input.channels.at(channel.channel).guarantee) && input.alone) continue;
      draft.add_intent(channel.channel);
      draft.conclude();
      return write(std::move(draft.status), channel.channel);
    }
  }
  draft.conclude();
  if (draft.status != stored) return write(std::move(draft.status));
  if (deleting) return {};

  for (const Attempt& attempt : draft.status.attempts) {
    if (attempt.status != AttemptStatus::pending || !input.channels.contains(attempt.channel)) continue;
    if (auto action = about_pending(input, draft, attempt, wake)) return *action;
  }
  for (const ChannelStatus& channel : draft.status.channels) {
    if (!is_due(input, draft, channel, wake)) continue;
    if (!input.may_send) {
      wake.after(kMayNotSendDelay);
      continue;
    }
    return act(Action::Kind::send, channel.channel, draft.status.next_number(channel.channel));
  }
  return wake.action();
}

}  // namespace racebed::notification
