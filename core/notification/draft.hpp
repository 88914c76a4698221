// The status that should be stored, made from the one that is: the arithmetic behind reconcile_step.
#pragma once

#include "core/notification/reconcile_step.hpp"
#include "core/notification/retry_policy.hpp"

namespace racebed::notification {

/// Phase Pending, for an object that has no status yet.
Status first_status(const StepInput& input);

class Draft {
 public:
  Draft(const StepInput& input, const Status& stored);

  /// Takes in unrecorded results, settled doubts, unsupported channels and the deadline.
  void fold();
  /// Adds a pending attempt of `channel`, marked as this process's.
  void add_intent(const std::string& channel);
  /// Sets the phase that follows from the channels. Idempotent.
  void conclude();

  /// A pending attempt that this process recorded just now and has not begun to send.
  bool is_ours_to_send(const Attempt& attempt) const;

  Status status;
  Time deadline;

 private:
  void fold_channel(ChannelStatus& channel);
  void fold_finished(ChannelStatus& channel, const ChannelMemory::Finished& finished);
  void fold_pending(ChannelStatus& channel, Attempt& pending);
  void succeed(ChannelStatus& channel, Attempt& record);
  /// The attempt failed by `result`: costs budget.
  void fail(ChannelStatus& channel, Attempt& record, const ChannelMemory::Finished& finished);
  /// The attempt was not made, or nobody will know: costs none.
  void interrupt(ChannelStatus& channel, Attempt& record, std::string why);
  void give_up(ChannelStatus& channel, std::string why);
  void verdict();
  bool is_settled_doubt(const ChannelStatus& channel) const;
  const ChannelMemory* memory_of(const std::string& channel) const;
  const ChannelView& view_of(const ChannelStatus& channel) const {
    return input_.channels.at(channel.channel);
  }

  const StepInput& input_;
  RetryPolicy policy_;
};

}  // namespace racebed::notification
